"""How the number of images shared grew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from tutela.measures.changes import change_points, growth_rate
from tutela.measures.columns import UNDATED, Observations
from tutela.measures.intervals import power
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

WEEKS_AT_MOST = 416
"""Eight years: the time that changes of level take to tell grows faster than the square of the weeks."""

_Seconds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Read:
    """The time in which every channel was read, None where there is none; `cut` were not read from their beginning."""

    covered: Window | None
    channels: int
    cut: int


@dataclass(frozen=True, slots=True)
class _Until:
    """How many images were shared until some instant: as dated, and at least and at most."""

    dated: int
    least: int
    most: int


def growth(seen: Observations) -> Measure:
    """The change in percent of the cumulative number of images, and the images of each month."""
    at, zoned = seen.posts.at[seen.images.post], seen.posts.zoned[seen.images.post]
    read = _read(seen)
    first, counts = counts_by_month(at, window(seen.posts.at))
    months = month_parts(first, counts) + month_parts(first, list(accumulate(counts)), "month-cumulative")
    months = tuple(_known(months, read.covered))
    start, weeks = _weeks(at, read.covered)
    value, low, high, note = _change(at, zoned, _whole_months(read.covered))
    dated = int(np.count_nonzero(at != UNDATED))
    trimmed, many = any(part.value is None for part in months), weeks.size > WEEKS_AT_MOST
    return Measure(
        name="growth",
        value=value,
        low=low,
        high=high,
        unit="% more images (cumulative)",
        definition=(
            "Cumulative: by how many percent the number of all images shared up to the end of a month grew from the "
            "first to the last month in which every channel was read whole, to the day and in UTC. +198 % means ×2.98. "
            "The parts by month are intervals, the images shared within that month; month-cumulative is their running "
            "sum. A change is a week from which on the images a week lay at another level; the trend is exponential."
        ),
        window=read.covered,
        completeness=dated / at.size if at.size else None,
        parts=months + tuple(_changes(start, weeks)),
        note=" ".join(filter(None, (note, *_notes(read, trimmed=trimmed, many=many), dating_note(at, zoned)))),
    )


def _notes(read: _Read, *, trimmed: bool, many: bool) -> Iterator[str]:
    """What is not in the figure: `trimmed` where some channel was read for longer, `many` for too many weeks."""
    if trimmed:
        yield "Months that not every channel covers are unknown."
    if read.cut:
        yield (
            f"{read.cut} of {read.channels} channels were not read from their beginning: "
            "what they shared before is not counted."
        )
    if many:
        yield f"More than {WEEKS_AT_MOST} weeks are covered: changes of level were not looked for."


def _read(seen: Observations) -> _Read:
    """A channel was read from its first post on, or ever since there was one where that is number 1.

    It was read up to its last post or dated reading, and so may be silent in between.
    """
    posts, readings, count = seen.posts, seen.readings, len(seen.channels)
    ever = np.iinfo(np.int64).max
    first, last, number = np.full(count, ever), np.full(count, UNDATED), np.full(count, ever)
    dated = posts.at != UNDATED
    np.minimum.at(first, posts.channel[dated], posts.at[dated])
    np.maximum.at(last, posts.channel, posts.at)
    np.minimum.at(number, posts.channel, posts.number)
    latest = last.max(initial=UNDATED)
    np.maximum.at(last, readings.channel, np.minimum(readings.at, latest))
    known = first != ever
    if not known.any():
        return _Read(None, 0, 0)
    cut = known & ((number < 0) | (number > 1))
    ends = np.array([first[cut].max() if cut.any() else first.min(), last[known].min()])
    covered = window(ends) if ends[0] // DAY <= ends[1] // DAY else None
    return _Read(covered, int(np.count_nonzero(known)), int(np.count_nonzero(cut)))


def _known(parts: Iterable[Part], covered: Window | None) -> Iterator[Part]:
    """Parts by month; the value of a month in which not every channel was read is unknown."""
    start, end = (f"{covered.start:%Y-%m}", f"{covered.end:%Y-%m}") if covered else ("9", "0")
    for part in parts:
        yield part if start <= part.key <= end else replace(part, value=None)


def _weeks(at: _Seconds, covered: Window | None) -> tuple[int, NDArray[np.int64]]:
    """The first whole week since 1970, and the images of each from there to the last whole one."""
    if covered is None:
        return 0, np.empty(0, np.int64)
    first, last = seconds(covered.start) // WEEK + 1, seconds(covered.end) // WEEK
    weeks = at[at != UNDATED] // WEEK - first
    return first, np.bincount(weeks[(weeks >= 0) & (weeks < last - first)], minlength=max(last - first, 0))


def _changes(first: int, counts: NDArray[np.int64]) -> Iterator[Part]:
    """Where the number of images a week changed its level, and the trend; `first` is the week of the first count."""
    for change in change_points(counts) if counts.size <= WEEKS_AT_MOST else ():
        low, day, high = (
            f"{instant((first + place) * WEEK):%Y-%m-%d}" for place in (change.low, change.at, change.high)
        )
        levels = f"from {change.before:.3g} to {change.after:.3g} images a week"
        ratio = change.after / change.before if change.before else None
        yield Part("change", day, ratio, f"{levels}; between {low} and {high} (95 %)")
    if (trend := growth_rate(counts)) is not None:
        week = trend.rate.through(lambda rate: 100 * (power(rate) - 1))
        if week.high is not None and isfinite(week.high):  # else it bounds nothing
            yield Part("trend", "% more images each week", week.point, f"{week.low:.3g} to {week.high:.3g} (95 %)")


_Change = tuple[float | None, float | None, float | None, str]


def _change(at: _Seconds, zoned: NDArray[np.bool_], whole: range) -> _Change:
    """Value, low, high and note. An undated image may have come first or last, one without a zone hours off."""
    if len(whole) < 2:
        return None, None, None, "Fewer than two whole months are covered by every channel."
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


def _until(at: _Seconds, zoned: NDArray[np.bool_], end: int) -> _Until:
    earliest, latest = possible(at, zoned)
    return _Until(*(int(np.count_nonzero(instant < end)) for instant in (at, latest, earliest)))


def _percent(start: int, end: int) -> float:
    return 100 * (end - start) / start
