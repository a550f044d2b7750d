"""When a series of counts changed its level, and how fast it grew (`docs/statistics.md`)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from tutela.measures.intervals import Z95, Estimate, power, student_quantile

SHORTEST = 3
"""A level lasts so many steps at least: one odd week is no change."""

FALSE_ALARMS = 0.035
"""What the penalty is set for. It rests on a dispersion that is estimated: 4 to 6 % of flat series seem to change."""

DRAWS = 500

Counts = NDArray[np.integer]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """From the position `at` on, the mean count is `after` instead of `before`.

    The change lies between the positions `low` and `high`, both included (95 %).
    """

    at: int
    low: int
    high: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Exponential growth: `rate` is the growth of the logarithm a step, `factor` that from the first to the last step.

    Both with 95 % intervals. `dispersion` is the variance of the counts divided by what Poisson's would be.
    """

    rate: Estimate
    factor: Estimate
    dispersion: float


def change_points(counts: Counts, *, seed: int = 0, draws: int = DRAWS) -> tuple[ChangePoint, ...]:
    """Where the level of evenly spaced counts changes, in order; empty where no change stands out.

    The counts may be over-dispersed, but must not hang together in time beyond their level. `seed` and `draws` decide
    the simulated series that set the penalty and the intervals. Raises `ValueError` for counts below 0.
    """
    _check(counts)
    if counts.size < 2 * SHORTEST or not counts.any():
        return ()
    rng = np.random.default_rng(seed)
    dispersion = float(_dispersion(counts[None])[0])
    flat = _drawn(rng, np.full(counts.size, counts.mean()), dispersion, draws)
    penalty = float(np.quantile(_temptation(flat) / _dispersion(flat), 1 - FALSE_ALARMS))
    cuts = [0, *_partition(counts / dispersion, penalty), counts.size]
    return tuple(_change(rng, counts, cuts[i - 1 : i + 2], dispersion, draws) for i in range(1, len(cuts) - 1))


def growth_rate(counts: Counts) -> Growth | None:
    """The exponential growth of evenly spaced counts, by quasi-Poisson regression.

    None where there are fewer than three counts or no two different from 0. Raises `ValueError` for counts below 0.
    """
    _check(counts)
    if counts.size < 3 or np.count_nonzero(counts) < 2:
        return None
    time = np.arange(counts.size) - (counts.size - 1) / 2
    design = np.column_stack((np.ones(counts.size), time))
    slope, means = _regress(design, counts.astype(np.float64))
    freedom = counts.size - 2
    dispersion = float(((counts - means) ** 2 / means).sum()) / freedom
    information = np.linalg.inv(design.T @ (design * means[:, None]))
    # A handful of counts may lie on a curve by chance: chance alone is the least that they can vary by.
    reach = max(student_quantile(0.975, freedom) * sqrt(dispersion), Z95) * sqrt(information[1, 1])
    rate = Estimate(slope, slope - reach, slope + reach)
    return Growth(rate, rate.through(lambda r: power(r * (counts.size - 1))), dispersion)


def _check(counts: Counts) -> None:
    if counts.ndim != 1 or (counts < 0).any():
        raise ValueError("counts are one series of numbers of at least 0")


def _regress(design: Floats, counts: Floats) -> tuple[float, Floats]:
    """Slope and fitted means of a log-linear Poisson regression, by iteratively reweighted least squares."""
    means = counts + 0.5
    for _ in range(50):
        log = np.log(means)
        working = log + (counts - means) / means
        beta = np.linalg.solve(design.T @ (design * means[:, None]), design.T @ (means * working))
        means = np.exp(np.clip(design @ beta, -30, 30))
        if np.abs(np.log(means) - log).max() < 1e-10:
            break
    return float(beta[1]), means


def _dispersion(series: NDArray[np.integer]) -> Floats:
    """Variance over mean of each row, from neighbours, so that a change of level hardly counts; at least 1."""
    near = series[:, 1:] + series[:, :-1]
    square = np.diff(series.astype(np.float64), axis=1) ** 2
    dispersion: Floats = np.maximum(1.0, (square / np.maximum(near, 1)).sum(1) / np.maximum((near > 0).sum(1), 1))
    return dispersion


