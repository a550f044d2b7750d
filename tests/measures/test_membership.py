"""Memberships and members: what is known is added up, what is unknown stays unknown, small cells are withheld."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from measures.conftest import bounds, cells, chat, measured, notes, observed, patient, post, reading
from tutela.model import ChannelKind, Measure, Pseudonym, When

SEVEN = (45_240, 21_300, 14_890, 9_400, 5_600, 3_050, 1_600)


def of(*members: int | None) -> dict[str, Measure]:
    """The measures of channels `ch-0`, `ch-1`, … with these latest counts."""
    return measured(observed(readings=[reading(f"ch-{i}", n, "2020-07-31T12:00") for i, n in enumerate(members)]))


def at(number: int) -> When:
    """The same hour of one of eight weeks."""
    return When(datetime(2020, 1, 6, tzinfo=UTC) + timedelta(weeks=number % 700), None)


def test_seven_channels_with_a_hub_have_the_sum_as_memberships_and_an_interval_of_members() -> None:
    measures = of(*SEVEN)
    assert bounds(measures["channels"]) == (7, 7, 7)
    assert bounds(measures["memberships"]) == (101_080, 101_080, 101_080)
    assert bounds(measures["unique_members"]) == (None, 45_240, 101_080)
    assert cells(measures["memberships"], "channel") == {f"ch-{i}": n for i, n in enumerate(SEVEN)}
    assert set(notes(measures["memberships"]).values()) == {"read 2020-07-31"}
    assert measures["memberships"].completeness == measures["unique_members"].completeness == 1


def test_an_unknown_count_is_never_zero_and_leaves_the_sum_open_above() -> None:
    measures = of(45_240, None, 1_600, None)
    assert bounds(measures["memberships"]) == (46_840, 46_840, None)
    assert bounds(measures["unique_members"]) == (None, 45_240, None)
    assert cells(measures["memberships"], "channel") == {"ch-0": 45_240, "ch-1": None, "ch-2": 1_600, "ch-3": None}
    assert notes(measures["memberships"])["ch-1"] == "unknown"
    assert measures["memberships"].completeness == 0.5
    assert "2 of 4 channels" in measures["memberships"].note


def test_without_any_count_nothing_is_known() -> None:
    measures = of(None, None)
    assert bounds(measures["memberships"]) == bounds(measures["unique_members"]) == (None, None, None)
    assert measures["memberships"].completeness == 0


def test_one_channel_alone_has_as_many_members_as_memberships() -> None:
    assert bounds(of(4_000)["unique_members"]) == (4_000, 4_000, 4_000)
    assert bounds(of(4_000, None)["unique_members"]) == (None, 4_000, None)


def test_the_latest_known_count_is_the_one_that_counts() -> None:
    """Not the largest, not the last to come, not a later one without a count; undated comes before dated."""
    told = [
        reading("ch-a", 900, "2020-07-01T00:00"),
        reading("ch-a", None, "2020-08-01T00:00", "restricted"),
        reading("ch-a", 950, "2020-05-01T00:00"),
        reading("ch-a", 2_000),
        reading("ch-b", 50),
        reading("ch-b", 40),
    ]
    measures = measured(observed(readings=told))
    memberships = measures["memberships"]
    assert cells(memberships, "channel") == {"ch-a": 900, "ch-b": 50}
    assert notes(memberships) == {"ch-a": "read 2020-07-01", "ch-b": "date of the reading unknown"}
    assert memberships.window is not None and f"{memberships.window.end:%Y-%m-%d}" == "2020-07-01"
    assert cells(measures["channels"], "state") == {"restricted": 1, "unknown": 1}


def test_a_folder_of_files_has_no_members_and_is_no_chat() -> None:
    told = [reading("files", 5_000, "2020-07-01T00:00"), reading("ch-a", 100, "2020-07-02T00:00")]
    measures = measured(observed(readings=told, channels=[chat("files", ChannelKind.FOLDER), chat("ch-a")]))
    assert bounds(measures["memberships"]) == (100, 100, 100)
    assert bounds(measures["channels"]) == (1, 1, 1)
    window = measures["channels"].window
    assert window is not None and f"{window.start:%Y-%m-%d}" == "2020-07-02"


def test_a_small_count_is_withheld_and_the_sum_with_it() -> None:
    measures = of(3, 400, 45_000, 10)
    found = measures["memberships"]
    assert cells(found, "channel") == {"ch-0": None, "ch-1": 400, "ch-2": 45_000, "ch-3": 10}
    assert notes(found)["ch-0"] == "fewer than 10: suppressed; read 2020-07-31"
    assert bounds(found) == (None, 45_410, 45_419)
    assert bounds(measures["unique_members"]) == (None, 45_000, 45_419)


@pytest.mark.parametrize(
    ("members", "sum_of", "different"),
    [
        ((5,), (None, 0, 9), (None, 0, 9)),
        ((3, 4), (None, 0, 18), (None, 0, 18)),
        ((0, 10), (None, 10, 19), (None, 10, 19)),
        ((0, 10, 10), (None, 20, 29), (None, 10, 29)),
        ((5, None), (None, 0, None), (None, 0, None)),
        ((10, 11), (21, 21, 21), (None, 11, 21)),
    ],
)
def test_the_intervals_are_what_the_counts_leave_that_are_told(
    members: tuple[int | None, ...], sum_of: tuple[object, ...], different: tuple[object, ...]
) -> None:
    measures = of(*members)
    assert (bounds(measures["memberships"]), bounds(measures["unique_members"])) == (sum_of, different)
    assert ("fewer than 10 people" in measures["memberships"].note) is (sum_of[0] is None)


@patient
@given(st.lists(st.integers(0, 14) | st.integers(0, 40), min_size=1, max_size=6), st.data())
def test_any_small_count_could_be_another_one(members: list[int], data: st.DataObject) -> None:
    """Whoever knows the rule and all that is published cannot tell one small count from another."""
    others = [data.draw(st.integers(0, 9)) if count < 10 else count for count in members]
    assert of(*members) == of(*others)


def test_people_are_estimated_from_the_channels_whose_count_is_told() -> None:
    """Whoever is in a small channel may be nobody else, or nine people more."""
    acts = [
        replace(post(week, at(week), channel=f"ch-{place}"), author=Pseudonym(f"pe-{person}"))
        for person in range(120)
        for place in (0, 1)
        for week in (700 * person + number for number in range(8))
    ]
    told = [reading("ch-0", 300, "2020-07-31T12:00"), reading("ch-1", 300, "2020-07-31T12:00")]
    without = measured(observed(((act, ()) for act in acts), told))["unique_members"]
    beside = measured(observed(((act, ()) for act in acts), [*told, reading("ch-2", 4, "2020-07-31T12:00")]))
    found = beside["unique_members"]
    assert without.value is not None
    assert without.high is not None
    assert bounds(found) == (without.value, without.low, without.high + 9)
    assert notes(found, "overlap") == {"ch-0 ch-1": ""}
