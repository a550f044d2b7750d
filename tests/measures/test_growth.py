"""Growth on examples with numbers worked out by hand."""

import pytest

from measures.conftest import (
    ABSENT,
    PHOTO,
    bounds,
    cells,
    local,
    measured,
    observed,
    post,
    reading,
    shared,
    utc,
)
from tutela.measures import ImageSeen, Observer
from tutela.measures.growth import WEEKS_AT_MOST
from tutela.model import Measure, Post, When

EDGES = [(post(900, utc("2020-04-01T00:00:00")), []), (post(901, utc("2020-07-31T23:59:59")), [])]
"""Posts without images, so that April to July 2020 are whole months."""


def test_198_percent_more_is_2_98_times_as_many() -> None:
    """100 images by the end of April, 298 by the end of July: none in June, which is a known 0."""
    growth = measured(
        observed(
            [
                *EDGES,
                shared(1, utc("2020-04-30T23:59:59"), 100),
                shared(2, utc("2020-05-01T00:00:00"), 48),
                shared(3, utc("2020-07-15T12:00:00"), 150),
            ]
        )
    )["growth"]
    assert bounds(growth) == (198, 198, 198)
    assert cells(growth, "month") == {"2020-04": 100, "2020-05": 48, "2020-06": 0, "2020-07": 150}
    assert cells(growth, "month-cumulative") == {"2020-04": 100, "2020-05": 148, "2020-06": 148, "2020-07": 298}
    assert "+198 % means ×2.98" in growth.definition
    assert growth.note == "100 images by the end of 2020-04, 298 by the end of 2020-07."
    assert growth.completeness == 1


def test_the_published_figures_of_2020_can_be_expressed() -> None:
    """104,852 images by the end of July after 35,185 by the end of April are +198 %."""
    observer = Observer()
    for number, (day, count) in enumerate([("2020-04-01", 35_185), ("2020-06-10", 60_000), ("2020-07-31", 9_667)]):
        observer.post(post(number, utc(f"{day}T08:00:00"), *[PHOTO] * count), [ABSENT] * count)
    measures = measured(observer.finish())
    assert measures["images_shared"].value == 104_852
    assert measures["growth"].value == pytest.approx(198.0, abs=0.01)


def test_months_that_are_covered_in_part_are_plotted_but_not_compared() -> None:
    """From 2 March to 30 July only April, May and June are whole. What came in March was there by the end of April."""
    growth = measured(
        observed(
            [
                shared(1, utc("2020-03-02T00:00:00"), 4),
                shared(2, utc("2020-04-10T00:00:00"), 6),
                shared(3, utc("2020-06-10T00:00:00"), 5),
                shared(4, utc("2020-07-30T23:59:59"), 1_000),
            ]
        )
    )["growth"]
    assert bounds(growth) == (50, 50, 50)
    assert list(cells(growth, "month").values()) == [4, 6, 0, 5, 1_000]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2020-04-01T09:00:00", "2020-05-30T23:59:59"), ("2020-04-02T00:00:00", "2020-06-29T23:00:00")],
)
def test_fewer_than_two_whole_months_tell_no_growth(first: str, last: str) -> None:
    growth = measured(observed([shared(1, utc(first), 3), shared(2, utc(last), 30)]))["growth"]
    assert bounds(growth) == (None, None, None)
    assert growth.note.startswith("Fewer than two whole months")
    assert sum(value or 0 for value in cells(growth, "month").values()) == 33


def test_nothing_at_first_is_nothing_to_compare_with() -> None:
    growth = measured(observed([*EDGES, shared(1, utc("2020-06-15T00:00:00"), 9)]))["growth"]
    assert bounds(growth) == (None, None, None)
    assert "by the end of 2020-04" in growth.note
    assert cells(growth, "month") == {"2020-04": 0, "2020-05": 0, "2020-06": 9, "2020-07": 0}


def test_undated_images_may_have_come_first_or_last() -> None:
    """100 → 300 with 100 undated: at least 200 → 400, at most 100 → 400."""
    stream = [*EDGES, shared(1, utc("2020-04-05T00:00:00"), 100), shared(2, utc("2020-06-05T00:00:00"), 200)]
    growth = measured(observed([*stream, shared(3, When(None, None), 100)]))["growth"]
    assert bounds(growth) == (200, 100, 300)
    assert growth.completeness == 0.75
    assert "100 without a date are in no month." in growth.note


def test_dates_without_a_zone_count_as_written_and_widen_the_interval() -> None:
    """A clock up to 14 hours ahead of UTC may show 13:59:59 of 1 May while it is still 30 April, but not 14:00:00."""
    stream = [*EDGES, shared(1, utc("2020-04-05T00:00:00"), 100), shared(2, utc("2020-06-05T00:00:00"), 100)]
    unzoned = [shared(3, local("2020-05-01T13:59:59"), 100), shared(4, local("2020-05-01T14:00:00"), 100)]
    growth = measured(observed([*stream, *unzoned]))["growth"]
    assert bounds(growth) == (300, 100, 300)
    assert cells(growth, "month")["2020-05"] == 200
    assert "The time zone of 200 is unknown" in growth.note
    assert "100 of them could belong to a neighbouring month" in growth.note


