"""The bytes of a source's file as one stream: hashed as they are on disk, then mended."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from tutela.sources.errors import SourceError
from tutela.sources.mending import Mender

_CHUNK = 1 << 16
_LONGEST_LINE = 1 << 26


class MendedFile:
    """One pass over one file. Raises SourceError where the file cannot be opened or read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mender = Mender()
        self._digest = hashlib.sha256()
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise _unreadable(path, error) from error
        self.chunks: Iterator[bytes] = self._mended()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def repairs(self) -> int:
        """How much was mended so far."""
        return self._mender.repairs

    def finish(self) -> str:
        """Reads what nobody asked for, and gives the SHA-256 of the whole original file in hex."""
        for _ in self.chunks:
            pass
        return self._digest.hexdigest()

    def first_byte(self) -> bytes:
        """The first byte that is no white space, without taking it; empty where there is none."""
        for chunk in self.chunks:
            if text := chunk.lstrip():
                self.chunks = chain([chunk], self.chunks)
                return text[:1]
        return b""

    def lines(self) -> Iterator[bytes | None]:
        """One line at a time without its end; None for one that is longer than 64 MiB."""
        held, too_long = b"", False
        for chunk in self.chunks:
            *whole, rest = chunk.split(b"\n")
            for line in whole:
                yield None if too_long else held + line
                held, too_long = b"", False
            too_long = too_long or len(held) + len(rest) > _LONGEST_LINE
            held = b"" if too_long else held + rest
        if held or too_long:
            yield None if too_long else held

    def _mended(self) -> Iterator[bytes]:
        while chunk := self._read():
            self._digest.update(chunk)
            if mended := self._mender.feed(chunk):
                yield mended
        if mended := self._mender.finish():
            yield mended

    def _read(self) -> bytes:
        try:
            return self._file.read(_CHUNK) or b""
        except OSError as error:
            raise _unreadable(self._path, error) from error


def head(path: Path, size: int) -> bytes:
    """The first `size` bytes, mended. Raises SourceError."""
    mender = Mender()
    try:
        with path.open("rb") as file:
            return mender.feed(file.read(size)) + mender.finish()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"cannot be read ({error.strerror})", where=ascii(path.name), remedy="Check the path and its permissions"
    )
