"""Media bytes → fingerprint, with the picture decoded in a confined process."""

import atexit
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from threading import Lock
from types import TracebackType
from typing import TypeVar

from tutela.cores import cores
from tutela.fingerprints.answer import decode_answer
from tutela.fingerprints.detail import Detail
from tutela.fingerprints.exact import digests
from tutela.media import Limits, MediaError, WorkerPool, skipped
from tutela.model import Fingerprint, Parts, SkipCode, Skipped
from tutela.model.parts import DESCRIPTION_BYTES, LOOKED_AT, POINT_BYTES

WORKER = "tutela.fingerprints.worker"
AHEAD = 32
"""Groups that may wait for their turn."""

RECENT = 128
"""Fingerprints with parts that are kept for files that come again: an eighth of a megabyte each."""

Result = Fingerprint | Skipped
Load = Callable[[], bytes | Result] | Result
"""Loads one item: its bytes, or why they cannot be had. What is known beforehand stands for itself, at no cost."""

_Key = TypeVar("_Key")


class Fingerprinter:
    """Computes fingerprints on all cores; a context manager that ends its processes.

    `workers` is how many pictures are decoded at once (default: one for each core this process may use); `detail`, how
    much is computed of each.
    """

    def __init__(self, workers: int | None = None, limits: Limits | None = None, detail: Detail = Detail.PLAIN) -> None:
        self._workers = workers or cores()
        self._limits = limits or Limits()
        self._looks, self._closed = detail is Detail.LOOKUP, False
        self._recent = None if detail is Detail.PLAIN else _Recent()
        self._pool = WorkerPool(WORKER, self._limits, self._workers, (detail.value,))

    def fingerprint(self, data: bytes) -> Fingerprint | Skipped:
        """The fingerprint of one item, or why it has none. Never raises for what the bytes hold."""
        return self._with_look(self._fingerprint(data, deque()), lambda: data)

    def fingerprint_all(self, items: Iterable[tuple[_Key, Load]]) -> Iterator[tuple[_Key, Result]]:
        """Fingerprints many items in their order, all cores busy. Each item is a key and how to load its bytes."""
        for key, (result,) in self.fingerprint_groups((key, [load]) for key, load in items):
            yield key, result

    def fingerprint_groups(self, groups: Iterable[tuple[_Key, Sequence[Load]]]) -> Iterator[tuple[_Key, list[Result]]]:
        """Fingerprints groups of items (the pictures of a post, say; a group may be empty) in their order.

        Each worker has a thread, which computes digests and loads another item while the worker decodes, and then has
        it at hand: at most two files a worker are in memory at once. At most `AHEAD` groups wait.
        """
        waiting: deque[tuple[_Key, list[Future[Result] | Result]]] = deque()
        upcoming: deque[_Item] = deque()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="fingerprint") as threads:
            try:
                for key, loads in groups:
                    known = [load for load in loads if isinstance(load, Fingerprint | Skipped)]
                    if not waiting and len(known) == len(loads):
                        yield key, known  # most posts have no picture at hand: nothing to wait for
                        continue
                    items = [load if isinstance(load, Fingerprint | Skipped) else _Item(load) for load in loads]
                    upcoming.extend(item for item in items if isinstance(item, _Item))
                    waiting.append((key, [self._begun(threads, item, upcoming) for item in items]))
                    while waiting and (len(waiting) > AHEAD or not any(isinstance(e, Future) for e in waiting[0][1])):
                        yield _finished(waiting)
                while waiting:
                    yield _finished(waiting)
            finally:
                upcoming.clear()
                for _, begun in waiting:
                    for each in begun:
                        if isinstance(each, Future):
                            each.cancel()

    def close(self) -> None:
        """Ends the confined processes."""
        self._closed = True
        self._pool.close()

    def __enter__(self) -> "Fingerprinter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begun(
        self, threads: ThreadPoolExecutor, item: "_Item | Result", upcoming: "deque[_Item]"
    ) -> Future[Result] | Result:
        return threads.submit(self._finish, item, upcoming) if isinstance(item, _Item) else item

    def _finish(self, item: "_Item", upcoming: "deque[_Item]") -> Result:
        loaded = item.loaded()
        if not isinstance(loaded, bytes):
            return loaded
        return self._with_look(self._fingerprint(loaded, upcoming), item.source)

    def _fingerprint(self, data: bytes, upcoming: "deque[_Item]") -> Fingerprint | Skipped:
        found = list(digests(data)) if self._recent is not None else []
        if self._recent is not None and (known := self._recent.get(found[0])):
            return known
        result = self._computed(data, found, upcoming)
        if self._recent is not None and isinstance(result, Fingerprint):
            self._recent.put(result)
        return result

    def _computed(self, data: bytes, found: list[bytes], upcoming: "deque[_Item]") -> Fingerprint | Skipped:
        def meanwhile() -> None:
            if not found:
                found.extend(digests(data))
            _load_one(upcoming)

        answer = self._pool.process(data, meanwhile)
        if isinstance(answer, Skipped):
            return answer
        try:
            return decode_answer(answer, *found)
        except ValueError:
            return skipped(SkipCode.DECODER_DIED)

    def _with_look(self, result: Fingerprint | Skipped, load: Callable[[], bytes | Result]) -> Fingerprint | Skipped:
        if not self._looks or isinstance(result, Skipped):
            return result
        return replace(result, look=partial(self._look, load, result.sha256))

    def _look(self, load: Callable[[], bytes | Result], sha256: bytes, points: bytes) -> Parts | None:
        """What is at given points of an item, which is loaded once more: so that no bytes wait in memory."""
        beyond = len(points) > LOOKED_AT * POINT_BYTES
        data = None if beyond or self._closed else load()
        if not isinstance(data, bytes) or hashlib.sha256(data).digest() != sha256:
            return None  # it has changed since
        answer = self._pool.process(data, question=points)
        if isinstance(answer, Skipped) or len(answer) * POINT_BYTES != len(points) * DESCRIPTION_BYTES:
            return None
        return Parts(points, answer)


