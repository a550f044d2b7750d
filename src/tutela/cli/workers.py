"""Several processes that serve together: started, watched, started again where one dies or hangs, and ended in order.

The parent forks while it has loaded next to nothing, holds no bank and serves nobody. The first worker starts alone: it
makes or updates the bank and leaves the snapshot from which the others start; what is wrong with the bank is said once.
"""

import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

import click

from tutela.cli.output import tell

MOST_DEATHS, DEATH_SECONDS = 10, 60.0
"""More workers than that died within so many seconds: starting them again does not help."""

LONGEST_PAUSE = 30.0
"""Seconds before a worker that dies again and again is started again; from the second time in a row they double."""

END_SECONDS = 30.0
"""After so many, a worker that does not end is killed."""

SILENT_SECONDS = 30.0
"""So long may a worker that answered say nothing; then it is killed."""

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if os.name == "posix" else ()


@dataclass(frozen=True, slots=True)
class Place:
    """What a worker knows of itself. `ready` is to be called once it answers; `alive` from then on, every second or so,
    by whatever answers."""

    number: int
    ready: Callable[[], None]
    alive: Callable[[], None] = lambda: None


@dataclass(slots=True)
class _Worker:
    number: int
    pid: int = 0
    born: float = 0.0
    due: float = 0.0
    fallen: int = 0
    line: int = -1
    ready: bool = False
    heard: float = 0.0


def share(count: int, all_ready: Callable[[], None]) -> Place:
    """Returns in each of `count` new processes. In this one it ends with all of them, by raising `click`'s `Exit`, or
    KeyboardInterrupt.

    `all_ready` is called here when all were ready for the first time. A worker ends by itself when its parent is gone.
    """
    family = _Family(count, all_ready)
    while (worker := family.next_due()) is not None:
        if (place := family.fork(worker)) is not None:
            return place
    raise family.end()


