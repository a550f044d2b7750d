"""What follows reports: told cases, and populations whose truth is known."""

import numpy as np
import pytest

from tutela.measures.columns import STATES, UNDATED, UNKNOWN, Readings
from tutela.measures.effect import DAY, Effect, effect
from tutela.measures.intervals import NOTHING, Estimate
from tutela.model import ChannelState
from tutela.simulate.population import FatePlan, Fates, fates

OPEN, GONE, SHUT, UNTOLD = (
    STATES.index(state)
    for state in (ChannelState.ACCESSIBLE, ChannelState.NOT_FOUND, ChannelState.RESTRICTED, ChannelState.UNKNOWN)
)
NOBODY = np.empty((0, 2), dtype=np.int64)
RUNS = 120

Row = tuple[int, float, int, int]


def readings(*rows: Row) -> Readings:
    """Rows of channel, day, members and state."""
    channel, day, members, state = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    at = np.where(np.isnan(day), UNDATED, day * DAY).astype(np.int64)
    return Readings(channel.astype(np.int32), at, members.astype(np.int64), state.astype(np.uint8))


def reports(*days: float | None) -> np.ndarray:
    """The day on which each channel was reported."""
    return np.array([(c, day * DAY) for c, day in enumerate(days) if day is not None], dtype=np.int64).reshape(-1, 2)


def one(*rows: Row) -> Effect:
    """The effect on channel 0, reported on day 10."""
    return effect(readings(*rows), 1, reports(10), NOBODY)


def test_a_change_lies_midway_between_the_readings_around_it() -> None:
    found = one((0, 5, 10, OPEN), (0, 30, 10, OPEN), (0, 40, UNKNOWN, GONE)).reported
    assert (found.channels, found.changed, found.median.point) == (1, 1, 25.0)
    assert [share.point for share in found.within] == [1.0, 1.0]


@pytest.mark.parametrize("state", [s for s in ChannelState if s not in (ChannelState.ACCESSIBLE, ChannelState.UNKNOWN)])
def test_every_state_but_accessible_is_a_change(state: ChannelState) -> None:
    assert one((0, 5, 10, OPEN), (0, 12, 10, STATES.index(state))).reported.changed == 1


def test_readings_without_a_state_or_a_date_say_nothing() -> None:
    found = one((0, 5, 10, OPEN), (0, 20, 10, UNTOLD), (0, np.nan, 10, GONE), (0, 60, 10, OPEN)).reported
    assert (found.channels, found.changed) == (1, 0)
    assert found.within[0].point == 0.0
    assert found.within[1] == NOTHING  # watched for 50 days only


def test_a_channel_that_was_gone_before_its_report_is_not_at_risk() -> None:
    assert one((0, 5, 10, GONE), (0, 20, 10, GONE)).reported.channels == 0
    assert one((0, 20, 10, GONE)).reported.channels == 0  # since when, nobody knows
    assert one((0, 2, 10, OPEN)).reported.channels == 0  # not read after the report
    assert one((0, 5, 10, GONE), (0, 9, 10, OPEN), (0, 12, 10, GONE)).reported.changed == 1


def test_who_comes_back_or_is_replaced() -> None:
    told = readings(
        *[(c, day, 10, state) for c in range(4) for day, state in ((0, OPEN), (12, OPEN), (14, SHUT))],
        (0, 24, 10, OPEN),
        (1, 60, 10, SHUT),
        (2, 60, 10, GONE),
        (3, 60, 10, SHUT),
    )
    found = effect(told, 4, reports(10, 10, 10, 10), np.array([[1, 9], [1, 8]]))
    assert (found.back.channels, found.back.changed) == (4, 1)
    assert found.back.within[0].point == pytest.approx(0.25)
    assert found.replaced.point == 0.5


def test_unreported_channels_are_looked_at_from_the_median_report_on() -> None:
    told = readings(
        *[(c, day, 10, OPEN) for c in range(4) for day in (0, 100)],
        (3, 15, 10, GONE),
        (3, 16, 10, OPEN),
        (3, 24, 10, OPEN),
        (3, 26, 10, GONE),
    )
    found = effect(told, 4, reports(10, 20, 30), NOBODY).unreported
    assert (found.channels, found.changed, found.median.point) == (1, 1, 5.0)


def test_the_first_report_of_a_channel_counts() -> None:
    told = readings((0, 5, 10, OPEN), (0, 30, 10, OPEN), (0, 40, 10, GONE))
    twice = np.array([(0, 20 * DAY), (0, 10 * DAY)])
    assert effect(told, 1, twice, NOBODY) == effect(told, 1, twice[1:], NOBODY)


def test_members_are_held_against_unreported_channels() -> None:
    """All grow threefold, reported ones end at half of that."""
    told = readings(
        *[(c, 10, 100 * (c + 1), OPEN) for c in range(8)],
        *[(c, 66, (150 if c < 4 else 300) * (c + 1) + c % 2, OPEN) for c in range(8)],
    )
    assert effect(told, 8, reports(*[10] * 4), NOBODY).members.point == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(("last", "told"), [(72, True), (74, False)])
def test_members_are_not_taken_from_far_away(last: int, told: bool) -> None:
    """Eight weeks after the report is day 66; a count within seven days of it will do."""
    seen = readings(*[(c, day, 100 + c * day, OPEN) for c in range(8) for day in (10, last)])
    assert (effect(seen, 8, reports(*[10] * 4), NOBODY).members != NOTHING) is told


def test_without_reports_nothing_is_said() -> None:
    found = effect(readings((0, 5, 10, OPEN), (0, 20, 10, GONE)), 1, NOBODY, NOBODY)
    assert (found.reported.channels, found.members, found.replaced) == (0, NOTHING, NOTHING)
    assert effect(readings(), 0, NOBODY, NOBODY).reported.channels == 0


def _held(plan: FatePlan, figure: str) -> tuple[int, int]:
    """In how many of the runs the interval holds the truth, and half the interval does."""
    hits = np.zeros(2, dtype=np.int64)
    for seed in range(RUNS):
        true = fates(seed, plan)
        estimate, truth = _figure(effect(true.readings, true.channels, true.reports, true.successors), true, figure)
        assert estimate.point is not None
        assert estimate.low is not None
        high = np.inf if estimate.high is None else estimate.high
        for place, share in enumerate((1.0, 0.5)):
            low, top = (estimate.point + share * (end - estimate.point) for end in (estimate.low, high))
            hits[place] += low <= truth <= top
    return int(hits[0]), int(hits[1])


def _figure(found: Effect, true: Fates, figure: str) -> tuple[Estimate, float]:
    return {
        "reported": (found.reported.within[1], true.changed[1]),
        "unreported": (found.unreported.within[1], true.idle[1]),
        "back": (found.back.within[0], true.back[0]),
        "median": (found.reported.median, true.median),
        "members": (found.members, true.recovery),
    }[figure]


@pytest.mark.parametrize("figure", ["reported", "unreported", "back", "median", "members"])
def test_intervals_hold_the_truth_as_often_as_they_say(figure: str) -> None:
    held, halved = _held(FatePlan(), figure)
    assert 0.89 * RUNS <= held <= 0.999 * RUNS
    assert halved < 0.89 * RUNS  # an interval that was too narrow would not pass
