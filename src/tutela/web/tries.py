"""Tries of PINs: limited for each case and for each address, whichever door of the service they come through."""

from tutela.web.callers import Callers
from tutela.web.errors import TooMany
from tutela.web.limits import RateLimiter

PIN_TRIES, PIN_BURST = 6.0, 10
"""Tries of PINs a minute for one case, and at once: ten billion PINs outlast anybody at that rate, and somebody who
knows only a reference keeps its owner out for seconds."""

ADDRESS_TRIES, ADDRESS_BURST = 30.0, 30
"""Tries of PINs a minute from one address, where a helpline's server may speak for many people."""


class PinTries:
    """Counts tries. Safe for threads."""

    def __init__(self, cases: RateLimiter | None = None, addresses: RateLimiter | None = None) -> None:
        """Limits for each case and for each address; by default those of this module."""
        self.callers = Callers()
        self._cases = RateLimiter(PIN_TRIES, PIN_BURST) if cases is None else cases
        self._addresses = RateLimiter(ADDRESS_TRIES, ADDRESS_BURST) if addresses is None else addresses

    def count(self, case: str, address: str | None) -> None:
        """Counts a try, whether or not there is such a case: the answer must not tell. Raises `TooMany`."""
        count(self._addresses, self.callers.address(address))
        count(self._cases, self.callers.case(case))

    def succeeded(self, case: str) -> None:
        """The PIN was right: the case's tries are counted anew."""
        self._cases.forget(self.callers.case(case))


def count(limiter: RateLimiter, key: str) -> None:
    """Counts a call. Raises `TooMany` where that is one too many."""
    if (wait := limiter.wait(key)) > 0:
        raise TooMany(wait)
