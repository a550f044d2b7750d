"""How often somebody may do something, kept in memory of one process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

REMEMBERED = 100_000
"""Keys that one limiter remembers; the one that was heard of longest ago is forgotten first."""


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds. Raises ValueError for a limit that would never allow anything."""
        if per_minute <= 0 or burst < 1 or remembered < 1:
            raise ValueError("a limit allows at least one call at a time and some a minute")
        self._interval = 60.0 / per_minute
        self._slack = self._interval * (burst - 1)
        self._remembered = remembered
        self._clock = clock
        self._free: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._free)

    def wait(self, key: str, cost: int = 1) -> float:
        """Seconds until `key` may call, 0.0 where it may now: that call is then counted. One refused does not count.

        A call may count as several (`cost`); one that costs more than `burst` is allowed after a pause.
        """
        now = self._clock()
        with self._lock:
            free = max(self._free.get(key, now), now)
            early = free - self._slack - now
            if early > 0:
                return early
            self._free[key] = free + self._interval * cost
            self._free.move_to_end(key)
            if len(self._free) > self._remembered:
                self._free.popitem(last=False)
        return 0.0

    def forget(self, key: str) -> None:
        """Starts anew for `key`, after a right PIN for instance."""
        with self._lock:
            self._free.pop(key, None)
