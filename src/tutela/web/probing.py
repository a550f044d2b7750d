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

from tutela.web.errors import Suspended

DIFFERENT = 100
"""Different codes near to one case that one key may ask for in a day."""

DAY = 86_400.0
REMEMBERED = 20_000
"""Pairs of a key and a case that are followed; the one heard of longest ago is forgotten first."""

_LOG = logging.getLogger(__name__)


class Probing:
    """Follows near answers, in memory. Safe for threads."""

    def __init__(
        self, different: int = DIFFERENT, remembered: int = REMEMBERED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds."""
        self._different = different
        self._remembered = remembered
        self._clock = clock
        self._salt = secrets.token_bytes(16)
        self._seen: OrderedDict[tuple[str, str], tuple[float, set[bytes]]] = OrderedDict()
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._seen)

    def refuse(self, key: str) -> None:
        """Raises `Suspended` for a key that was stopped within a day."""
        if self._until and self._until.get(key, 0.0) > self._clock():
            raise Suspended

    def near(self, key: str, case: str, code: bytes) -> None:
        """Notes that this key is told that `code` is near to something in `case`. Raises `Suspended`."""
        digest = hashlib.blake2b(code, key=self._salt, digest_size=8).digest()
        now = self._clock()
        with self._lock:
            since, codes = self._seen.pop((key, case), (now, set()))
            if now - since > DAY:
                since, codes = now, set()
            codes.add(digest)
            self._seen[key, case] = since, codes
            if len(self._seen) > self._remembered:
                self._seen.popitem(last=False)
            if len(codes) <= self._different:
                return
            self._until[key] = now + DAY
        _LOG.error("key %s asked for more than %d codes near to one case and is stopped", key, self._different)
        raise Suspended
