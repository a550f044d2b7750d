"""Whether a key feels its way along the edge of what counts as near, to learn the code behind the answers.

A yes or no is enough for that: starting from one copy, whoever turns over bit after bit learns a protected picture's
256 bits from some 270 answers (`docs/privacy.md`). Each of these answers is to another code near to one case. Copies
that are really shared differ too, but seldom in a hundred ways a day on one platform; so beyond that a key is stopped,
which its owner notices, and an operator looks who it was.
"""

import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from tutela.web.errors import Suspended
from tutela.web.shared import SharedTimes

DIFFERENT = 100
"""Different codes near to one case that one key may ask for in a day."""

DAY = 86_400.0
_MOST = 1024
REMEMBERED = 20_000
"""Pairs of a key and a case that are followed; the one heard of longest ago is forgotten first."""

_LOG = logging.getLogger(__name__)


class Probing:
    """Follows near answers, in memory. Safe for threads; with `shared`, several processes follow them together."""

    def __init__(
        self,
        different: int = DIFFERENT,
        remembered: int = REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
        *,
        shared: SharedTimes | None = None,
    ) -> None:
        """`clock` gives seconds."""
        self._different = different
        self._clock = clock
        self._salt = shared.secret if shared else secrets.token_bytes(16)
        self._seen: _Seen = _OwnSeen(remembered) if shared is None else _SharedSeen(shared)

    def refuse(self, key: str) -> None:
        """Raises `Suspended` for a key that was stopped within a day."""
        if self._seen.stopped_until(key) > self._clock():
            raise Suspended

    def near(self, key: str, case: str, code: bytes) -> None:
        """Notes that this key is told that `code` is near to something in `case`. Raises `Suspended`."""
        digest = hashlib.blake2b(code, key=self._salt, digest_size=8).digest()
        now = self._clock()
        if self._seen.count(key, case, digest, now) <= self._different:
            return
        self._seen.stop(key, now + DAY)
        _LOG.error("key %s asked for more than %d codes near to one case and is stopped", key, self._different)
        raise Suspended


class _Seen(Protocol):
    """What was told near, and who is stopped."""

    def stopped_until(self, key: str) -> float: ...
    def stop(self, key: str, until: float) -> None: ...
    def count(self, key: str, case: str, digest: bytes, now: float) -> int: ...


class _OwnSeen:
    """In one process."""

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._seen: OrderedDict[tuple[str, str], tuple[float, set[bytes]]] = OrderedDict()
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def stopped_until(self, key: str) -> float:
        return self._until.get(key, 0.0) if self._until else 0.0

    def stop(self, key: str, until: float) -> None:
        self._until[key] = until

    def count(self, key: str, case: str, digest: bytes, now: float) -> int:
        """How many different codes that makes within a day."""
        with self._lock:
            since, codes = self._seen.pop((key, case), (now, set()))
            if now - since > DAY:
                since, codes = now, set()
            codes.add(digest)
            self._seen[key, case] = since, codes
            if len(self._seen) > self._remembered:
                self._seen.popitem(last=False)
            return len(codes)


class _SharedSeen:
    """In several processes: for each code until when it counts, for each key and case the same with the count as the
    fraction of a second."""

    def __init__(self, times: SharedTimes) -> None:
        self._times = times

    def stopped_until(self, key: str) -> float:
        return self._times.get(f"stopped/{key}")

    def stop(self, key: str, until: float) -> None:
        with self._times.locked():
            self._times.set(f"stopped/{key}", until)

    def count(self, key: str, case: str, digest: bytes, now: float) -> int:
        pair = f"{key}/{case}"
        code = f"code/{pair}/{digest.hex()}"
        with self._times.locked():
            counted = self._times.get(pair)
            until, count = divmod(counted, 1.0) if counted > now else (float(int(now + DAY)), 0.0)
            number = round(count * _MOST)
            if self._times.get(code) != until:
                number += 1
                self._times.set(code, until)
                self._times.set(pair, until + number / _MOST)
            return number
