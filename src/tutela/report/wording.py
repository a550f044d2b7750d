"""Numbers, shares, intervals and dates as a reader sees them. English, and the same on every machine."""

import re
import sys
from datetime import UTC, date, datetime

from tutela.measures import SMALLEST
from tutela.model import Measure
from tutela.model.figures import Number
from tutela.report.errors import ReportError

UNKNOWN = "unknown"

LARGE = 10**15
"""From here on, digits say less than the power of ten."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(value: Number | None) -> str:
    """Thousands with a comma, at most two decimals below 100 and one above; from 10¹⁵ on as a power of ten.

    `unknown` for None.
    """
    if (value := finite(value)) is None:
        return UNKNOWN
    if abs(value) >= LARGE:
        mantissa, _, exponent = f"{float(value):.1e}".partition("e+")
        return f"{mantissa.removesuffix('.0').replace('-', '−')} × 10{exponent.translate(_RAISED)}"
    if isinstance(value, float) and not value.is_integer():
        digits = f"{value:,.{1 if abs(value) >= 100 else 2}f}".rstrip("0").rstrip(".")
        return digits.replace("-", "−") if digits not in ("0", "-0") else "under 0.01"
    return f"{int(value):,}".replace("-", "−")


def count(n: int, noun: str, plural: str = "") -> str:
    """`1 image`, `2 images`, `no images`."""
    words = noun if n == 1 else plural or f"{noun}s"
    return f"{number(n) if n else 'no'} {words}"


def people(n: int) -> str:
    """How many people or cases: `no`, `fewer than 10`, or the number. A smaller group could be somebody."""
    if not n:
        return "no"
    return f"fewer than {SMALLEST}" if n < SMALLEST else number(n)


def percent(share: float | None) -> str:
    """A share of 0 to 1 in whole percent; what is not all is never called 100 %, nor what is something 0 %."""
    if (share := finite(share)) is None:
        return UNKNOWN
    if 0.995 <= share < 1:
        return "over 99%"
    return "under 1%" if 0 < share <= 0.005 else f"{share * 100:.0f}%"


def interval(measure: Measure) -> str:
    """The figure with its uncertainty: `12–15`, `at least 12`, `at most 15`, `7`, `about 7`, or `unknown`."""
    return _bounded(measure, " to " if measure.low is not None and measure.low < 0 else "–", "")


def between(measure: Measure) -> str:
    """The same within a sentence: `between 12 and 15`."""
    return _bounded(measure, " and ", "between ")


def _bounded(measure: Measure, dash: str, start: str) -> str:
    low, high = measure.low, measure.high
    if low is not None and high is not None:
        return number(low) if low == high else f"{start}{number(low)}{dash}{number(high)}"
    if low is not None:
        return f"at least {number(low)}"
    if high is not None:
        return f"at most {number(high)}"
    return UNKNOWN if measure.value is None else f"about {number(measure.value)}"


def certainty(measure: Measure) -> str:
    """How sure the figure is, as a sentence to stand beside it."""
    low, high, value = measure.low, measure.high, measure.value
    if low is None and high is None:
        return "Not known." if value is None else "How far off this may be is not known."
    if low is None or high is None:
        return f"What was read sets no {'lower' if low is None else 'upper'} limit."
    if low == high:
        return "Exact for what was read."
    best = "" if value is None else f"; what was read gives {number(value)}"
    return f"The truth lies {between(measure)}{best}."


def capital(text: str) -> str:
    """The text with its first letter raised, the rest as it is."""
    return text[:1].upper() + text[1:]


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, to the second.

    Raises `ReportError` for a time without a zone.
    """
    return _utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def day(moment: datetime) -> str:
    """`31 July 2020`, in UTC."""
    return _day(_utc(moment).date())


def minute(moment: datetime) -> str:
    """`31 July 2020, 14:05 UTC`."""
    return f"{day(moment)}, {_utc(moment):%H:%M} UTC"


def month_name(key: str) -> str:
    """`July 2020` for `2020-07`; any other key as it is."""
    year, _, month = key.partition("-")
    if not is_month(key):
        return key
    return f"{_MONTHS[int(month) - 1]} {int(year)}"


def is_month(key: str) -> bool:
    """Whether a part's key is a month such as `2020-07`."""
    year, dash, month = key.partition("-")
    digits = f"{year}{month}"
    return (
        (len(year), dash, len(month)) == (4, "-", 2) and digits.isascii() and digits.isdigit() and 1 <= int(month) <= 12
    )


def clean(text: str) -> str:
    """The text with every character that XML and HTML forbid (controls, half pairs) shown as �."""
    return _FORBIDDEN.sub("\ufffd", text)


def finite(value: Number | None) -> Number | None:
    """The number, or None where it is none (NaN) or beyond what readers of JSON can hold: both are unknown to them."""
    return value if value is not None and abs(value) <= sys.float_info.max else None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ReportError("a time has no time zone", where=moment.isoformat(), remedy="give an aware datetime in UTC")
    return moment.astimezone(UTC)


def _day(when: date) -> str:
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
