"""From what a source yields to digests of it; a long export is digested by all cores while it is read."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple

from tutela.measures import Observer, digest, pack, unpack
from tutela.model import Channel, ChannelReading, Post, Pseudonym, Report
from tutela.scan.crew import Crew, CrewError, can_fork
from tutela.scan.digest import Bundle, Digest, made, recalled
from tutela.scan.shelves import Shelves
from tutela.sources import Item, Part, Run, Source
from tutela.texts import prepare

MOST = 4
"""Processes that digest; more would wait for the one that reads."""

_AHEAD = 2  # runs for each process that may be on their way: a megabyte of text each
_LONG = 8 << 20
"""Bytes in all sources from which on other processes are worth their start."""


class _Task(NamedTuple):
    """A run to be digested: of which source and channel, its texts, and the mask of its language sample."""

    source: int
    channel: Pseudonym
    texts: Sequence[bytes]
    mask: int


class _Asked(NamedTuple):
    """A run that is being digested."""

    task: _Task
    answer: Future[bytes]


class Digester:
    """Digests the runs of sources; a context manager that ends the processes it may have started.

    Where sources are long and `processes` more than one, so many are forked at once, before pictures are looked at by
    threads.
    """

    def __init__(self, sources: Sequence[Source], observer: Observer, shelves: Shelves | None, processes: int) -> None:
        self._sources = sources
        self._observer = observer
        self._shelves = shelves
        self._crew: Crew[_Task] | None = None
        self._ahead = _AHEAD * min(processes, MOST)
        if processes > 1 and can_fork() and sum(map(_size, sources)) >= _LONG:
            prepare()
            self._crew = Crew(min(processes, MOST), lambda task: pack(self._done(task).digest))

    def items(self, number: int) -> Iterator[Item | Bundle]:
        """What a source yields, in its order; runs as what was kept, or what is made of them, which is kept then."""
        source = self._sources[number]
        waiting: deque[Item | Bundle | _Asked] = deque()
        for part in source.parts(self._shelves.shelf if self._shelves else None, defer=self._crew is not None):
            waiting.append(self._digested(number, part))
            while waiting and (len(waiting) > self._ahead or _is_ready(waiting[0])):
                yield self._taken(waiting.popleft())
        while waiting:
            yield self._taken(waiting.popleft())

    def __enter__(self) -> "Digester":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._crew:
            self._crew.close()

    def _digested(self, number: int, part: Part) -> Item | Bundle | _Asked:
        match part:
            case Run():
                mask = self._observer.mask(part.channel)
                if self._crew is None or not part.texts:
                    return self._made(part, mask)
                task = _Task(number, part.channel, part.texts, mask)
                return _Asked(task, self._crew.ask(task))
            case Digest():
                return recalled(part, self._sources[number])
            case Channel() | ChannelReading() | Report() | Post():
                return part
        raise TypeError(type(part))

    def _done(self, task: _Task) -> Bundle:
        return self._made(self._sources[task.source].run(task.channel, task.texts), task.mask)

    def _made(self, run: Run, mask: int) -> Bundle:
        bundle = made(run, digest(run.posts, lambda _: mask))
        if self._shelves and run.texts:
            self._shelves.shelf(run.channel).keep(run.text, bundle.digest)
        return bundle

    def _taken(self, found: Item | Bundle | _Asked) -> Item | Bundle:
        if not isinstance(found, _Asked):
            return found
        task = found.task
        try:
            return recalled(unpack(found.answer.result(), Digest), self._sources[task.source])
        except CrewError:
            return self._done(task)


def _size(source: Source) -> int:
    """Bytes of the file that is read; a folder of media has no texts."""
    with suppress(OSError):
        return source.path.stat().st_size
    return 0


def _is_ready(found: Item | Bundle | _Asked) -> bool:
    return not isinstance(found, _Asked) or found.answer.done()