@dataclass
class _Family:
    count: int
    all_ready: Callable[[], None]
    workers: list[_Worker] = field(init=False)
    told: bool = False
    status: int = 0
    ended_by: int = 0
    kill_at: float = float("inf")
    ending: bool = False
    looked: float = 0.0

    def __post_init__(self) -> None:
        self.workers = [_Worker(number) for number in range(self.count)]
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS + 1)
        self._life, self._alive = os.pipe()  # its end is how workers know that this process is gone
        self._waker, wake = socket.socketpair()
        self._waker.setblocking(False)
        wake.setblocking(False)
        self._wake = wake
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._waker, selectors.EVENT_READ)
        for each in (*_ENDING, signal.SIGCHLD):
            signal.signal(each, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno())

    def next_due(self) -> _Worker | None:
        """Waits until a worker is to be started; None when all have ended."""
        while True:
            now = time.monotonic()
            if self.ending:
                if not any(worker.pid for worker in self.workers):
                    return None
                self._wait(self.kill_at - now)
                continue
            waiting = [worker for worker in self.workers if not worker.pid and self._may_start(worker)]
            if due := [worker for worker in waiting if worker.due <= now]:
                return due[0]
            self._wait(min((worker.due - now for worker in waiting), default=float("inf")))

    def fork(self, worker: _Worker) -> Place | None:
        """Starts it: its place in the new process, None in this one."""
        line, ready = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # until it is clear whom a signal is for
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            self._leave(line)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        if pid == 0:
            Thread(target=_end_with_parent, args=(self._life,), name="tutela-parent", daemon=True).start()
            os.set_blocking(ready, False)
            return Place(worker.number, lambda: _say(ready), lambda: _say(ready))
        os.close(ready)
        worker.pid, worker.born, worker.line, worker.ready = pid, time.monotonic(), line, False
        self._selector.register(line, selectors.EVENT_READ, worker)
        return None

    def end(self) -> BaseException:
        """What this process ends with."""
        for each in (*_ENDING, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        return KeyboardInterrupt() if self.ended_by == signal.SIGINT else click.exceptions.Exit(self.status)

    def _may_start(self, worker: _Worker) -> bool:
        return worker.number == 0 or self.told or self.workers[0].ready

    def _wait(self, seconds: float) -> None:
        for key, _ in self._selector.select(min(seconds, SILENT_SECONDS / 4)):
            if isinstance(key.data, _Worker):
                self._heard(key.data)
            else:
                self._signalled()
        now = time.monotonic()
        if now >= self.kill_at:
            self._send(signal.SIGKILL)
        self._end_silent(now)

    def _heard(self, worker: _Worker) -> None:
        if worker.line < 0:  # its end was noticed by a signal that came with it
            return
        if not os.read(worker.line, 4096):
            self._hang_up(worker)
            return
        worker.ready, worker.heard = True, time.monotonic()
        if not self.told and all(each.ready for each in self.workers):
            self.told = True
            self.all_ready()

    def _end_silent(self, now: float) -> None:
        """Kills workers that hang; but where nobody ran for a while, not even this process, nobody hangs."""
        slept, self.looked = now - self.looked > SILENT_SECONDS / 2, now
        for worker in self.workers:
            if not worker.pid or not worker.ready:
                continue
            if slept:
                worker.heard = now
            elif now - worker.heard > SILENT_SECONDS:
                tell(f"worker {worker.number} has said nothing for {SILENT_SECONDS:.0f} seconds and is killed")
                worker.heard = now
                os.kill(worker.pid, signal.SIGKILL)

    def _signalled(self) -> None:
        with suppress(BlockingIOError):
            for number in self._waker.recv(4096):
                if number in _ENDING:
                    self.ended_by = self.ended_by or number
                    self._stop(0)
        for worker in self.workers:
            if worker.pid and (found := os.waitpid(worker.pid, os.WNOHANG))[0]:
                worker.pid = 0
                self._hang_up(worker)
                self._died(worker, os.waitstatus_to_exitcode(found[1]))

    def _died(self, worker: _Worker, code: int) -> None:
        now = time.monotonic()
        self._deaths.append(now)
        if self.ending:
            return
        if not self.told:
            self._stop(code if code > 0 else 1)  # it has said why
            return
        if len(self._deaths) > MOST_DEATHS and now - self._deaths[0] < DEATH_SECONDS:
            tell(f"more than {MOST_DEATHS} workers ended within {DEATH_SECONDS:.0f} seconds: the service ends")
            self._stop(1)
            return
        worker.fallen = worker.fallen + 1 if now - worker.born < DEATH_SECONDS else 0
        pause = min(LONGEST_PAUSE, 2.0 ** (worker.fallen - 1)) if worker.fallen > 1 else 0.0
        worker.due = now + pause
        how = f"signal {-code}" if code < 0 else f"status {code}"
        tell(f"worker {worker.number} ended ({how}) and is started again")

    def _stop(self, status: int) -> None:
        if not self.ending:
            self.ending, self.status, self.kill_at = True, status, time.monotonic() + END_SECONDS
            self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        for worker in self.workers:
            if worker.pid:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, number)

    def _hang_up(self, worker: _Worker) -> None:
        if worker.line >= 0:
            self._selector.unregister(worker.line)
            os.close(worker.line)
            worker.line = -1

    def _leave(self, line: int) -> None:
        """What a new process does not take along."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        os.setpgid(0, 0)  # Ctrl-C is for the parent, who ends all in order
        self._selector.close()
        self._waker.close()
        self._wake.close()
        for descriptor in (line, self._alive, *(each.line for each in self.workers if each.line >= 0)):
            os.close(descriptor)


def _say(line: int) -> None:
    with suppress(BlockingIOError, BrokenPipeError):  # a parent that reads nothing, or is gone
        os.write(line, b".")


def _end_with_parent(life: int) -> None:
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)
