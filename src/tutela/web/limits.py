"""How often somebody may do something, kept in memory: of one process, or of all that serve together."""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Protocol

from tutela.web.shared import SharedTimes

REMEMBERED = 100_000
"""Keys that one limiter remembers by itself; the one that was heard of longest ago is forgotten first."""


class _Times(Protocol):
    def locked(self) -> AbstractContextManager[object]: ...
    def get(self, name: str) -> float: ...
    def set(self, name: str, time: float) -> None: ...


class RateLimiter:
    """Allows `burst` calls at once and `per_minute` in the long run, for each key on its own. Safe for threads.

    One number a key is kept: when it may go on as if it had never called (the *generic cell rate algorithm*).
    """

    def __init__(
        self,
        per_minute: float,
        burst: int,
        *,
        remembered: int = REMEMBERED,
        shared: SharedTimes | None = None,
        at_a_time: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds. With `shared`, several processes count together; names of one must not be another
        limiter's. Calls are then counted `at_a_time`, so that processes seldom wait for each other: those that a
        process counted ahead it may still make later. Raises ValueError for a limit that would never allow anything."""
        if per_minute <= 0 or burst < 1 or remembered < 1 or at_a_time < 1:
            raise ValueError("a limit allows at least one call at a time and some a minute")
        self._ahead: dict[str, int] = {}
        self._counting = Lock()
        self._at_a_time = at_a_time if shared else 1
        self._interval = 60.0 / per_minute
        self._slack = self._interval * (burst - 1)
        self._clock = clock
        self._times: _Times = shared or _OwnTimes(remembered)

    def wait(self, key: str, cost: int = 1) -> float:
        """Seconds until `key` may call, 0.0 where it may now: that call is then counted. One refused does not count.

        A call may count as several (`cost`); one that costs more than `burst` is allowed after a pause. To cost nothing
        is to ask.
        """
        if cost != 1 or self._at_a_time == 1:
            return self._counted(key, cost)
        with self._counting:
            left = self._ahead.pop(key, 0)
            if not left:
                if (wait := self._counted(key, self._at_a_time)) > 0:
                    return wait
                left = self._at_a_time
            if left > 1:
                self._ahead[key] = left - 1
        return 0.0

    def _counted(self, key: str, cost: int) -> float:
        now = self._clock()
        with self._times.locked():
            free = max(self._times.get(key), now)
            early = free - self._slack - now
            if early > 0:
                return early
            self._times.set(key, free + self._interval * cost)
        return 0.0

    def forget(self, key: str) -> None:
        """Starts anew for `key`, after a right PIN for instance."""
        self._ahead.pop(key, None)
        with self._times.locked():
            self._times.set(key, 0.0)


class _OwnTimes:
    """Times of one process."""

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._times: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def locked(self) -> Lock:
        return self._lock

    def get(self, name: str) -> float:
        return self._times.get(name, 0.0)

    def set(self, name: str, time: float) -> None:
        self._times[name] = time
        self._times.move_to_end(name)
        if len(self._times) > self._remembered:
            self._times.popitem(last=False)
