"""How many different people may be behind the members of several channels (`docs/statistics.md`).

Member counts alone leave everything open between the largest channel and the sum. People who were seen active in two
channels tell how far these overlap, once it is known how many of their members one gets to see.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import UNKNOWN
from tutela.measures.multiplicity import Counts, Fit

SEEN_IN_TWO = 100
"""Where fewer people than this were seen active in two channels or more, nothing is estimated."""

REPLICATES = 200

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """Different members of all channels: `low` ≤ `point` ≤ `high` (95 %), and the overlaps behind it.

    `point` is None where nothing is estimated: then `low` is the largest channel, `high` the sum, and `reason` says
    why. `high` is None where a member count is unknown. `seen` people were seen active in each channel, `pairs`
    (channels × channels) in both; a caller must withhold small ones. `shared` is the estimated number of common
    members, NaN where there is no estimate.

    All this supposes that members who never act overlap as the others do. `cautious` is the upper end on the opposite
    assumption, that each of them is in one channel only, as bought accounts would be.
    """

    low: int
    point: int | None
    high: int | None
    cautious: int | None
    reason: str
    seen: NDArray[np.int64]
    pairs: NDArray[np.int64]
    shared: Floats


def unique_people(
    members: Ints, person: Ints, channel: Ints, week: Ints, *, seed: int = 0, replicates: int = REPLICATES
) -> Overlap:
    """Estimates how many different members channels have together.

    `members` holds the count of each channel, or `UNKNOWN`. The other columns have a row for each act that was seen:
    by which `person` (any ids), in which `channel` (a position in `members`), in which `week` (any numbering in which
    neighbouring weeks differ by 1). The `seed` and the number of `replicates` decide the bootstrap.
    """
    sights = _Sights.of(person, channel, week, members.size)
    whole = sights.count(np.ones(sights.people))
    known = members[members != UNKNOWN]
    low, high = int(known.max(initial=0)), int(known.sum())
    if why := _too_little(sights, members):
        none = np.full(whole.pairs.shape, np.nan)
        bound = high if known.size == members.size else None
        return Overlap(low, None, bound, bound, why, *_seen(whole), none)
    fit = Fit(members.astype(np.float64), whole)
    shared, unique, quiet = fit.estimate(whole)
    np.fill_diagonal(shared, members)
    rng = np.random.default_rng(seed)
    draws = [fit.estimate(sights.count(rng.poisson(1.0, sights.people)))[1:] for _ in range(replicates)]
    different, silent = np.array([*draws, (unique, quiet)]).T
    least, most = np.quantile(different, (0.025, 0.975), method="weibull").tolist()
    apart = float(np.quantile(silent * high + (1 - silent) * different, 0.975, method="weibull"))
    low, point, high, apart = (round(min(max(end, low), high)) for end in (least, unique, most, apart))
    high = max(high, point)
    return Overlap(min(low, point), point, high, max(apart, high), "", *_seen(whole), shared)


def _seen(whole: Counts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """People seen in each channel, and in both of two."""
    return whole.seen.astype(np.int64), (whole.pairs + np.diag(whole.seen)).astype(np.int64)


def _too_little(sights: "_Sights", members: Ints) -> str:
    """Why there is no estimate; empty where there is one."""
    if unknown := int(np.count_nonzero(members == UNKNOWN)):
        return f"The member count of {unknown} of {members.size} channels is unknown."
    if members.size < 2:
        return "There is one channel only." if members.size else "There is no channel."
    if sights.several < SEEN_IN_TWO:
        return f"Fewer than {SEEN_IN_TWO} people were seen active in two channels or more."  # how few may not be told
    if not sights.twice.any():
        return "Nobody was seen active in a channel in odd weeks and in even ones."
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class _Sights:
    """Who was seen where: one row for each person and channel.

    `twice` is 1 where in odd and in even weeks, `always` where in all four phases. `breadth` is in how many channels
    each person was seen; `table` (people × channels) has those who were seen in several.
    """

    person: NDArray[np.intp]
    channel: NDArray[np.intp]
    twice: Floats
    always: Floats
    channels: int
    breadth: NDArray[np.intp]
    table: Floats

    @classmethod
    def of(cls, person: Ints, channel: Ints, week: Ints, channels: int) -> "_Sights":
        """Odd and even weeks are the halves: who joined late or left early is still seen in both."""
        ids, who = np.unique(person, return_inverse=True)
        cells, inverse = np.unique(who * channels + channel, return_inverse=True)
        phases = np.zeros((cells.size, 4), dtype=np.bool_)
        phases[inverse, np.asarray(week) % 4] = True
        twice: Floats = np.all(phases[:, :2] | phases[:, 2:], axis=1).astype(np.float64)
        always: Floats = np.all(phases, axis=1).astype(np.float64)
        rows, where = np.divmod(cells, channels) if channels else (cells, cells)
        breadth = np.bincount(rows, minlength=ids.size)
        broad = breadth > 1
        place, kept = np.cumsum(broad) - 1, broad[rows]
        table = np.zeros((int(np.count_nonzero(broad)), channels), dtype=np.float64)
        table[place[rows[kept]], where[kept]] = 1
        return cls(rows, where, twice, always, channels, breadth, table)

    @property
    def people(self) -> int:
        return self.breadth.size

    @property
    def several(self) -> int:
        """People seen in two channels or more."""
        return len(self.table)

    def count(self, weights: NDArray[np.integer] | Floats) -> Counts:
        """Everything counted, each person with a weight."""
        rows = weights[self.person]
        others = rows * (self.breadth[self.person] - 1)
        broad = self.breadth > 1
        pairs: Floats = (self.table.T * weights[broad].astype(np.float64)) @ self.table
        np.fill_diagonal(pairs, 0)
        breadth = self.breadth[broad]
        return Counts(
            seen=np.bincount(self.channel, rows, self.channels).astype(np.float64),
            pairs=pairs,
            triples=float(weights[broad] @ (breadth * (breadth - 1) * (breadth - 2))),
            again=float(rows @ self.twice) / (float(rows.sum()) + 1),
            always=float(rows @ self.always) / (float(rows.sum()) + 1),
            elsewhere=float(others @ self.twice) / (float(others.sum()) + 1),
        )
