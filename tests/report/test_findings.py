"""The sentences over the plots say what the data say, and no more."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.examples import match, measure
from report.strategies import measures
from tutela.model import Measure, Part, Tier, Window
from tutela.report import findings
from tutela.report.findings import LONGEST, Month, months
from tutela.report.wording import words

EN = words("en")
growth_title, partial_note = partial(findings.growth_title, EN), partial(findings.partial_note, EN)
channels_title, images_title = partial(findings.channels_title, EN), partial(findings.images_title, EN)
matches_title = partial(findings.matches_title, EN)


def by_month(*pairs: tuple[str, float | None], window: Window | None = None) -> Measure:
    return measure("growth", parts=tuple(Part("month", key, value) for key, value in pairs), window=window)


def series(*values: float | None, start: int = 1) -> tuple[Month, ...]:
    return tuple(Month(f"2026-{start + i:02}", value) for i, value in enumerate(values))


class TestMonths:
    def test_they_come_in_order_and_a_gap_is_unknown(self) -> None:
        """Never zero: that nothing was read says nothing about what was posted."""
        found = months(by_month(("2026-02", 5), ("2025-11", 3)))
        keys = [("2025-11", 3), ("2025-12", None), ("2026-01", None), ("2026-02", 5)]
        assert [(month.key, month.value) for month in found] == keys

    def test_other_breakdowns_and_odd_keys_are_left_out(self) -> None:
        parts = (Part("channel", "2026-01", 1), Part("month", "soon", 1), Part("month", "2026-13", 1))
        assert months(measure(parts=parts)) == ()

    def test_a_window_that_starts_or_ends_within_a_month_makes_it_partial(self) -> None:
        window = Window(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
        found = months(by_month(("2026-01", 1), ("2026-02", 1), ("2026-03", 1), window=window))
        assert [month.partial for month in found] == [True, False, True]
        assert partial_note(found) == "Outlined: January 2026 and March 2026, only partly covered by what was read."

    def test_a_window_that_covers_its_months_makes_none_partial(self) -> None:
        window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC))
        found = months(by_month(("2026-01", 1), ("2026-02", 1), window=window))
        assert not any(month.partial for month in found)
        assert partial_note(found) == ""

    def test_a_stray_date_does_not_fill_a_century(self) -> None:
        found = months(by_month(("1970-01", 1), ("2026-01", 5), ("2026-03", 6)))
        assert [month.key for month in found] == ["1970-01", "2026-01", "2026-03"]

    def test_of_too_many_months_the_latest_stay(self) -> None:
        keys = [f"{year}-{month:02}" for year in range(1990, 2026) for month in range(1, 13)]
        found = months(by_month(*((key, 1) for key in keys)))
        assert [month.key for month in found] == keys[-LONGEST:]

    @given(measures)
    def test_any_measure_gives_a_bounded_series_with_a_title(self, drawn: Measure) -> None:
        found = months(drawn)
        assert len(found) <= LONGEST
        assert [month.key for month in found] == sorted({month.key for month in found})


@pytest.mark.parametrize(
    ("found", "title"),
    [
        ((), "How many images were posted each month is unknown"),
        (series(None, None), "How many images were posted each month is unknown"),
        (series(None, 1), "1 image in February 2026, the only month known"),
        (series(0, 0, 0), "No images in any known month from January 2026 to March 2026"),
        (series(40, 50, 120), "Images per month rose from 40 in January 2026 to 120 in March 2026"),
        (series(120, 50, 40), "Images per month fell from 120 in January 2026 to 40 in March 2026"),
        (series(100, 90, 109), "Images per month hardly changed: 100 in January 2026, 109 in March 2026"),
        (series(40, 200, 60), "Images per month peaked at 200 in February 2026 and stood at 60 in March 2026"),
        (
            (Month("2026-01", 2, partial=True), *series(0, 0, start=2), Month("2026-04", 4, partial=True)),
            "No images in the whole months from February 2026 to March 2026",
        ),
        (
            (Month("2026-01", 2, partial=True), Month("2026-02", 1), Month("2026-03", 9, partial=True)),
            "12 images from January 2026 to March 2026: too few whole months to compare",
        ),
        (
            (Month("2025-12", 40), Month("2026-01", 90)),
            "Images per month rose from 40 in December 2025 to 90 in January 2026",
        ),
    ],
)
def test_growth_in_words(found: Sequence[Month], title: str) -> None:
    assert growth_title(found) == title


def test_a_month_that_is_only_partly_covered_is_not_compared() -> None:
    """A first half month would make any channel grow."""
    found = (Month("2026-01", 3, partial=True), *series(40, 80, start=2), Month("2026-04", 9, partial=True))
    assert growth_title(found) == "Images per month rose from 40 in February 2026 to 80 in March 2026"


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ([], "How many images each channel posted is unknown"),
        ([None], "How many images each channel posted is unknown"),
        ([1], "One channel posted 1 image"),
        ([7, None], "Known for one of 2 channels: 7 images"),
        ([0, 0], "No images are known in 2 channels"),
    ],
)
def test_few_channels_in_words(values: list[float | None], title: str) -> None:
    assert channels_title(values, "images") == title


def test_the_few_that_hold_half_are_counted_from_the_largest() -> None:
    assert channels_title([1, 60, 20, 19], "images").startswith("One of 4 channels posted 60%")
    assert channels_title([40, 15, 30, 15], "images").startswith("2 of 4 channels posted 70%")
    assert "that are known" in channels_title([40, None, 30], "images")


def test_images_in_words() -> None:
    posted, unique = measure("images_shared", 100, 100), measure("unique_images", 60, 70)
    assert images_title(posted, unique) == "Between 60 and 70 different pictures among 100 images posted"
    single = (measure("images_shared", 1, 1), measure("unique_images", 1, 1))
    assert images_title(*single) == "1 different picture among 1 image posted"
    assert images_title(None, unique) == "Between 60 and 70 different pictures"
    assert images_title(measure("images_shared", 0, 0), unique) == "No images were posted"
    assert images_title(posted, None) == "How many of the images are different pictures is unknown"


def test_matches_in_words() -> None:
    found = [match(tier).match for tier in (Tier.NEAR, Tier.EXACT, Tier.NEAR)]
    assert matches_title(found, 1) == "3 matches: 1 exact, 2 near"
    assert matches_title(found[:1], 1) == "1 match: 1 near"
    assert matches_title([], 1) == "No copies of protected pictures were found"


def test_that_nothing_was_looked_for_is_not_called_nothing_found() -> None:
    assert matches_title([], 0) == "Nothing was looked for: the bank held no cases"


@given(st.lists(st.none() | st.integers(0, 10**9), max_size=20))
def test_any_channels_have_a_title(values: list[float | None]) -> None:
    assert channels_title(values, "images")
