"""The matcher in one sealed file, so that opening a large bank need not decrypt each protection.

Each file has a key of its own, which stands in the database and nowhere else, wrapped by the bank's key. Whatever takes
something out of the bank deletes that row in its own transaction: from then on nobody can read the file, whether or not
it could be deleted, too. The row of a new file is written in a transaction which finds that nothing was taken out since
the file's contents were. So the file never holds what the bank has given up, however two processes meet.
"""

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from numpy.typing import NDArray

from tutela.bank.changes import removed_since
from tutela.bank.keyring import SNAPSHOT, Keyring
from tutela.durable import sync_folder
from tutela.index import IndexFileError
from tutela.store import Store, new_key

Arrays = dict[str, NDArray[Any]]

_STALE_SECONDS = 24 * 3600
"""Drafts older than this belong to nobody any more: whoever wrote them was killed."""


class Snapshot:
    """The file at `path`, and the row that opens it; with None there never is one."""

    def __init__(self, store: Store, keyring: Keyring, path: Path | None) -> None:
        self._store = store
        self._keyring = keyring
        self._path = path

    @property
    def where(self) -> str:
        """The file, for messages."""
        return str(self._path)

    @property
    def possible(self) -> bool:
        """Whether this process may write the file and its row."""
        places = [] if self._path is None else [self._path.parent, self._store.path or self._path.parent]
        return bool(places) and all(os.access(place, os.W_OK) for place in places)

    def exists(self, connection: sa.Connection) -> bool:
        """Whether there is a file, and a row for it."""
        return self._path is not None and self._path.exists() and self._keyring.has(connection, SNAPSHOT)

    def read(self) -> Arrays | None:
        """What `write` wrote; None where there is no file, or no row for it.

        Raises `IndexFileError` for a file that the row does not open, `KeyWrong` for a row that the bank's key does
        not.
        """
        key = self._key()
        while key is not None and self._path is not None and self._path.exists():
            from tutela.index import files

            try:
                return files.read(self._path, key)
            except IndexFileError:
                tried, key = key, self._key()
                if key == tried:  # otherwise another process has put a new file in its place meanwhile
                    raise
        return None

    def write(self, arrays: Mapping[str, NDArray[Any]], seen: int) -> bool:
        """Writes what a matcher had after change number `seen`; False where something was taken out of the bank since.

        Raises OSError or `BankUnusable`; the old file then stays, or none opens.
        """
        if self._path is None:
            return False
        from tutela.index import files

        key = new_key()
        with _draft(self._path) as draft:
            files.write(draft, arrays, key)
            with self._store.write() as connection:
                if removed_since(connection, seen):
                    return False
                self._keyring.keep(connection, SNAPSHOT, key)
                draft.replace(self._path)
                sync_folder(self._path.parent)
        return True

    def destroy(self, connection: sa.Connection) -> None:
        """Deletes the row in the caller's transaction, and the file, which nothing opens without it."""
        self._keyring.forget(connection, SNAPSHOT)
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _key(self) -> bytes | None:
        with self._store.read() as connection:
            return self._keyring.held(connection, SNAPSHOT)


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
