"""How long it takes until something happens, where some are not watched until it does: Kaplan–Meier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.measures.intervals import NOTHING, Z95, Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """A Kaplan–Meier curve: after each of `moments`, rising, the share `left`, with its 95 % interval `low` to `high`.

    `watched` says until when each was watched, rising.
    """

    moments: Floats
    left: Floats
    low: Floats
    high: Floats
    watched: Floats

    @classmethod
    def of(cls, times: Floats, happened: NDArray[np.bool_]) -> "Survival":
        """From the time until something `happened` to each, or until it was watched last.

        The intervals are Greenwood's on the log-log scale; where nobody is left, Clopper and Pearson's for as many as
        would have to be watched from the start on for those at risk to be left (Peto's effective size).
        """
        moments, events = np.unique(times[happened], return_counts=True)
        risk = (times[:, None] >= moments).sum(0)
        left = np.cumprod(1 - events / risk)
        low, high, some = np.zeros(left.size), np.ones(left.size), left > 0
        variance = np.cumsum(events[some] / (risk[some] * (risk[some] - events[some]))) / np.log(left[some]) ** 2
        reach = np.exp(Z95 * np.sqrt(variance))
        low[some], high[some] = left[some] ** reach, left[some] ** (1 / reach)
        if not some.all():
            high[-1] = _rest(risk[-1] / (left[-2] if left.size > 1 else 1.0))
        return cls(moments, left, low, high, np.sort(times))

    def share(self, time: float) -> Estimate:
        """The share to which it happens within `time`; no point where nobody was watched so long."""
        at = int(np.searchsorted(self.moments, time, "right")) - 1
        watched = self.watched.size - int(np.searchsorted(self.watched, time))
        if at < 0:
            return Estimate(0.0, 0.0, _rest(watched)) if watched else NOTHING
        left, low, high = (float(column[at]) for column in (self.left, self.low, self.high))
        if not watched and left:
            return Estimate(None, 1 - high, 1.0)
        return Estimate(1 - left, 1 - high, 1 - low)

    def median(self) -> Estimate:
        """The time until it has happened to half: Brookmeyer and Crowley's interval.

        No point where more than half are left at the end; *low* is then at most until when anybody was watched.
        """
        if not self.watched.size:
            return NOTHING
        low = self._reached(self.low)
        return Estimate(
            self._reached(self.left), float(self.watched[-1]) if low is None else low, self._reached(self.high)
        )

    def _reached(self, curve: Floats) -> float | None:
        half = np.flatnonzero(curve <= 0.5)
        return float(self.moments[half[0]]) if half.size else None


def _rest(size: float) -> float:
    """The largest share that 0 of `size` leaves possible."""
    return 1 - 0.025 ** (1 / size) if size else 1.0
