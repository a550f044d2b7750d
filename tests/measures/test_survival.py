"""Kaplan–Meier, against a published example and an oracle that walks through the risk set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.measures.intervals import NOTHING, Estimate
from tutela.measures.survival import Survival

# Freireich et al. (1963): weeks of remission under 6-MP, the textbook example of Kaplan–Meier
_WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
_RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def curve(times: list[int], happened: list[int]) -> Survival:
    return Survival.of(np.array(times, dtype=np.float64), np.array(happened, dtype=np.bool_))


def test_the_textbook_example() -> None:
    found = curve(_WEEKS, _RELAPSE)
    assert found.left.round(4).tolist() == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    share = found.share(10)
    assert (share.low, share.high) == pytest.approx((1 - 0.889, 1 - 0.503), abs=5e-4)  # R: conf.type = "log-log"
    assert found.median() == Estimate(23.0, 13.0, None)


def test_where_nothing_happened_the_interval_is_exact() -> None:
    assert curve([40] * 10, [0] * 10).share(30) == Estimate(0.0, 0.0, pytest.approx(1 - 0.025**0.1))


def test_where_it_happened_to_all_something_may_have_been_left() -> None:
    share = curve([1, 2, 3, 4, 5], [1] * 5).share(30)
    assert (share.point, share.high) == (1.0, 1.0)
    assert share.low == pytest.approx(0.025 ** (1 / 5))


def test_who_is_not_watched_any_more_says_nothing_about_the_end() -> None:
    """Of twenty, nineteen were watched for a day: the last one that is left is the only one to go by."""
    found = curve([1] * 19 + [28], [0] * 19 + [1])
    assert found.share(30) == Estimate(1.0, pytest.approx(0.025), 1.0)
    assert found.median() == Estimate(28.0, 28.0, None)


def test_nothing_is_said_about_times_that_nobody_was_watched() -> None:
    assert curve([10, 20], [0, 0]).share(30) == NOTHING
    share = curve([5, 10, 20], [1, 0, 0]).share(30)
    assert (share.point, share.high) == (None, 1.0)
    assert curve([], []).share(30) == NOTHING
    assert curve([], []).median() == NOTHING


def test_a_median_that_was_not_reached_lies_beyond_what_was_watched() -> None:
    assert curve([50] * 20, [0] * 20).median() == Estimate(None, 50.0, None)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30), st.integers(0, 22))
def test_the_share_is_that_of_the_oracle_and_within_its_interval(rows: list[tuple[int, bool]], day: int) -> None:
    share = curve([time for time, _ in rows], [event for _, event in rows]).share(day)
    left = 1.0
    for moment in sorted({time for time, event in rows if event and time <= day}):
        at_risk = sum(time >= moment for time, _ in rows)
        left *= 1 - sum(time == moment and event for time, event in rows) / at_risk
    if share.point is None:
        assert max(time for time, _ in rows) < day
    else:
        assert share.point == pytest.approx(1 - left)
        assert share.low is not None
        assert share.high is not None
        assert 0 <= share.low <= share.point + 1e-9
        assert share.point - 1e-9 <= share.high <= 1
