"""Numbers, shares, intervals and dates: one way to write each, and none that claims more than is known."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.examples import measure
from tutela.report import ReportError
from tutela.report.wording import clean, finite, instant, is_month, words

EN, RU, ES = (words(code) for code in ("en", "ru", "es"))
number, percent, people = EN.number, EN.percent, EN.people


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
    assert (EN.interval(said), EN.between(said), EN.certainty(said)) == (figure, within, sure)


@pytest.mark.parametrize("name", ["minor_signals", "offers", "reward_rules"])
@pytest.mark.parametrize("count", [0, 3])
def test_what_rules_found_is_not_called_exact(name: str, count: int) -> None:
    assert EN.certainty(measure(name, count, count)).startswith("So many were found by rules, which miss some")


@pytest.mark.parametrize(("n", "text"), [(0, "no images"), (1, "1 image"), (2, "2 images"), (1000, "1,000 images")])
def test_counts(n: int, text: str) -> None:
    assert EN.say("count_images", n=n) == text


@pytest.mark.parametrize(
    ("n", "russian", "spanish"),
    [
        (0, "0 изображений", "ninguna imagen"), (1, "1 изображение", "1 imagen"), (2, "2 изображения", "2 imágenes"),
        (5, "5 изображений", "5 imágenes"), (11, "11 изображений", "11 imágenes"),
        (14, "14 изображений", "14 imágenes"),
        (21, "21 изображение", "21 imágenes"), (112, "112 изображений", "112 imágenes"),
        (104_852, "104\xa0852 изображения", "104.852 imágenes"), (1.5, "1,5 изображения", "1,5 imágenes"),
        (2_000_000, "2\xa0000\xa0000 изображений", "2.000.000 de imágenes"),
    ],
)  # fmt: skip
def test_plurals_follow_the_language(n: float, russian: str, spanish: str) -> None:
    assert (RU.say("count_images", n=n), ES.say("count_images", n=n)) == (russian, spanish)


def test_numbers_shares_and_dates_follow_the_language() -> None:
    moment = datetime(2026, 7, 3, 9, 5, tzinfo=UTC)
    told = [
        (w.number(1204), w.number(1234.56), w.percent(0.97), w.minute(moment), w.month("2026-07")) for w in (RU, ES)
    ]
    assert told == [
        ("1\xa0204", "1\xa0234,6", "97\xa0%", "3 июля 2026 г., 09:05 UTC", "июль 2026"),
        ("1204", "1234,6", "97\xa0%", "3 de julio de 2026, 09:05 UTC", "julio de 2026"),
    ]


def test_what_is_put_into_a_text_is_not_filled_in_again() -> None:
    assert EN.say("sentence", text="{n} {text} {__class__}") == "{n} {text} {__class__}."


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(ReportError, match="no catalogue"):
        words("xx")


@pytest.mark.parametrize(
    ("unit", "low", "high", "figure"),
    [
        ("share of message numbers", 0.971, 1.0, "97%–100%"),
        ("% more images (cumulative)", 561.8, 2371.2, "562%–2,371%"),
        ("% more posts than unreported channels", -34.25, 8.1, "−34.25% to 8.1%"),
        ("images", 0.5, 2, "0.5–2"),
    ],
)
def test_shares_and_percentages_are_written_as_such(unit: str, low: float, high: float, figure: str) -> None:
    assert EN.interval(measure("any", low, high, unit=unit)) == figure


def test_dates_are_written_out_in_utc() -> None:
    late = datetime(2020, 8, 1, 1, 5, 59, tzinfo=timezone(timedelta(hours=2)))
    assert (EN.day(late), EN.minute(late), instant(late)) == (
        "31 July 2020",
        "31 July 2020, 23:05 UTC",
        "2020-07-31T23:05:59Z",
    )


@pytest.mark.parametrize("write", [EN.day, EN.minute, instant])
def test_a_time_without_a_zone_is_refused(write: object) -> None:
    with pytest.raises(ReportError, match="no time zone"):
        write(datetime(2020, 8, 1, tzinfo=UTC).replace(tzinfo=None))  # type: ignore[operator]


@pytest.mark.parametrize(("key", "text"), [("2020-07", "July 2020"), ("0999-12", "December 999"), ("de", "de")])
def test_months_in_words(key: str, text: str) -> None:
    assert EN.month(key) == text


@pytest.mark.parametrize(
    "key", ["", "2020", "2020-13", "2020-00", "20-07", "2020-7", "2020/07", "2020-07-01", "²⁰²⁰-07"]
)
def test_what_is_no_month_stays_as_it_is(key: str) -> None:
    assert not is_month(key)
    assert EN.month(key) == key


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
