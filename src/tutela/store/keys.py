"""Where a bank's key comes from: a file with owner-only rights, or the environment.

A source gives a list, newest first: while a key is being replaced there are two, and a crash at any moment leaves at
least the one that the bank needs.
"""

import base64
import binascii
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tutela.durable import sync_folder
from tutela.store.errors import KeyMissing, KeyWrong
from tutela.store.sealing import KEY_BYTES, new_key

VARIABLE = "TUTELA_KEY"
FILE_VARIABLE = "TUTELA_KEY_FILE"
_HEADER = "tutela-key/1"


def key_id(key: bytes) -> str:
    """Names a key without giving it away: 16 hex digits of a hash."""
    return hashlib.sha256(b"tutela/key-id/1\0" + key).hexdigest()[:16]


class KeySource(Protocol):
    """Gives the keys that exist, and replaces them where it can."""

    @property
    def where(self) -> str:
        """For messages: the file or the variable."""

    def keys(self) -> list[bytes]:
        """All keys, newest first; empty where there is none. Raises `KeyWrong` where they cannot be read."""

    def create(self) -> bytes:
        """Makes the first key and keeps it durably before it returns. Raises `KeyMissing` where it cannot."""

    def replace(self, keys: list[bytes]) -> None:
        """Keeps exactly these keys from now on, durably. Raises `KeyMissing` where it cannot."""


class FileKeys:
    """Keys in a text file that only its owner may read, replaced atomically."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = str(path)

    def keys(self) -> list[bytes]:
        """See `KeySource`."""
        try:
            text = self._path.read_text("ascii")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise KeyWrong("the key file cannot be read", where=self.where, remedy="Check its rights") from error
        lines = text.split("\n")
        if lines[0] != _HEADER:
            raise KeyWrong("this is no key file of Tutela", where=self.where, remedy="Restore it from a backup")
        return [_decode(line, self.where) for line in lines[1:] if line]

    def create(self) -> bytes:
        """See `KeySource`. Where another process made one first, that one counts."""
        key = new_key()
        with self._drafted([key]) as draft:
            try:
                os.link(draft, self._path)  # unlike a rename, it fails where a key already is
            except FileExistsError:
                return self.keys()[0]
        return key

    def replace(self, keys: list[bytes]) -> None:
        """See `KeySource`."""
        with self._drafted(keys) as draft:
            draft.replace(self._path)

    @contextmanager
    def _drafted(self, keys: list[bytes]) -> Iterator[Path]:
        """The keys in a file that is on disk; it is gone afterwards, and what the block did with it is on disk too."""
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        text = "\n".join([_HEADER, *(base64.b64encode(key).decode() for key in keys), ""])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                _write_new(draft, text.encode())
                yield draft
            finally:
                draft.unlink(missing_ok=True)
            sync_folder(self._path.parent)
        except OSError as error:
            raise KeyMissing(
                f"the key file cannot be written ({error.strerror})",
                where=self.where,
                remedy="Check rights and free disk space",
            ) from error


class EnvironmentKeys:
    """Keys in the variable ``TUTELA_KEY``: base64 of 32 bytes; while replacing, ``new,old``."""

    where = VARIABLE

    def keys(self) -> list[bytes]:
        """See `KeySource`."""
        return [_decode(part.strip(), VARIABLE) for part in os.environ.get(VARIABLE, "").split(",") if part.strip()]

    def create(self) -> bytes:
        """Never: whoever sets the variable makes the key."""
        raise KeyMissing("the variable is empty", where=VARIABLE, remedy="Set it to base64 of 32 random bytes")

    def replace(self, keys: list[bytes]) -> None:
        """Changes nothing: the variable belongs to the operator, who has put the new key first beforehand."""
        if not set(keys) <= set(self.keys()):
            raise KeyMissing("there is no new key", where=VARIABLE, remedy="Set it to NEW,OLD and rotate again")


def key_source(bank_path: Path | None) -> KeySource:
    """The environment's key, else the key file it names, else the file beside the bank (``bank.db`` → ``bank.key``).

    Raises `KeyMissing` where none of these exists: a server's database has no file to stand beside.
    """
    if os.environ.get(VARIABLE):
        return EnvironmentKeys()
    if named := os.environ.get(FILE_VARIABLE):
        return FileKeys(Path(named))
    if bank_path is None:
        raise KeyMissing(
            "a bank on a database server needs a key", remedy=f"Set {FILE_VARIABLE} to a file path, or {VARIABLE}"
        )
    return FileKeys(bank_path.with_suffix(".key"))


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyWrong("this is no key: it must be base64 of 32 bytes", where=where, remedy="Restore the right one")
    return key


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
