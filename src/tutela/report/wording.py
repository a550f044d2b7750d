"""Numbers, shares, intervals and dates as a reader of each language sees them, the same on every machine."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from tutela.measures import SMALLEST
from tutela.model import Measure, Window
from tutela.model.figures import Number
from tutela.report.catalogue import catalogue, category, fill
from tutela.report.errors import ReportError

LARGE = 10**15
"""From here on, digits say less than the power of ten."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")

Write = Callable[[Number | None], str]
"""How a value is written: as a number, or as a share."""


ESTIMATED = frozenset({"communities", "languages", "offers", "report_effect", "unique_members"})
"""Measures whose interval comes from a method that can fail, and not from what was left open."""


RULED = frozenset({"minor_signals", "offers", "reward_rules"})
"""Measures of what rules find in texts: their number is no bound of what is there."""


class Words:
    """How one language writes. `code` is ISO 639-1. Made by `words`."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._texts = catalogue(code)
        self._decimal, self._group = self.say("number_decimal"), self.say("number_group")
        self._grouped_from = int(self.say("number_grouped_from"))

    def has(self, key: str) -> bool:
        """Whether the catalogue holds the key, as it does for every name that Tutela itself gives out."""
        return key in self._texts

    def say(self, key: str, **values: str | Number) -> str:
        """The text under `key`. Numbers among `values` are written as such; `n` chooses among plural forms."""
        entry = self._texts[key]
        written = {name: value if isinstance(value, str) else self.number(value) for name, value in values.items()}
        if isinstance(entry, str):
            return fill(entry, written)
        n = values["n"]
        if isinstance(n, str):
            raise TypeError(f"{key!r} needs a number to choose among its plural forms")
        known = finite(n)
        form = "none" if known == 0 and "none" in entry else "other" if known is None else category(self.code, known)
        return fill(entry[form], written)

    def number(self, value: Number | None) -> str:
        """In groups of three digits, at most two decimals below 100 and one above; from 10¹⁵ on as a power of ten.

        `unknown` for None.
        """
        if (value := finite(value)) is None:
            return self.say("unknown")
        if abs(value) >= LARGE:
            mantissa, _, exponent = f"{float(value):.1e}".partition("e+")
            mantissa = mantissa.removesuffix(".0").replace("-", "−").replace(".", self._decimal)
            return f"{mantissa} × 10{exponent.translate(_RAISED)}"
        if isinstance(value, float) and not value.is_integer():
            digits = f"{value:,.{1 if abs(value) >= 100 else 2}f}".rstrip("0").rstrip(".")
            return self._grouped(digits, value) if digits not in ("0", "-0") else self.say("number_tiny")
        return self._grouped(f"{int(value):,}", value)

    def _grouped(self, digits: str, value: Number) -> str:
        group = self._group if abs(value) >= self._grouped_from else ""
        return digits.replace("-", "−").translate({ord(","): group, ord("."): self._decimal})

    def people(self, n: int) -> str:
        """How many people or cases: `no`, `fewer than 10`, or the number. A smaller group could be somebody."""
        if not n:
            return self.say("people_none")
        return self.say("people_few", n=SMALLEST) if n < SMALLEST else self.number(n)

    def percent(self, share: Number | None) -> str:
        """A share of 0 to 1 in whole percent; what is not all is never called 100 %, nor what is something 0 %."""
        if (share := finite(share)) is None or finite(share * 100) is None:
            return self.say("unknown")
        if 0.995 <= share < 1:
            return self.say("percent_over", n=99)
        return self.say("percent_under", n=1) if 0 < share <= 0.005 else self.say("percent", n=round(share * 100))

    def percents(self, value: Number | None) -> str:
        """A value in percent, such as 56.1; from 100 on without decimals."""
        if (value := finite(value)) is None:
            return self.say("unknown")
        return self.say("percent", n=round(value) if abs(value) >= 100 else value)

    def writer(self, measure: Measure) -> Write:
        """How the figure of a measure is written."""
        if measure.unit.startswith("share "):
            return self.percent
        return self.percents if measure.unit.startswith("% ") else self.number

    def interval(self, measure: Measure) -> str:
        """The figure with its uncertainty: `12–15`, `at least 12`, `at most 15`, `7`, `about 7`, or `unknown`."""
        negative = measure.low is not None and measure.low < 0
        return self._bounded(measure, "interval_negative" if negative else "interval")

    def between(self, measure: Measure) -> str:
        """The same within a sentence: `between 12 and 15`."""
        return self._bounded(measure, "between")

    def _bounded(self, measure: Measure, both: str) -> str:
        low, high, write = measure.low, measure.high, self.writer(measure)
        if low is not None and high is not None:
            return write(low) if low == high else self.say(both, low=write(low), high=write(high))
        if low is not None:
            return self.say("at_least", n=write(low))
        if high is not None:
            return self.say("at_most", n=write(high))
        return self.say("unknown") if measure.value is None else self.say("about", n=write(measure.value))

    def certainty(self, measure: Measure) -> str:
        """How sure the figure is, as a sentence to stand beside it."""
        low, high, value = measure.low, measure.high, measure.value
        if low is None and high is None:
            return self.say("sure_unknown" if value is None else "sure_about")
        if low is None or high is None:
            return self.say("sure_no_lower" if low is None else "sure_no_upper")
        if low == high:
            return self.say("sure_rules" if measure.name in RULED else "sure_exact")
        if value is None:
            return self.say("sure_between", between=self.between(measure))
        if measure.name in ESTIMATED:
            return self.say("sure_estimate", between=self.between(measure), n=self.writer(measure)(value))
        return self.say("sure_best", between=self.between(measure), n=self.writer(measure)(value))

    def day(self, moment: datetime) -> str:
        """`31 July 2020`, in UTC."""
        when = _utc(moment)
        return self.say("day", day=str(when.day), month=self.say(f"month_of_{when.month}"), year=str(when.year))

    def days(self, window: Window) -> str:
        """`31 July 2020 – 2 August 2020`; the day alone where it is one."""
        start, end = self.day(window.start), self.day(window.end)
        return start if start == end else self.say("range_days", start=start, end=end)

    def minute(self, moment: datetime) -> str:
        """`31 July 2020, 14:05 UTC`."""
        return self.say("minute", day=self.day(moment), time=f"{_utc(moment):%H:%M}")

    def month(self, key: str) -> str:
        """`July 2020` for `2020-07`; any other key as it is."""
        if not is_month(key):
            return key
        return self.say("month", month=self.say(f"month_{int(key[5:])}"), year=str(int(key[:4])))

    def month_short(self, key: str) -> str:
        """`Jul` for `2020-07`."""
        return self.say(f"month_short_{int(key[5:])}")

    def listed(self, texts: list[str]) -> str:
        """`a, b and c`."""
        if len(texts) < 2:
            return "".join(texts)
        return self.say("list_and", first=", ".join(texts[:-1]), last=texts[-1])


@cache
def words(code: str) -> Words:
    """The words of a language. Raises `ReportError` where there is no catalogue for it."""
    return Words(code)


def untitled(code: str) -> str:
    """What a report is called to which nobody gave a title. Raises `ReportError` as `words` does."""
    return words(code).say("title_report")


def capital(text: str) -> str:
    """The text with its first letter raised, the rest as it is."""
    return text[:1].upper() + text[1:]


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, to the second.

    Raises `ReportError` for a time without a zone.
    """
    return _utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


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
