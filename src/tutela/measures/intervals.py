"""Quantiles and intervals that NumPy has not (`docs/statistics.md`)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Z95 = NormalDist().inv_cdf(0.975)
"""The 97.5 % quantile of the normal distribution: two of them bound 95 %."""

FEWEST = 4
"""Units that a comparison needs on either side: Welch's interval is too narrow for three (`docs/statistics.md`)."""

_STEPS = 4_000
_MANY = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval. None stands where nothing can be said, or nothing bounds it."""

    point: float | None
    low: float | None
    high: float | None

    def through(self, rising: Callable[[float], float]) -> "Estimate":
        """The same on another scale."""
        return Estimate(*(None if x is None else rising(x) for x in (self.point, self.low, self.high)))


NOTHING = Estimate(None, None, None)
"""Where nothing can be said."""


def power(log: float) -> float:
    """e to the power of it; infinite where no float is as large."""
    with np.errstate(over="ignore"):
        return float(np.exp(log))


@lru_cache(maxsize=256)
def student_quantile(chance: float, freedom: float) -> float:
    """The value that Student's t with so many degrees of freedom stays below with probability `chance`.

    Accurate to five digits. Raises `ValueError` where `chance` does not lie strictly between 0 and 1, or `freedom` is
    below 1.
    """
    if not 0 < chance < 1 or not freedom >= 1:
        raise ValueError(f"a chance between 0 and 1, and 1 or more degrees of freedom, not {chance} and {freedom}")
    if freedom > _MANY:
        z = NormalDist().inv_cdf(chance)  # Abramowitz and Stegun, 26.7.5
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    # t = √f·tan(a) turns the density into cos(a)^(f−1) on (−π/2, π/2)
    angle = np.linspace(-np.pi / 2, np.pi / 2, 2 * _STEPS + 1)
    density = np.maximum(np.cos(angle), 0.0) ** (freedom - 1)
    mass = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2)))
    return float(np.sqrt(freedom) * np.tan(np.interp(chance, mass / mass[-1], angle)))


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share of which `hits` of `trials` were seen; (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    share, z2 = hits / trials, Z95**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    reach = Z95 * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    low, high = float(middle - reach), float(middle + reach)
    return 0.0 if hits == 0 else low, 1.0 if hits == trials else high


def difference(treated: Floats, untreated: Floats, chance: tuple[Floats, Floats] | None = None) -> Estimate:
    """How much larger the values of treated units are than those of untreated ones at the same time.

    `treated` has a value for each of them, `untreated` (untreated × treated) what each untreated unit has at the time
    of each treated one; NaN is unknown. Welch's interval, with units as what varies: each treated value is held against
    the mean of the untreated ones at its time, and an untreated unit counts once, with its mean deviation over all
    times. `chance`, in the shapes of the two, holds the variance that each value has if only chance is at work: a side
    varies by the mean of that at least. `NOTHING` where there are fewer than four units on either side, or no variance.
    """
    usual = _mean(untreated, 0)
    gaps = treated - usual
    gaps = gaps[np.isfinite(gaps)]
    noise = _mean(untreated - usual, 1)
    noise = noise[np.isfinite(noise)]
    if min(gaps.size, noise.size) < FEWEST:
        return NOTHING
    spread = np.array([gaps.var(ddof=1), noise.var(ddof=1)])
    if chance is not None:
        spread = np.maximum(spread, [np.nanmean(each) for each in chance])
    if np.allclose(spread, 0):
        return NOTHING
    parts = spread / (gaps.size, noise.size)
    freedom = parts.sum() ** 2 / (parts**2 / (gaps.size - 1, noise.size - 1)).sum()
    reach = student_quantile(0.975, round(float(min(freedom, 1e6)), 1)) * float(np.sqrt(parts.sum()))
    point = float(gaps.mean())
    return Estimate(point, point - reach, point + reach)


def _mean(values: Floats, axis: int) -> Floats:
    """The mean of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    counts = known.sum(axis)
    return np.where(counts > 0, np.where(known, values, 0.0).sum(axis) / np.maximum(counts, 1), np.nan)
