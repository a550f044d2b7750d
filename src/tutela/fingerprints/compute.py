"""Media bytes → fingerprint, with the picture decoded in a confined process."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from tutela.fingerprints.exact import digests
from tutela.fingerprints.worker import decode_answer
from tutela.media import Limits, MediaError, WorkerPool, skipped
from tutela.model import Fingerprint, SkipCode, Skipped

WORKER = "tutela.fingerprints.worker"
_Key = TypeVar("_Key")


class Fingerprinter:
    """Computes fingerprints on all cores; a context manager that ends its processes.

    `workers` is how many pictures are decoded at once (default: one for each core this process may use).
    """

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        self._workers = workers or _cores()
        self._limits = limits or Limits()
        self._pool = WorkerPool(WORKER, self._limits, self._workers)

    def fingerprint(self, data: bytes) -> Fingerprint | Skipped:
        """The fingerprint of one item, or why it has none. Never raises for what the bytes hold."""
        answer = self._pool.process(data)
        if isinstance(answer, Skipped):
            return answer
        try:
            return decode_answer(answer, *digests(data))
        except ValueError:
            return skipped(SkipCode.DECODER_DIED)

    def fingerprint_all(
        self, items: Iterable[tuple[_Key, Callable[[], bytes | Skipped]]]
    ) -> Iterator[tuple[_Key, Fingerprint | Skipped]]:
        """Fingerprints many items in their order, all cores busy.

        Each item is a key and a function that loads the bytes (or says why it cannot); it is called from a worker
        thread, and at most two items for each worker are in memory at once.
        """
        waiting: deque[tuple[_Key, Future[Fingerprint | Skipped]]] = deque()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="fingerprint") as threads:
            try:
                for key, load in items:
                    waiting.append((key, threads.submit(self._load_and_fingerprint, load)))
                    if len(waiting) > 2 * self._workers:
                        first, future = waiting.popleft()
                        yield first, future.result()
                while waiting:
                    first, future = waiting.popleft()
                    yield first, future.result()
            finally:
                for _, future in waiting:
                    future.cancel()

    def close(self) -> None:
        """Ends the confined processes."""
        self._pool.close()

    def __enter__(self) -> "Fingerprinter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load_and_fingerprint(self, load: Callable[[], bytes | Skipped]) -> Fingerprint | Skipped:
        data = load()
        return data if isinstance(data, Skipped) else self.fingerprint(data)


def fingerprint(data: bytes, limits: Limits | None = None) -> Fingerprint:
    """The fingerprint of one picture. For many pictures use `Fingerprinter`, which keeps its processes.

    Raises `MediaError`, which carries the `Skipped`, where the bytes have none.
    """
    with Fingerprinter(1, limits) as computer:
        result = computer.fingerprint(data)
    if isinstance(result, Skipped):
        raise MediaError(result)
    return result


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
