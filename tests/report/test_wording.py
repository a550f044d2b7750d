"""Numbers, shares, intervals and dates: one way to write each, and none that claims more than is known."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.examples import measure
from tutela.report import ReportError
from tutela.report.wording import (
    between,
    certainty,
    clean,
    count,
    day,
    finite,
    instant,
    interval,
    is_month,
    minute,
    month_name,
    number,
    people,
    percent,
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"), (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (104_852, "104,852"), (-5, "−5"),
        (2.0, "2"), (2.5, "2.5"), (2.046, "2.05"), (1234.56, "1,234.6"), (-0.5, "−0.5"), (0.001, "under 0.01"),
        (10**15 - 1, "999,999,999,999,999"), (10**15, "1 × 10¹⁵"), (-25 * 10**299, "−2.5 × 10³⁰⁰"),
        (math.nan, "unknown"), (math.inf, "unknown"), (10**400, "unknown"),
        pytest.param(10**5000, "unknown", id="endless"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@given(st.integers() | st.floats())
def test_every_number_is_short(value: float) -> None:
    assert 1 <= len(number(value)) <= 24


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "unknown"), (0, "0%"), (0.001, "under 1%"), (0.005, "under 1%"), (0.0051, "1%"),
        (0.124, "12%"), (0.97, "97%"),
        (0.994, "99%"), (0.9951, "over 99%"), (0.99999, "over 99%"), (1, "100%"), (math.nan, "unknown"),
    ],
)  # fmt: skip
def test_what_is_not_all_is_never_called_all(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("low", "value", "high", "figure", "within", "sure"),
    [
        (7, 7, 7, "7", "7", "Exact for what was read."),
        (0, 0, 0, "0", "0", "Exact for what was read."),
        (12, None, 15, "12–15", "between 12 and 15", "The truth lies between 12 and 15."),
        (12, 13, 15, "12–15", "between 12 and 15",
         "The truth lies between 12 and 15; what was read gives 13."),
        (-5, None, -3, "−5 to −3", "between −5 and −3", "The truth lies between −5 and −3."),
        (12, 12, None, "at least 12", "at least 12", "What was read sets no upper limit."),
        (None, None, 15, "at most 15", "at most 15", "What was read sets no lower limit."),
        (None, 13, None, "about 13", "about 13", "How far off this may be is not known."),
        (None, None, None, "unknown", "unknown", "Not known."),
    ],
)  # fmt: skip
def test_a_figure_never_stands_without_its_uncertainty(
    low: int | None, value: int | None, high: int | None, figure: str, within: str, sure: str
) -> None:
    said = measure("messages", low, high, value=value)
    assert (interval(said), between(said), certainty(said)) == (figure, within, sure)


@pytest.mark.parametrize(("n", "text"), [(0, "no images"), (1, "1 image"), (2, "2 images"), (1000, "1,000 images")])
def test_counts(n: int, text: str) -> None:
    assert count(n, "image") == text


def test_an_irregular_plural_is_given() -> None:
    assert (count(2, "match", "matches"), count(0, "match", "matches")) == ("2 matches", "no matches")


def test_dates_are_written_out_in_utc() -> None:
    late = datetime(2020, 8, 1, 1, 5, 59, tzinfo=timezone(timedelta(hours=2)))
    assert (day(late), minute(late), instant(late)) == (
        "31 July 2020",
        "31 July 2020, 23:05 UTC",
        "2020-07-31T23:05:59Z",
    )


@pytest.mark.parametrize("write", [day, minute, instant])
def test_a_time_without_a_zone_is_refused(write: object) -> None:
    with pytest.raises(ReportError, match="no time zone"):
        write(datetime(2020, 8, 1, tzinfo=UTC).replace(tzinfo=None))  # type: ignore[operator]


@pytest.mark.parametrize(("key", "text"), [("2020-07", "July 2020"), ("0999-12", "December 999"), ("de", "de")])
def test_months_in_words(key: str, text: str) -> None:
    assert month_name(key) == text


@pytest.mark.parametrize(
    "key", ["", "2020", "2020-13", "2020-00", "20-07", "2020-7", "2020/07", "2020-07-01", "²⁰²⁰-07"]
)
def test_what_is_no_month_stays_as_it_is(key: str) -> None:
    assert not is_month(key)
    assert month_name(key) == key


@given(st.text(st.characters()))
def test_cleaned_text_can_be_written_and_is_as_long(text: str) -> None:
    assert len(clean(text)) == len(text)
    assert not set(clean(text).encode().decode()) & {chr(n) for n in (*range(9), 11, 12, *range(14, 32), 127, 0xFFFF)}
    assert clean(clean(text)) == clean(text)


@given(st.none() | st.integers() | st.floats())
def test_finite_keeps_what_a_double_holds(value: float | None) -> None:
    kept = finite(value)
    assert kept is None or (kept == value and math.isfinite(float(kept)))
    assert (kept is None) is (value is None or not abs(value) <= 1.7976931348623157e308)


@pytest.mark.parametrize(("n", "said"), [(0, "no"), (1, "fewer than 10"), (9, "fewer than 10"), (10, "10")])
def test_a_group_of_fewer_than_ten_people_is_not_counted_out(n: int, said: str) -> None:
    assert people(n) == said
