"""Polls: shares of voters, and no group of fewer than ten that could be worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from measures.conftest import cells, measured, notes, observed, patient, post, ref
from tutela.measures import SMALLEST, evidence
from tutela.model import Measure, Poll, PollAnswer

WORDS = "a name that must not get out"


def asked(number: int, total: int | None, *voters: int | None, multiple: bool | None = False, closed: bool = True):
    answers = tuple(PollAnswer(WORDS, count) for count in voters)
    return replace(post(number), poll=Poll(WORDS, answers, total, closed, multiple))


def polls(*posts) -> Measure:
    return measured(observed((each, ()) for each in posts))["polls"]


def test_options_stand_by_number_with_their_share_of_voters() -> None:
    found = polls(asked(1, 7200, 5040, 2160))
    name = ref("ch-a", 1)
    assert (found.value, found.low, found.high, found.completeness) == (1, 1, 1, 1)
    assert cells(found, "poll") == {name: 7200}
    assert cells(found, "option") == {f"{name} 1": 0.7, f"{name} 2": 0.3}
    assert notes(found, "poll") == {name: "voters; one choice, closed"}
    assert notes(found, "option")[f"{name} 1"] == "5040 of 7200 voters"


def test_several_choices_are_said_and_need_not_add_up() -> None:
    found = polls(asked(1, 100, 90, 60, 40, multiple=True, closed=False))
    assert list(cells(found, "option").values()) == [0.9, 0.6, 0.4]
    assert list(notes(found, "poll").values()) == ["voters; several choices, open when read"]


def test_small_groups_are_withheld_and_what_would_give_them_away() -> None:
    assert list(cells(polls(asked(1, 103, 60, 40, 3)), "option").values()) == [60 / 103, None, None]
    assert list(cells(polls(asked(1, 100, 95, 60, multiple=True)), "option").values()) == [None, None]
    small = polls(asked(1, 9, 5, 4))
    assert cells(small, "option") == {}
    assert list(cells(small, "poll").values()) == [None]


@pytest.mark.parametrize(
    ("voters", "multiple", "told"),
    [
        ((60, 45), True, [None, None]),
        ((60, 50), True, [0.6, 0.5]),
        ((60, 35, None), False, [0.6, None, None]),
        ((60, 25, None), False, [0.6, 0.25, None]),
        ((60, 35, None), True, [0.6, 0.35, None]),
        ((95, 60, 50, 3), True, [None] * 4),
    ],
)
def test_who_chose_both_or_the_option_that_is_unknown_is_not_worked_out(
    voters: tuple[int | None, ...], *, multiple: bool, told: list[float | None]
) -> None:
    """Of 100 voters who chose between two options five chose both; 95 of those who chose one leave five."""
    assert list(cells(polls(asked(1, 100, *voters, multiple=multiple)), "option").values()) == told


def test_a_poll_without_results_is_known_to_be_unknown() -> None:
    found = polls(asked(1, None, None, None), asked(2, 50, 30, 20))
    assert found.completeness == 0.5
    assert cells(found, "poll")[ref("ch-a", 1)] is None
    assert "hidden" in found.note


def test_no_word_of_a_poll_is_kept() -> None:
    seen = observed([(asked(1, 50, 30, 20), ())])
    assert WORDS not in repr(measured(seen)) + repr(evidence(seen)) + repr(seen)


@patient
@given(st.lists(st.integers(0, 40), min_size=2, max_size=5), st.booleans())
def test_what_is_withheld_follows_from_nothing_that_is_told(voters: list[int], exclusive: bool) -> None:
    total = sum(voters) if exclusive else max(voters) + 15
    seen = observed([(asked(1, total, *voters, multiple=not exclusive), ())])
    rows = list(evidence(seen)["polls"].rows)
    told = [row[3] for row in rows]
    assert all(count is None or count >= SMALLEST for count in told)
    if exclusive and rows and rows[0][4] is not None:
        hidden = [count for count, shown in zip(voters, told, strict=True) if shown is None]
        assert len(hidden) != 1, "one hidden cell is the total less the others"
