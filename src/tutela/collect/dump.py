"""The dump of one channel: lines that are only ever added, and what they say about where reading stands."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from tutela.collect.errors import CollectError, explained
from tutela.collect.records import DELETED, Record
from tutela.durable import PRIVATE, sync_folder, write_through

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
_FRONT = "Channel"


@dataclass(frozen=True, slots=True)
class Window:
    """Which messages are asked for again: those of the last `days` days, and the last `messages` in any case."""

    days: int = 7
    messages: int = 200


class _Line(msgspec.Struct):
    kind: str = msgspec.field(name="_")
    id: int
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    offset: int
    length: int
    date: datetime | None


class Dump:
    """One channel's file, open for one run.

    Everything known about the channel is read from the lines that the checkpoint vouches for; what lies behind them
    is cut off. `horizon` is the instant since when messages are asked for again. Raises `CollectError`.
    """

    def __init__(self, path: Path, size: int, acknowledge: Callable[[int], None], horizon: datetime, last: int) -> None:
        self._folder = path.parent
        self._size = size
        self._acknowledge = acknowledge
        self._horizon = horizon
        self._last = last
        self._front: _Place | None = None
        self._recent: dict[int, _Place] = {}
        self.cursor = 0
        with explained(self._folder):
            self._descriptor = os.open(path, _OPEN, PRIVATE)
            try:
                self._recover()
            except BaseException:
                self.close()
                raise

    @property
    def front(self) -> Record | None:
        """The latest line about the channel itself."""
        return None if self._front is None else self._line(self._front)

    @property
    def recent(self) -> list[int]:
        """The messages that are asked for again, oldest first; none that is known to be deleted."""
        return list(self._recent)

    def held(self, number: int) -> Record:
        """The latest version of a recent message."""
        return self._line(self._recent[number])

    def append(self, records: Sequence[Record]) -> None:
        """Adds lines; when it returns they are on disk and acknowledged. Raises `CollectError`."""
        if not records:
            return
        lines = [msgspec.json.encode(record) + b"\n" for record in records]
        with explained(self._folder):
            write_through(self._descriptor, b"".join(lines))
            self._acknowledge(self._size + sum(map(len, lines)))
        for line in lines:
            self._note(line)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)

    def _recover(self) -> None:
        there = os.fstat(self._descriptor).st_size
        if there < self._size:
            raise _damaged(self._folder, "is shorter than what was written")
        if there > self._size:  # lines that were never acknowledged, the last of them perhaps torn
            os.ftruncate(self._descriptor, self._size)
            os.fsync(self._descriptor)
        sync_folder(self._folder)
        self._size = 0
        for line in self._lines():
            self._note(line)

    def _lines(self) -> Iterator[bytes]:
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            yield from file

    def _note(self, line: bytes) -> None:
        try:
            known = msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError as error:
            raise _damaged(self._folder, "holds a line that no collection wrote") from error
        place = _Place(self._size, len(line), known.date)
        self._size += len(line)
        if known.kind == _FRONT:
            self._front = place
        elif known.kind == DELETED:
            self._recent.pop(known.id, None)
            self.cursor = max(self.cursor, known.id)
        else:
            if known.id > self.cursor or known.id in self._recent:
                self._recent[known.id] = place
            self.cursor = max(self.cursor, known.id)
            self._forget()

    def _forget(self) -> None:
        while len(self._recent) > self._last:
            oldest = next(iter(self._recent))
            date = self._recent[oldest].date
            if date is not None and date >= self._horizon:
                return
            del self._recent[oldest]

    def _line(self, place: _Place) -> Record:
        with explained(self._folder):
            content = os.pread(self._descriptor, place.length, place.offset)
        return msgspec.json.decode(content, type=Record)


def horizon(window: Window, now: datetime) -> datetime:
    """The instant since when messages are asked for again. Raises `CollectError` for a number of days out of range."""
    try:
        return now - timedelta(days=window.days)
    except OverflowError as error:
        raise CollectError(f"{window.days} days lie before the calendar", where="--recheck-days") from error


def _damaged(folder: Path, what: str) -> CollectError:
    remedy = "Restore the folder from a copy, or collect into a new one"
    return CollectError(f"a dump {what}", where=ascii(folder.name), remedy=remedy)
