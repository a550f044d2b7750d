"""Processes that look a picture up as fast as they can until it is found no more, for tests of withdrawal."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

from samples import fingerprint
from tutela.bank import Bank

_PROCESSES = multiprocessing.get_context("spawn")  # a fork would take the parent's connections along


def _watch(url: str, line: Connection) -> None:
    """For each number that comes: says True once it is found, then, once it is not, when that was."""
    with Bank.open(url) as bank:
        while (number := line.recv()) is not None:
            while not bank.match(fingerprint(number)):
                pass
            line.send(True)
            while bank.match(fingerprint(number)):
                pass
            line.send(time.monotonic())


class Watchers:
    """Several such processes."""

    def __init__(self, lines: list[Connection]) -> None:
        self._lines = lines

    def watch(self, number: int) -> None:
        """Returns when every one of them finds picture `number`."""
        for line in self._lines:
            line.send(number)
        assert all(line.poll(60) and line.recv() for line in self._lines)

    def gone(self) -> list[float]:
        """When each of them found it no more (`time.monotonic`, which all processes of a machine share)."""
        assert all(line.poll(60) for line in self._lines)
        return [line.recv() for line in self._lines]


@contextmanager
def watching(url: str, number: int) -> Iterator[Watchers]:
    """So many processes with the bank open; they end with the block."""
    with ExitStack() as stack:
        lines = []
        for _ in range(number):
            ours, theirs = _PROCESSES.Pipe()
            process = _PROCESSES.Process(target=_watch, args=(url, theirs), daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.close)
            stack.callback(process.join, 60)
            stack.callback(ours.close)
            stack.callback(ours.send, None)
            lines.append(ours)
        yield Watchers(lines)
