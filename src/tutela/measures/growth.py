"""How the number of images shared grew."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import exp

import numpy as np
from numpy.typing import NDArray

from tutela.measures.changes import change_points, growth_rate
from tutela.measures.columns import UNDATED, Observations
from tutela.measures.timeline import (
    DAY,
    WEEK,
    counts_by_month,
    dating_note,
    instant,
    month_end,
    month_key,
    month_of,
    month_parts,
    possible,
    seconds,
    window,
)
from tutela.model import Measure, Part, Window


@dataclass(frozen=True, slots=True)
class _Until:
    """How many images were shared until some instant: as dated, and at least and at most."""

    dated: int
    least: int
    most: int


def growth(seen: Observations) -> Measure:
    """The change in percent of the cumulative number of images, and the images of each month."""
    at, zoned = seen.posts.at[seen.images.post], seen.posts.zoned[seen.images.post]
    covered = window(seen.posts.at)
    first, counts = counts_by_month(at, covered)
    value, low, high, note = _change(at, zoned, _whole_months(covered))
    dated = int(np.count_nonzero(at != UNDATED))
    return Measure(
        name="growth",
        value=value,
        low=low,
        high=high,
        unit="% more images (cumulative)",
        definition=(
            "Cumulative: by how many percent the number of all images shared up to the end of a month grew from the "
            "first to the last month that the dated posts cover whole, to the day and in UTC. +198 % means ×2.98. The "
            "parts by month are intervals, the images shared within that month; month-cumulative is their running sum. "
            "A change is a week from which on the images a week lay at another level; the trend is exponential."
        ),
        window=covered,
        completeness=dated / at.size if at.size else None,
        parts=month_parts(first, counts)
        + month_parts(first, list(accumulate(counts)), "month-cumulative")
        + tuple(_changes(at, covered)),
        note=" ".join(filter(None, (note, dating_note(at, zoned)))),
    )


def _changes(at: NDArray[np.int64], covered: Window | None) -> Iterator[Part]:
    """Where the number of images a week changed its level, and the trend; from the first whole week to the last."""
    if covered is None:
        return
    first, last = seconds(covered.start) // WEEK + 1, seconds(covered.end) // WEEK
    weeks = at[at != UNDATED] // WEEK - first
    counts = np.bincount(weeks[(weeks >= 0) & (weeks < last - first)], minlength=max(last - first, 0))
    for change in change_points(counts):
        low, day, high = (
            f"{instant((first + place) * WEEK):%Y-%m-%d}" for place in (change.low, change.at, change.high)
        )
        levels = f"from {change.before:.3g} to {change.after:.3g} images a week"
        ratio = change.after / change.before if change.before else None
        yield Part("change", day, ratio, f"{levels}; between {low} and {high} (95 %)")
    if (trend := growth_rate(counts)) is not None:
        week = trend.rate.through(lambda rate: 100 * (exp(rate) - 1))
        yield Part("trend", "% more images each week", week.point, f"{week.low:.3g} to {week.high:.3g} (95 %)")


_Change = tuple[float | None, float | None, float | None, str]


def _change(at: NDArray[np.int64], zoned: NDArray[np.bool_], whole: range) -> _Change:
    """Value, low, high and note. An undated image may have come first or last, one without a zone hours off."""
    if len(whole) < 2:
        return None, None, None, "Fewer than two whole months are covered."
    dated = at != UNDATED
    undated = int(np.count_nonzero(~dated))
    start, end = (_until(at[dated], zoned[dated], month_end(month)) for month in (whole[0], whole[-1]))
    if not start.dated:
        return None, None, None, f"No dated image by the end of {month_key(whole[0])} to compare with."
    low = _percent(start.most + undated, end.least + undated)
    high = _percent(start.least, end.most + undated) if start.least else None
    note = (
        f"{start.dated} images by the end of {month_key(whole[0])}, {end.dated} by the end of {month_key(whole[-1])}."
    )
    return _percent(start.dated, end.dated), low, high, note


def _whole_months(covered: Window | None) -> range:
    if covered is None:
        return range(0)
    before, after = month_of(np.array([seconds(covered.start) - DAY, seconds(covered.end) + DAY])).tolist()
    return range(before + 1, after)


def _until(at: NDArray[np.int64], zoned: NDArray[np.bool_], end: int) -> _Until:
    earliest, latest = possible(at, zoned)
    return _Until(*(int(np.count_nonzero(instant < end)) for instant in (at, latest, earliest)))


def _percent(start: int, end: int) -> float:
    return 100 * (end - start) / start
