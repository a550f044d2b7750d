"""Growth on examples with numbers worked out by hand."""

import pytest

from measures.conftest import ABSENT, PHOTO, bounds, cells, local, measured, observed, post, shared, utc
from tutela.measures import Observer
from tutela.model import When

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
