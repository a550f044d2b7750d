"""What became of channels after they were reported (`docs/statistics.md`)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import STATES, UNDATED, UNKNOWN, Readings
from tutela.measures.intervals import NOTHING, Estimate, difference, power, wilson
from tutela.measures.survival import Survival
from tutela.measures.timeline import DAY
from tutela.model import ChannelState

HORIZONS = (30, 90)
"""Days after which shares are told."""

RECOVERY = 56
"""Days after a report at which members are compared."""

NEAR = 7
"""A member count speaks of an instant at most so many days away from it."""

_ACCESSIBLE = STATES.index(ChannelState.ACCESSIBLE)
_UNTOLD = STATES.index(ChannelState.UNKNOWN)

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of `channels` that could be reached at the start, `changed` were seen in another state afterwards.

    `within` gives the share that changes within 30 and 90 days, `median` the days until half of them have.
    """

    channels: int
    changed: int
    within: tuple[Estimate, ...]
    median: Estimate


@dataclass(frozen=True, slots=True)
class Effect:
    """After reports: state changes of `reported` and `unreported` channels; `back` says which of the changed reported
    ones could be reached again, within days after the change.

    `replaced` is the share of them that came back or have a successor. `members` is the ratio of member counts eight
    weeks after the report and at it, relative to unreported channels (1: no difference).
    """

    reported: Outcome
    unreported: Outcome
    back: Outcome
    replaced: Estimate
    members: Estimate


def effect(readings: Readings, channels: int, reports: Ints, successors: Ints) -> Effect:
    """Measures what followed reports.

    `reports` has rows (channel, seconds since 1970); the first of a channel counts. `successors` has rows (channel,
    channel that took its place). `channels` is how many there are; unreported ones are looked at from the median report
    on. Readings without a date say nothing.
    """
    start = _starts(channels, reports)
    reported = np.isfinite(start)
    if not reported.any():
        none = _outcome(np.empty(0), np.empty(0, dtype=np.bool_))
        return Effect(none, none, none, NOTHING, NOTHING)
    states = _States(readings, channels)
    moments = np.where(reported, start, np.median(start[reported]))
    times = np.array([states.until_change(channel, at) for channel, at in enumerate(moments.tolist())])
    seen = np.isfinite(times[:, 0])
    gone = np.flatnonzero(seen & reported & (times[:, 1] > 0))
    returns = np.array([states.until_return(c, moments[c]) for c in gone.tolist()]).reshape(-1, 2)
    replaced = int(((returns[:, 1] > 0) | np.isin(gone, successors[:, 0])).sum())
    return Effect(
        reported=_outcome(*times[seen & reported].T),
        unreported=_outcome(*times[seen & ~reported].T),
        back=_outcome(*returns.T),
        replaced=Estimate(replaced / gone.size, *wilson(replaced, gone.size)) if gone.size else NOTHING,
        members=_recovery(readings, start),
    )


def _starts(channels: int, reports: Ints) -> Floats:
    """The first report of each channel; NaN where there is none."""
    first = np.full(channels, np.inf)
    np.minimum.at(first, reports[:, 0], reports[:, 1].astype(np.float64))
    return np.where(np.isfinite(first), first, np.nan)


def _outcome(days: Floats, changed: NDArray[np.generic]) -> Outcome:
    curve = Survival.of(days, changed.astype(np.bool_))
    return Outcome(
        days.size, int(np.count_nonzero(changed)), tuple(curve.share(day) for day in HORIZONS), curve.median()
    )


_NEVER = (np.nan, 0.0)


class _States:
    """When each channel was read as what."""

    def __init__(self, readings: Readings, channels: int) -> None:
        told = np.flatnonzero((readings.state != _UNTOLD) & (readings.at != UNDATED))
        told = told[np.lexsort((readings.state[told], readings.at[told], readings.channel[told]))]
        limits = np.searchsorted(readings.channel[told], np.arange(channels + 1))
        self._at = [readings.at[told[a:b]].astype(np.float64) for a, b in pairwise(limits.tolist())]
        self._open = [readings.state[told[a:b]] == _ACCESSIBLE for a, b in pairwise(limits.tolist())]

    def until_change(self, channel: int, start: float) -> tuple[float, float]:
        """Days from `start` to the first change and 1, or to the last reading and 0; NaN where it was not open then."""
        at, is_open = self._at[channel], self._open[channel]
        now = max(int(np.searchsorted(at, start, "right")) - 1, 0)
        if at.size == 0 or not is_open[now] or at[-1] <= start:
            return _NEVER
        return _until(at, ~is_open, now, start)

    def until_return(self, channel: int, start: float) -> tuple[float, float]:
        """Days from the first change after `start` to the return and 1, or to the last reading and 0."""
        at, is_open = self._at[channel], self._open[channel]
        now = max(int(np.searchsorted(at, start, "right")) - 1, 0)
        shut = now + int(np.argmax(~is_open[now:]))
        return _until(at, is_open, shut, (at[shut] + max(at[shut - 1], start)) / 2)


def _until(at: Floats, event: NDArray[np.bool_], now: int, start: float) -> tuple[float, float]:
    """Days from `start` to the first event after reading `now`, taken to lie midway between two readings."""
    later = np.flatnonzero(event[now + 1 :])
    if not later.size:
        return max(0.0, float(at[-1] - start)) / DAY, 0.0
    found = now + 1 + int(later[0])
    return float((max(at[found - 1], start) + at[found]) / 2 - start) / DAY, 1.0


def _recovery(readings: Readings, start: Floats) -> Estimate:
    known = np.flatnonzero((readings.members != UNKNOWN) & (readings.at != UNDATED))
    known = known[np.lexsort((readings.at[known], readings.channel[known]))]
    limits = np.searchsorted(readings.channel[known], np.arange(start.size + 1))
    reported = np.flatnonzero(np.isfinite(start))
    moments = start[reported]
    gains = np.full((start.size, reported.size), np.nan)
    for channel, (a, b) in enumerate(pairwise(limits.tolist())):
        rows = known[a:b]
        at, members = readings.at[rows].astype(np.float64), np.log(np.maximum(readings.members[rows], 0.5))
        gains[channel] = _at(at, members, moments + RECOVERY * DAY) - _at(at, members, moments)
    own = gains[reported, np.arange(reported.size)]
    return difference(own, gains[np.isnan(start)]).through(power)


def _at(at: Floats, values: Floats, moments: Floats) -> Floats:
    """Values between readings; NaN where none is near."""
    if not at.size:
        return np.full(moments.size, np.nan)
    near = np.abs(at[:, None] - moments).min(0) <= NEAR * DAY
    return np.where(near, np.interp(moments, at, values), np.nan)
