"""Whether reported channels post less after their reports than unreported ones: an interrupted time series.

The channel is the unit: each gives one contrast, after against before, in logarithms. Whatever hangs together within
a channel from week to week then cannot pass for evidence (`docs/statistics.md`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import UNKNOWN
from tutela.measures.intervals import Estimate, difference, power

BEFORE, AFTER = 26, 8
"""Weeks that are compared, at most."""

LEAST_BEFORE, LEAST_AFTER = 8, 4
"""Weeks that must have been observed of a channel."""

FEWEST_POSTS = 10
"""Posts before the report that a channel must have, for its rate to mean something."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interruption:
    """How the post rate of reported channels changed, relative to unreported ones over the same weeks.

    `ratio` is what remains of the rate (0.7: 30 % fewer posts) with its 95 % interval; `alike` the same on the
    assumption that the trends of both groups were the same, which makes it narrower. `reported` and `unreported`
    channels entered.
    """

    ratio: Estimate
    alike: Estimate
    reported: int
    unreported: int


def interruption(
    counts: NDArray[np.integer],
    observed: NDArray[np.bool_],
    report: NDArray[np.integer],
    *,
    before: int = BEFORE,
    after: int = AFTER,
    gap: int = 0,
) -> Interruption:
    """Compares weekly counts (channels × weeks) before and after reports.

    `observed` says which of them were seen whole, `report` the first week that lies after a channel's report
    (`UNKNOWN`: never reported). Up to `before` weeks before it and `after` weeks from it on are compared; the last
    `gap` weeks before it are left out, for where a burst of posts brought the report about. The estimates are empty
    where fewer than four channels on either side can be compared.
    """
    treated = np.flatnonzero(report != UNKNOWN)
    control = np.flatnonzero(report == UNKNOWN)
    weeks = report[treated]
    contrasts = {
        week: _Contrast.of(
            counts, observed, slice(max(0, week - gap - before), max(0, week - gap)), slice(week, week + after)
        )
        for week in np.unique(weeks).tolist()
    }
    rows = [contrasts[week] for week in weeks.tolist()]

    def compared(name: str) -> tuple[Floats, Floats]:
        values = [getattr(contrast, name) for contrast in rows]
        own = np.array([value[channel] for value, channel in zip(values, treated.tolist(), strict=True)])
        return own, np.array([value[control] for value in values]).reshape(treated.size, control.size).T

    own, others = compared("detrended")
    chance = compared("chance")
    return Interruption(
        ratio=difference(own, others, chance).through(power),
        alike=difference(*compared("change"), chance).through(power),
        reported=int(np.isfinite(own).sum()),
        unreported=int(np.isfinite(others).any(1).sum()) if own.size else 0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Contrast:
    """For each channel the change in log rate, as it is and beyond its earlier trend; NaN where too little was seen.

    `chance` is the variance that the change has at least: that of Poisson counts.
    """

    change: Floats
    detrended: Floats
    chance: Floats

    @classmethod
    def of(cls, counts: NDArray[np.integer], observed: NDArray[np.bool_], first: slice, last: slice) -> "_Contrast":
        early, late = observed[:, first], observed[:, last]
        posts, later = np.where(early, counts[:, first], 0), np.where(late, counts[:, last], 0)
        enough = (early.sum(1) >= LEAST_BEFORE) & (late.sum(1) >= LEAST_AFTER) & (posts.sum(1) >= FEWEST_POSTS)
        change = _log_rate(later, late) - _log_rate(posts, early)
        chance = 1 / (later.sum(1) + 0.5) + 1 / (posts.sum(1) + 0.5)
        time = np.arange(counts.shape[1], dtype=np.float64)
        middle = _mean(time[first], early)
        deviation = np.where(early, time[first] - middle[:, None], 0.0)
        slope = (deviation * np.log(posts + 0.5)).sum(1) / np.maximum((deviation**2).sum(1), 1.0)
        drift = slope * (_mean(time[last], late) - middle)
        return cls(*(np.where(enough, values, np.nan) for values in (change, change - drift, chance)))


def _log_rate(posts: NDArray[np.integer], seen: NDArray[np.bool_]) -> Floats:
    rate: Floats = np.log((posts.sum(1) + 0.5) / np.maximum(seen.sum(1), 1))
    return rate


def _mean(time: Floats, seen: NDArray[np.bool_]) -> Floats:
    mean: Floats = (seen @ time) / np.maximum(seen.sum(1), 1)
    return mean
