"""People who were seen: who counts, in which role and channel, and which groups are too small to tell of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from measures.conftest import cells, measured, notes, observed, patient, post
from tutela.measures import SMALLEST, Observer
from tutela.model import Measure, PostKind, Pseudonym


def people(*numbers: int) -> tuple[Pseudonym, ...]:
    return tuple(Pseudonym(f"pe-{number}") for number in numbers)


def by(person: int, number: int, channel: str = "ch-a"):
    return replace(post(number, channel=channel), author=Pseudonym(f"pe-{person}"))


def active(*posts) -> Measure:
    return measured(observed((each, ()) for each in posts))["active_people"]


def test_posters_reactors_and_joiners_count_once_however_much_they_do() -> None:
    joined = replace(post(101, kind=PostKind.SERVICE), joined=people(*range(22, 45)))
    reacted = replace(by(0, 100), reactors=people(*range(20, 32)))
    found = active(*(by(number % 12, number) for number in range(24)), reacted, joined)
    assert (found.value, found.low, found.high) == (12 + 12 + 13, 37, None)
    assert cells(found, "role") == {"poster": 12, "reactor": 12, "joiner": 23}


def test_a_channel_that_posts_under_its_own_name_is_nobody() -> None:
    assert active(replace(post(1), author=Pseudonym("ch-a"))).value == 0


def test_fewer_than_ten_people_are_not_told_of() -> None:
    found = active(*(by(number, number) for number in range(9)))
    assert (found.value, found.low, found.high) == (None, 0, None)
    assert {part.value for part in found.parts} == {None}
    assert "9" not in found.note


def test_all_but_a_few_are_not_told_of_either() -> None:
    """105 in all and 100 in one channel would say that five people are only in the other."""
    first = [by(number, number) for number in range(100)]
    second = [by(number, number, "ch-b") for number in range(80, 105)]
    found = active(*first, *second)
    assert found.value == 105
    assert cells(found, "channel") == {"ch-a": None, "ch-b": None}
    assert set(notes(found).values()) == {"suppressed so that another cell cannot be worked out"}


def in_channels(*ranges: range) -> Measure:
    """People with these numbers were seen to post in `ch-a`, `ch-b`, …"""
    acts = ((person, f"ch-{name}") for name, numbers in zip("abc", ranges, strict=False) for person in numbers)
    return active(*(by(person, number, channel) for number, (person, channel) in enumerate(acts)))


def test_nothing_is_told_of_channels_where_it_would_give_a_small_group_away() -> None:
    """The one withheld of three that share nobody; the few who are in both of two."""
    for found in (in_channels(range(60), range(60, 91), range(91, 100)), in_channels(range(55), range(50, 100))):
        assert found.value == 100
        assert set(cells(found, "channel").values()) == {None}


def test_a_small_channel_among_large_ones_that_overlap_is_withheld_alone() -> None:
    found = in_channels(range(60), range(40, 100), range(55, 64))
    assert cells(found, "channel") == {"ch-a": 60, "ch-b": 60, "ch-c": None}
    assert notes(found)["ch-c"] == "fewer than 10: suppressed"


@patient
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("ab"))))
def test_no_cell_and_no_rest_is_a_group_smaller_than_ten(acts: list[tuple[int, str]]) -> None:
    observer = Observer()
    for number, (person, channel) in enumerate(acts):
        observer.post(by(person, number, f"ch-{channel}"))
    found = measured(observer.finish())["active_people"]
    total = len({person for person, _ in acts})
    for part in found.parts:
        if part.value is not None:
            assert part.value == 0 or part.value >= SMALLEST
            assert total - part.value == 0 or total - part.value >= SMALLEST
    if found.value is not None:
        assert found.value == total
    else:
        assert 0 < total < SMALLEST


@pytest.mark.parametrize("role", ["reactors", "joined"])
def test_who_reacts_or_joins_is_seen_though_nobody_posts(role: str) -> None:
    kind = PostKind.MESSAGE if role == "reactors" else PostKind.SERVICE
    assert active(replace(post(1, kind=kind), **{role: people(*range(12))})).value == 12
