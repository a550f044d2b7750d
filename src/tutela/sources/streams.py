"""The bytes of a source's file as one stream: hashed as they are on disk, then mended where that is needed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tutela.sources.errors import SourceError
from tutela.sources.mending import Mender, mended

_CHUNK = 1 << 16
_SLICE = 1 << 12
_LONGEST_LINE = 1 << 26


class MendedFile:
    """One pass over one file, as an iterator of mended pieces. Raises SourceError where it cannot be opened or read.

    Valid JSON is what mending leaves alone. Whoever can tell valid JSON as fast as it is read may thus take the text
    as it is on disk (`take_back`, `original`) and hand back the rest of it where anything is amiss (`put_back`).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mender = Mender()
        self.repaired = 0
        self._digest = hashlib.sha256()
        self._rest = memoryview(b"")
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise _unreadable(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while chunk := self._slice():
            if piece := self._mender.feed(chunk):
                return piece
        if piece := self._mender.finish():
            return piece
        raise StopIteration

    @property
    def repairs(self) -> int:
        """How much was mended so far, here or (`repaired`) by whoever took the text as it is."""
        return self._mender.repairs + self.repaired

    def original(self) -> bytes:
        """The next piece as it is on disk; empty at the end."""
        rest, self._rest = self._rest, memoryview(b"")
        return bytes(rest) or self._read()

    def take_back(self) -> bytes:
        """What went into the mender and did not come out yet; it stands before the next `original` piece."""
        return self._mender.take_back()

    def put_back(self, rest: bytes) -> None:
        """Has `rest` read next, before what `original` did not give yet."""
        self._rest = memoryview(rest + self._rest)

    def finish(self) -> str:
        """Reads what nobody asked for, and gives the SHA-256 of the whole original file in hex."""
        for _ in self:
            pass
        return self._digest.hexdigest()

    def first_byte(self) -> bytes:
        """The first byte that is no white space or byte order mark, without taking it; empty where there is none."""
        for chunk in iter(self.original, b""):
            if text := chunk.removeprefix(b"\xef\xbb\xbf").lstrip():
                self.put_back(chunk)
                return text[:1]
        return b""

    def lines(self) -> Iterator[bytes | None]:
        """One line at a time without its end, as it is on disk; None for one that is longer than 64 MiB."""
        held: list[bytes] = []
        size = 0
        for chunk in iter(self.original, b""):
            *whole, rest = chunk.split(b"\n")
            if whole:
                yield None if size > _LONGEST_LINE else b"".join([*held, whole[0]])
                yield from whole[1:]
                held, size = [], 0
            held.append(rest)
            size += len(rest)
            if size > _LONGEST_LINE:
                held.clear()
        if size:
            yield None if size > _LONGEST_LINE else b"".join(held)

    def _slice(self) -> bytes:
        """A little of what comes next: mending is slow, and often no more than a little of it is needed."""
        if not self._rest:
            self._rest = memoryview(self._read())
        piece, self._rest = self._rest[:_SLICE], self._rest[_SLICE:]
        return bytes(piece)

    def _read(self) -> bytes:
        try:
            chunk = self._file.read(_CHUNK) or b""
        except OSError as error:
            raise _unreadable(self._path, error) from error
        self._digest.update(chunk)
        return chunk


def head(path: Path, size: int) -> bytes:
    """The first `size` bytes, mended. Raises SourceError."""
    try:
        with path.open("rb") as file:
            return mended(file.read(size))[0]
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"cannot be read ({error.strerror})", where=ascii(str(path)), remedy="Check the path and its permissions"
    )
