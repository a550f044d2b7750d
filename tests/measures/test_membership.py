"""Memberships and members: what is known is added up, what is unknown stays unknown, small cells are withheld."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.conftest import bounds, cells, chat, measured, notes, observed, patient, reading
from tutela.model import ChannelKind, Measure

SEVEN = (45_240, 21_300, 14_890, 9_400, 5_600, 3_050, 1_600)


def of(*members: int | None) -> dict[str, Measure]:
    """The measures of channels `ch-0`, `ch-1`, … with these latest counts."""
    return measured(observed(readings=[reading(f"ch-{i}", n, "2020-07-31T12:00") for i, n in enumerate(members)]))


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


def hidden(*members: int) -> dict[int, str]:
    """What is withheld, and why."""
    parts = notes(of(*members)["memberships"])
    return {n: parts[f"ch-{i}"].split(";")[0] for i, n in enumerate(members) if "suppressed" in parts[f"ch-{i}"]}


SMALL, OTHER = "fewer than 10: suppressed", "suppressed so that another cell cannot be worked out"


def test_a_small_cell_is_withheld_and_the_next_smallest_with_it() -> None:
    measures = of(3, 400, 45_000, 10)
    assert hidden(3, 400, 45_000, 10) == {3: SMALL, 10: OTHER}
    assert cells(measures["memberships"], "channel") == {"ch-0": None, "ch-1": 400, "ch-2": 45_000, "ch-3": None}
    assert measures["memberships"].value == 45_413


@pytest.mark.parametrize(
    ("members", "withheld"),
    [
        ((10, 11), {}),
        ((9, 400, 45_000), {9: SMALL, 400: OTHER}),
        ((3, 4, 45_000), {3: SMALL, 4: SMALL}),
        ((8, 9, 12, 45_000), {8: SMALL, 9: SMALL}),
        ((9, 50, 50, 70), {9: SMALL, 50: OTHER}),
    ],
)
def test_as_many_cells_are_withheld_as_keep_the_small_ones_from_being_worked_out(
    members: tuple[int, ...], withheld: dict[int, str]
) -> None:
    assert hidden(*members) == withheld


def test_nines_and_zeros_would_follow_from_their_sum_so_a_third_cell_is_withheld() -> None:
    """18 from two cells below ten can only be nine and nine."""
    for two in (9, 0):
        parts = cells(of(two, two, 60, 45_000)["memberships"], "channel")
        assert parts == {"ch-0": None, "ch-1": None, "ch-2": None, "ch-3": 45_000}


def test_a_sum_that_tells_a_small_group_is_withheld_itself() -> None:
    assert bounds(of(5)["memberships"]) == bounds(of(5)["unique_members"]) == (None, 0, 9)
    assert bounds(of(3, 4)["memberships"]) == bounds(of(3, 4)["unique_members"]) == (None, 0, 18)
    assert bounds(of(0, 10)["memberships"]) == bounds(of(0, 10)["unique_members"]) == (None, 10, None)
    assert bounds(of(5, None)["memberships"]) == (None, 0, None)
    both = of(0, 10, 10)
    assert (bounds(both["memberships"]), bounds(both["unique_members"])) == ((None, 20, None), (None, 10, None))
    assert "fewer than 10 people" in of(5)["memberships"].note


def test_the_largest_channel_does_not_give_away_a_withheld_cell() -> None:
    """With 3 and 50 withheld and 53 published, a lower bound of 50 would tell the 3; the mean of 26.5 does not."""
    measures = of(3, 50)
    assert bounds(measures["memberships"]) == (53, 53, 53)
    assert bounds(measures["unique_members"]) == (None, 27, 53)


@patient
@given(st.lists(st.integers(0, 14) | st.integers(0, 40), min_size=1, max_size=4))
def test_no_small_cell_follows_from_all_that_is_published(members: list[int]) -> None:
    """Try every way to fill the withheld cells: each small one must be able to hold two values at least."""
    measures = of(*members)
    memberships, unique = measures["memberships"], measures["unique_members"]
    published, why = cells(memberships, "channel"), notes(memberships)
    shown = {key: value for key, value in published.items() if value is not None}
    smalls = [key for key in published if why[key].startswith(SMALL)]
    others = [key for key in published if why[key].startswith(OTHER)]
    assert smalls == [f"ch-{i}" for i, n in enumerate(members) if n < 10]
    fillings = product(
        *(range(10) for _ in smalls),
        *(range(10, min(map(int, shown.values()), default=max(members) + 9) + 1) for _ in others),
    )
    possible = [filling for filling in fillings if fits(memberships, unique, [*shown.values(), *filling])]
    for position in range(len(smalls)):
        assert len({filling[position] for filling in possible}) > 1


def fits(memberships: Measure, unique: Measure, counts: list[int | float]) -> bool:
    """Whether these counts could stand behind what is published."""
    total, largest = sum(counts), max(counts)
    return (
        (memberships.value is None or memberships.value == total)
        and (memberships.low or 0) <= total
        and (memberships.high is None or total <= memberships.high)
        and (unique.low or 0) <= (largest if memberships.value is not None else total)
    )
