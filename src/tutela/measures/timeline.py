"""When: windows, months, and what is said where a date or its zone is missing."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import UNDATED
from tutela.model import Part, Window

DAY = 86_400
WEEK = 7 * DAY
"""Seconds."""

_AHEAD, _BEHIND = 14 * 3600, 12 * 3600  # the furthest that any zone's clock runs ahead of UTC, and behind it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Seconds = NDArray[np.int64]


def window(*columns: _Seconds) -> Window | None:
    """From the start of the first day to the last second of the last, in UTC, of columns of seconds since 1970.

    Whole days, since an exact time could tell who did something. None where nothing is dated.
    """
    days = [
        day for at in columns if (dated := at[at != UNDATED]).size for day in (dated.min() // DAY, dated.max() // DAY)
    ]
    return Window(instant(int(min(days)) * DAY), instant(int(max(days)) * DAY + DAY - 1)) if days else None


def instant(at: int) -> datetime:
    """The instant so many seconds after the start of 1970, in UTC."""
    return _EPOCH + timedelta(seconds=at)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970: the way back from a `Window`."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def month_of(at: _Seconds) -> _Seconds:
    """The month in which each instant lies, counted from January 1970. Every instant must be dated."""
    return at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def month_end(month: int) -> int:
    """The first second that lies after the month."""
    return int(np.datetime64(month + 1, "M").astype("datetime64[s]").astype(np.int64))


def counts_by_month(at: _Seconds, covered: Window | None) -> tuple[int, list[int]]:
    """The month in which `covered` starts, and how many of `at` lie in each month from there to where it ends."""
    if covered is None:
        return 0, []
    first, last = month_of(np.array([seconds(covered.start), seconds(covered.end)])).tolist()
    months = month_of(at[at != UNDATED]) - first
    return first, np.bincount(months, minlength=last - first + 1).tolist()


def month_key(month: int) -> str:
    """`2020-07`."""
    return f"{1970 + month // 12:04}-{month % 12 + 1:02}"


def month_parts(first: int, values: list[int], by: str = "month") -> tuple[Part, ...]:
    """One part a month, `2020-07`, for consecutive months from `first`."""
    return tuple(Part(by, month_key(month), value) for month, value in enumerate(values, first))


def by_month(at: _Seconds) -> tuple[Part, ...]:
    """How many of `at` lie in each month from the first date to the last; what has no date is in no month."""
    return month_parts(*counts_by_month(at, window(at)))


def possible(at: _Seconds, zoned: NDArray[np.bool_]) -> tuple[_Seconds, _Seconds]:
    """The earliest and the latest instant, in UTC, that each date can mean. Every one must be dated."""
    return np.where(zoned, at, at - _AHEAD), np.where(zoned, at, at + _BEHIND)


def dating_note(at: _Seconds, zoned: NDArray[np.bool_]) -> str:
    """What a reader of months must know about missing dates and zones; empty where there is nothing to say."""
    dated = at != UNDATED
    unzoned = dated & ~zoned
    earliest, latest = possible(at[unzoned], zoned[unzoned])
    astray = np.count_nonzero(month_of(earliest) != month_of(latest))
    notes = []
    if undated := np.count_nonzero(~dated):
        notes.append(f"{undated} without a date {'is' if undated == 1 else 'are'} in no month.")
    if count := np.count_nonzero(unzoned):
        notes.append(
            f"The time zone of {count} is unknown: counted in the month as written; "
            f"{astray} of them could belong to a neighbouring month."
        )
    return " ".join(notes)