@pytest.mark.parametrize(("clock", "most"), [("11:59:59", 100), ("12:00:00", None)])
def test_where_all_that_was_there_first_may_have_come_later_nothing_bounds_growth(clock: str, most: int | None) -> None:
    """Noon of 30 April, on a clock twelve hours behind UTC, is the first of May."""
    stream = [*EDGES, shared(1, local(f"2020-04-30T{clock}"), 10), shared(2, utc("2020-07-02T00:00:00"), 10)]
    assert bounds(measured(observed(stream))["growth"]) == (100, 100, most)


def test_what_was_shared_last_may_have_come_after_the_last_whole_month() -> None:
    stream = [*EDGES, shared(1, utc("2020-04-05T00:00:00"), 10), shared(2, local("2020-07-31T12:00:00"), 10)]
    assert bounds(measured(observed(stream))["growth"]) == (100, 0, 100)


def months_of(channel: str, first: int, *months: str) -> list[tuple[Post, list[ImageSeen]]]:
    """An image on the first and on the last day of each month, numbered from `first`."""
    days = [f"{month}-{day}T12:00:00" for month in months for day in ("01", "28")]
    return [(post(n, utc(day), PHOTO, channel=channel), [ABSENT]) for n, day in enumerate(days, first)]


def of(*streams: list[tuple[Post, list[ImageSeen]]], seen: str | None = None) -> Measure:
    """Growth over these channels; `ch-b` has a dated reading where `seen` is given."""
    readings = [reading("ch-b", None, seen)] if seen else []
    return measured(observed([each for stream in streams for each in stream], readings))["growth"]


def test_channels_that_were_never_read_at_the_same_time_tell_no_growth() -> None:
    growth = of(months_of("ch-a", 400, "2019-09"), months_of("ch-b", 40, "2020-11", "2021-02"))
    assert bounds(growth) == (None, None, None)
    assert growth.window is None
    assert set(cells(growth, "month").values()) == {None}
    assert not cells(growth, "change") | cells(growth, "trend")
    assert growth.note.startswith("Fewer than two whole months are covered by every channel.")


def test_a_channel_that_was_read_from_the_middle_counts_from_there() -> None:
    """What it posted before is unknown, and neither growth nor a change of level."""
    early = months_of("ch-a", 1, "2024-02", "2024-03", "2024-04", "2024-05", "2024-06")
    late = months_of("ch-b", 5001, "2024-04", "2024-05", "2024-06")
    growth = of(early, late)
    assert cells(growth, "month") == {"2024-02": None, "2024-03": None, "2024-04": 4, "2024-05": 4, "2024-06": 4}
    assert cells(growth, "month-cumulative")["2024-05"] == 12
    assert growth.value == 50
    assert "Months that not every channel covers are unknown." in growth.note
    assert "1 of 2 channels were not read from their beginning" in growth.note


def test_before_a_channel_began_its_images_are_a_known_zero() -> None:
    growth = of(months_of("ch-a", 1, "2024-02", "2024-03", "2024-04"), months_of("ch-b", 1, "2024-03", "2024-04"))
    assert cells(growth, "month") == {"2024-02": 2, "2024-03": 4, "2024-04": 4}
    assert "unknown" not in growth.note


@pytest.mark.parametrize(("seen", "last"), [(None, None), ("2024-04-10", 2), ("2024-08-01", 2)])
def test_a_channel_that_fell_silent_was_read_as_long_as_it_was_looked_at(seen: str | None, last: int | None) -> None:
    early = months_of("ch-a", 1, "2024-02", "2024-03", "2024-04")
    growth = of(early, months_of("ch-b", 1, "2024-02"), seen=seen)
    assert cells(growth, "month") == {"2024-02": 4, "2024-03": last, "2024-04": last}


def test_a_look_at_a_channel_tells_of_no_time_in_which_nothing_was_read() -> None:
    growth = of(months_of("ch-b", 1, "2019-09"), seen="2026-06-01")
    assert list(cells(growth, "month")) == ["2019-09"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "1970-01-01T00:00:00", "9999-01-01T00:00:00"])
def test_a_date_that_no_post_can_have_is_none(at: str) -> None:
    stream = [*EDGES, shared(1, utc("2020-04-05T00:00:00"), 10), shared(2, utc("2020-06-05T00:00:00"), 20)]
    growth = measured(observed([*stream, shared(3, utc(at), 10)]))["growth"]
    assert list(cells(growth, "month")) == ["2020-04", "2020-05", "2020-06", "2020-07"]
    assert bounds(growth) == (200, 100, 300)
    assert "10 without a date are in no month." in growth.note


def test_changes_of_level_are_looked_for_in_so_many_weeks_as_can_be_told_in_time() -> None:
    ends = [shared(1, utc("2014-01-01T00:00:00")), shared(2, utc("2023-01-01T00:00:00"))]
    growth = measured(observed(ends))["growth"]
    assert f"More than {WEEKS_AT_MOST} weeks are covered" in growth.note
    assert not cells(growth, "change")
    assert growth.value == 0


def test_a_trend_that_nothing_bounds_is_not_told() -> None:
    """Five whole weeks, Thursday to Wednesday, between a first and a last image."""
    days = ["2024-01-03", "2024-01-05", "2024-01-12", "2024-01-19", "2024-01-26", "2024-02-02", "2024-02-09"]
    counts = [1, 1, 1, 1, 1, 4560, 1]
    images = enumerate(zip(days, counts, strict=True), 1)
    stream = [shared(number, utc(f"{day}T00:00:00"), count) for number, (day, count) in images]
    growth = measured(observed(stream))["growth"]
    assert cells(growth, "month") == {"2024-01": 5, "2024-02": 4561}
    assert not cells(growth, "trend")
