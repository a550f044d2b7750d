"""Processes beside this one, forked from it: they share what it has loaded, and end when it does.

To be made before there are threads: what another thread holds at that moment would be held for ever in the copy.
"""

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Work = Callable[[T], bytes]


class CrewError(Exception):
    """A process is gone, or failed: what it was asked has to be done here."""


def can_fork() -> bool:
    """Whether this system makes a process by copying another one, safely: not where its own libraries forbid it."""
    return sys.platform == "linux"


class Crew(Generic[T]):
    """`size` processes, each with a thread here that hands it one task at a time and waits for the answer."""

    def __init__(self, size: int, work: Work[T]) -> None:
        context = get_context("fork")
        ends: list[Connection] = []
        self._processes = []
        for _ in range(size):
            ours, theirs = context.Pipe()
            ends.append(ours)
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
        self._ends = ends
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for end in ends:
            self._idle.put(end)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="crew")  # behind all forks: a thread is not copied

    def ask(self, task: T) -> Future[bytes]:
        """What `work` makes of a task. The future raises `CrewError` where nothing came of it."""
        return self._threads.submit(self._asked, task)

    def _asked(self, task: T) -> bytes:
        end = self._idle.get()
        try:
            end.send(task)
            return end.recv_bytes()
        except (EOFError, OSError) as error:
            raise CrewError from error
        finally:
            self._idle.put(end)

    def close(self) -> None:
        """Ends the processes; those at work finish their task first, what waits is dropped."""
        self._threads.shutdown(cancel_futures=True)
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.join()


def _serve(end: Connection, work: Work[Any]) -> None:
    """Works until the other process hangs up. Whatever goes wrong, it is tried again over there, and told there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal's processes: the first one decides
    _let_go_of_all_but(end.fileno())
    with suppress(Exception):
        while True:
            end.send_bytes(work(end.recv()))


def _let_go_of_all_but(kept: int) -> None:
    """Closes what was open in the first process: who waits for the end of a pipe must not wait for a copy of it."""
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
