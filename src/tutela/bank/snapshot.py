"""The matcher in one sealed file, so that opening a large bank need not decrypt each protection.

The file lies beside an SQLite bank; a bank on a server has one in the cache folder of each user and machine that opens
it. Each file has a key of its own, which stands in the database and nowhere else, wrapped by the bank's key. Whatever
takes something out of the bank deletes these rows in its own transaction: from then on nobody can read the files,
whether or not they could be deleted, too. The row of a new file is written in a transaction which finds that nothing
was taken out since the file's contents were. So no file ever holds what the bank has given up, however two processes
meet.
"""

import hashlib
import os
import platform
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from numpy.typing import NDArray

from tutela.bank.changes import removed_since
from tutela.bank.keyring import SNAPSHOT, Keyring
from tutela.cache import cache_folder
from tutela.durable import sync_folder
from tutela.index import IndexFileError
from tutela.store import Store, new_key, tables

Arrays = dict[str, NDArray[Any]]

_STALE_SECONDS = 24 * 3600
"""Drafts older than this belong to nobody any more: whoever wrote them was killed."""


class Snapshot:
    """The file at `path`, and the secret called `row` that opens it."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    @cached_property
    def path(self) -> Path:
        """Where the file is, or would be."""
        if self._store.path is not None:
            return self._store.path.with_name(f"{self._store.path.name}.index")
        with self._store.read() as connection:
            reference = connection.execute(sa.select(tables.bank.c.reference)).scalar_one()
        return cache_folder() / f"{reference}.index"

    @cached_property
    def row(self) -> str:
        """One name in a bank that is a file itself; else one for each machine and path."""
        if self._store.path is not None:
            return SNAPSHOT
        place = hashlib.sha256(f"{platform.node()}\0{self.path}".encode()).hexdigest()[:16]
        return f"{SNAPSHOT}/{place}"

    @property
    def possible(self) -> bool:
        """Whether this process may write the file and its row."""
        if self._store.path is None:
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return all(os.access(place, os.W_OK) for place in (self.path.parent, self._store.path or self.path.parent))

    def exists(self, connection: sa.Connection) -> bool:
        """Whether there is a file, and a row for it."""
        return self.path.exists() and self._keyring.has(connection, self.row)

    def read(self) -> Arrays | None:
        """What `write` wrote; None where there is no file, or no row for it.

        Raises `IndexFileError` for a file that the row does not open, `KeyWrong` for a row that the bank's key does
        not.
        """
        key = self._key()
        while key is not None and self.path.exists():
            from tutela.index import files

            try:
                return files.read(self.path, key)
            except IndexFileError:
                tried, key = key, self._key()
                if key == tried:  # otherwise another process has put a new file in its place meanwhile
                    raise
        return None

    def write(self, arrays: Mapping[str, NDArray[Any]], seen: int) -> bool:
        """Writes what a matcher had after change number `seen`; False where something was taken out of the bank since.

        Raises OSError or `BankUnusable`; the old file then stays, or none opens.
        """
        from tutela.index import files

        key = new_key()
        with _draft(self.path) as draft:
            files.write(draft, arrays, key)
            with self._store.write() as connection:
                if removed_since(connection, seen):
                    return False
                self._keyring.keep(connection, self.row, key)
                draft.replace(self.path)
                sync_folder(self.path.parent)
        return True

    def destroy(self, connection: sa.Connection) -> None:
        """Deletes the rows of all files in the caller's transaction, and the file here; nothing opens one then."""
        name = tables.secrets.c.name
        rows = sa.or_(name == SNAPSHOT, name.startswith(f"{SNAPSHOT}/"))
        connection.execute(tables.secrets.delete().where(rows))
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _key(self) -> bytes | None:
        with self._store.read() as connection:
            return self._keyring.held(connection, self.row)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A name for a new file beside `path`; what is left of it afterwards, and of others long ago, is deleted."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
        for other in path.parent.iterdir():
            if other.name.startswith((f"{path.name}.", f".{path.name}.")) and _stale(other):
                other.unlink(missing_ok=True)


def _stale(path: Path) -> bool:
    try:
        return path.stat().st_mtime < time.time() - _STALE_SECONDS
    except FileNotFoundError:
        return False