def _drawn(rng: np.random.Generator, means: Floats, dispersion: float, draws: int) -> NDArray[np.int64]:
    """Negative binomial series (draws × steps) with variance `dispersion` × mean."""
    if dispersion <= 1:
        return rng.poisson(means, (draws, means.size))
    shape = np.maximum(means, 1e-9) / (dispersion - 1)
    return rng.poisson(rng.gamma(shape, dispersion - 1, (draws, means.size)))


def _gains(series: NDArray[np.integer]) -> Floats:
    """For each row, twice the gain in log-likelihood by a change after 3, 4, … steps (draws × places)."""
    size = series.shape[1]
    sums = np.cumsum(series, axis=1, dtype=np.float64)
    steps = np.arange(SHORTEST, size - SHORTEST + 1)
    left, total = sums[:, steps - 1], sums[:, -1:]
    gains: Floats = 2 * (_fit(left, steps) + _fit(total - left, size - steps) - _fit(total, np.array(size)))
    return gains


def _temptation(series: NDArray[np.integer]) -> Floats:
    """For each row, the penalty below which it would be cut once, or twice: around something that soon passes."""
    size = series.shape[1]
    sums = np.concatenate((np.zeros((len(series), 1)), np.cumsum(series, axis=1)), axis=1)
    whole = _fit(sums[:, -1], np.array(size))
    most: Floats = _gains(series).max(1)
    for start in range(SHORTEST, size - 2 * SHORTEST + 1):
        ends = np.arange(start + SHORTEST, size - SHORTEST + 1)
        inside = _fit(sums[:, ends] - sums[:, [start]], ends - start)
        rest = _fit(sums[:, [-1]] - sums[:, ends], size - ends)
        twice = (inside + rest).max(1) + _fit(sums[:, start], np.array(start)) - whole
        most = np.maximum(most, twice)  # twice the gain, for two cuts
    return most


def _fit(sums: Floats, steps: NDArray[np.integer]) -> Floats:
    """The log-likelihood of Poisson counts at their own mean, but for what depends on no level."""
    fit: Floats = sums * np.log(np.maximum(sums, 1e-300) / steps)
    return fit


def _partition(counts: Floats, penalty: float) -> list[int]:
    """The cuts that minimise -2 × log-likelihood + penalty × cuts: PELT, exact."""
    size = counts.size
    sums = np.concatenate(([0.0], np.cumsum(counts)))
    best, previous = np.full(size + 1, np.inf), np.zeros(size + 1, dtype=np.intp)
    best[0] = -penalty
    useless = np.full(size + 1, np.inf)  # from which end on a start can be left out
    for end in range(SHORTEST, size + 1):
        starts = np.flatnonzero((useless[: end - SHORTEST + 1] > end) & np.isfinite(best[: end - SHORTEST + 1]))
        costs = best[starts] - 2 * _fit(sums[end] - sums[starts], end - starts)
        chosen = int(costs.argmin())
        best[end], previous[end] = costs[chosen] + penalty, starts[chosen]
        # a cut here would do better than these starts, for every end that lies far enough behind it
        beaten = starts[costs > best[end]]
        useless[beaten] = np.minimum(useless[beaten], end + SHORTEST)
    cuts, end = [], size
    while end := int(previous[end]):
        cuts.append(end)
    return cuts[::-1]


def _change(rng: np.random.Generator, counts: Counts, cuts: list[int], dispersion: float, draws: int) -> ChangePoint:
    """The change at the middle of three cuts; series drawn with this change tell how far off its place may be."""
    start, at, end = cuts
    before, after = float(counts[start:at].mean()), float(counts[at:end].mean())
    means = np.repeat((before, after), (at - start, end - at))
    found = _gains(_drawn(rng, means, dispersion, draws)).argmax(1) + SHORTEST + start
    low, high = np.quantile(found, (0.025, 0.975), method="inverted_cdf")
    return ChangePoint(at, min(at, int(low)), max(at, int(high)), before, after)
