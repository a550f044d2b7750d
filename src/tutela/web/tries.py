"""Tries of PINs: limited for each case and for each address, whichever door of the service they come through."""

from tutela.web.callers import Callers
from tutela.web.errors import TooMany
from tutela.web.limits import RateLimiter
from tutela.web.shared import SharedTimes

HERE_TRIES, HERE_BURST = 6.0, 10
"""Tries of PINs a minute for one case from one address, and at once."""

CASE_TRIES, CASE_BURST = 60.0, 60
"""Tries of PINs a minute for one case from everywhere: ten billion PINs outlast anybody at that rate too. It is so much
more than one address may, so that somebody who knows a reference cannot keep its owner out from a place or two."""

ADDRESS_TRIES, ADDRESS_BURST = 30.0, 30
"""Tries of PINs a minute from one address, where a helpline's server may speak for many people."""


class PinTries:
    """Counts tries. Safe for threads."""

    def __init__(
        self,
        here: RateLimiter | None = None,
        addresses: RateLimiter | None = None,
        cases: RateLimiter | None = None,
        *,
        shared: SharedTimes | None = None,
    ) -> None:
        """Limits for a case from one address, for an address, and for a case; by default those of this module, which
        several processes may count together (`shared`)."""
        self.callers = Callers(shared.secret if shared else None)
        self._here = here or RateLimiter(HERE_TRIES, HERE_BURST, shared=shared)
        self._addresses = addresses or RateLimiter(ADDRESS_TRIES, ADDRESS_BURST, shared=shared)
        self._cases = cases or RateLimiter(CASE_TRIES, CASE_BURST, shared=shared)

    def count(self, case: str, address: str | None) -> None:
        """Counts a try, whether or not there is such a case: the answer must not tell. Raises `TooMany`; what one limit
        refuses counts for none."""
        limits = (
            (self._addresses, self.callers.address(address)),
            (self._here, self._place(case, address)),
            (self._cases, self.callers.case(case)),
        )
        for cost in (0, 1):
            for limiter, key in limits:
                count(limiter, key, cost)

    def succeeded(self, case: str, address: str | None) -> None:
        """The PIN was right: the tries of this case from this address are counted anew."""
        self._here.forget(self._place(case, address))

    def _place(self, case: str, address: str | None) -> str:
        return self.callers.address(address) + self.callers.case(case)


def count(limiter: RateLimiter, key: str, cost: int = 1) -> None:
    """Counts a call, as so many. Raises `TooMany` where that is one too many."""
    if (wait := limiter.wait(key, cost)) > 0:
        raise TooMany(wait)