class _Recent:
    """The fingerprints of the last files, by content: the same file is posted again and again, and parts cost a lot."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[bytes, Fingerprint] = {}

    def get(self, sha256: bytes) -> Fingerprint | None:
        """The fingerprint of this content, if it came lately."""
        with self._lock:
            known = self._kept.pop(sha256, None)
            if known is not None:
                self._kept[sha256] = known  # the latest stands last
            return known

    def put(self, fingerprint: Fingerprint) -> None:
        """Keeps a fingerprint in place of the one that was asked for longest ago."""
        with self._lock:
            self._kept[fingerprint.sha256] = fingerprint
            if len(self._kept) > RECENT:
                del self._kept[next(iter(self._kept))]


class _Item:
    """One item on its way. It is loaded once, by the thread that comes first."""

    def __init__(self, load: Callable[[], bytes | Result]) -> None:
        self.source = load
        self._lock = Lock()
        self._loaded: Future[bytes | Result] = Future()

    def load(self) -> bool:
        """Loads it, whatever comes of that; False where it was loaded already."""
        with self._lock:
            if self._loaded.done():
                return False
            try:
                self._loaded.set_result(self.source())
            except BaseException as error:  # noqa: BLE001 - the thread whose item it is raises it
                self._loaded.set_exception(error)
            return True

    def loaded(self) -> bytes | Result:
        """What loading gave; raises what it raised."""
        self.load()
        return self._loaded.result()


def _load_one(upcoming: deque[_Item]) -> None:
    """Loads the first item that nobody has loaded yet."""
    while True:
        try:
            item = upcoming.popleft()
        except IndexError:
            return
        if item.load():
            return


def fingerprint(data: bytes, detail: Detail = Detail.LOOKUP) -> Fingerprint:
    """The fingerprint of one picture. Safe for threads; its confined processes are kept until the program ends.

    By default it can be used for everything, to protect and to look up; less `detail` is faster. As long as it lives, a
    fingerprint to look up holds `data`, to look at it again.

    Raises `MediaError`, which carries the `Skipped`, where the bytes have none. For other limits, or to say when the
    processes end, use `Fingerprinter`.
    """
    result = _shared(detail).fingerprint(data)
    if isinstance(result, Skipped):
        raise MediaError(result)
    return result


@cache
def _shared(detail: Detail) -> Fingerprinter:
    """The processes behind `fingerprint`: one for each core, each started when it is first needed."""
    computer = Fingerprinter(detail=detail)
    atexit.register(computer.close)

    def forget() -> None:
        atexit.unregister(computer.close)
        _shared.cache_clear()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)  # a forked child must not speak into our pipes
    return computer


def _finished(waiting: deque[tuple[_Key, list[Future[Result] | Result]]]) -> tuple[_Key, list[Result]]:
    key, begun = waiting.popleft()
    return key, [each.result() if isinstance(each, Future) else each for each in begun]
