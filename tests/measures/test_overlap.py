"""Different people behind memberships: where the truth is known, at the edges, and what is withheld."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutela.measures.columns import UNKNOWN
from tutela.measures.overlap import SEEN_IN_TWO, Overlap, unique_people
from tutela.simulate.population import Crowd, CrowdPlan, crowd

RUNS = 40
SMALL = CrowdPlan(people=5_000, channels=8)


def estimated(true: Crowd, replicates: int = 40) -> Overlap:
    return unique_people(true.members, true.person, true.channel, true.week, replicates=replicates)


def test_the_interval_holds_the_truth_and_is_no_wider_than_it_must_be() -> None:
    """Of 40 intervals that hold the truth in 95 % of cases, fewer than 34 do once in 100 times."""
    held = halved = 0
    for seed in range(RUNS):
        true = crowd(seed, SMALL)
        found = estimated(true)
        assert found.point is not None
        assert found.high is not None
        assert true.members.max() <= found.low <= found.point <= found.high <= true.members.sum()
        held += found.low <= true.unique <= found.high
        low, high = ((found.point + end) / 2 for end in (found.low, found.high))
        halved += low <= true.unique <= high
    assert held >= 34
    assert halved < 34  # an interval that was too narrow would not pass


@pytest.mark.parametrize(
    "plan",
    [CrowdPlan(tail=0.3), CrowdPlan(lurkers=0.8, people=20_000), CrowdPlan(stay=8), CrowdPlan(whim=1.2)],
    ids=["gamma", "lurkers", "stay", "whim"],
)
def test_other_laws_of_activity_do_not_mislead(plan: CrowdPlan) -> None:
    """The mean of eight estimates lies within 8 % of the truth, where the sum of memberships is twice as much."""
    found = [(estimated(true, 1).point or 0) / true.unique for true in (crowd(seed, plan) for seed in range(8))]
    assert np.mean(found) == pytest.approx(1, abs=0.08)


def test_taking_what_was_seen_for_all_there_is_would_mislead() -> None:
    """Why detection is modelled: members seen in two channels, as they are, make the overlap far too small."""
    true = crowd(1, CrowdPlan())
    found = estimated(true, 1)
    apart = ~np.eye(true.members.size, dtype=bool)
    assert found.pairs[apart].sum() < 0.2 * true.overlaps[apart].sum()
    assert found.shared[apart].sum() == pytest.approx(true.overlaps[apart].sum(), rel=0.35)


def test_bought_accounts_are_below_the_cautious_end_only() -> None:
    """Three in ten members are in one channel and never act: the interval is too low, and says that it may be."""
    for seed in range(2):
        true = crowd(seed, CrowdPlan(bought=0.3))
        found = estimated(true)
        assert found.high is not None
        assert found.cautious is not None
        assert found.high < true.unique <= found.cautious


def test_where_nearly_everybody_was_seen_the_estimate_is_nearly_exact() -> None:
    true = crowd(2, CrowdPlan(people=3_000, rate=60.0, lurkers=0.0, spread=0.3, whim=0.0))
    assert estimated(true).point == pytest.approx(true.unique, rel=0.02)


def test_the_matrix_is_symmetric_and_tells_members_on_its_diagonal() -> None:
    true = crowd(3, SMALL)
    found = estimated(true, 1)
    assert (found.shared == found.shared.T).all()
    assert found.shared.diagonal().tolist() == true.members.tolist()
    assert (found.shared <= np.minimum(true.members[:, None], true.members)).all()
    seen = [{*true.person[true.channel == c].tolist()} for c in range(8)]
    assert found.seen.tolist() == [len(people) for people in seen]
    assert found.pairs.tolist() == [[len(a & b) for a in seen] for b in seen]


def test_the_same_seed_gives_the_same_interval_and_ids_do_not_matter() -> None:
    true = crowd(4, SMALL)
    found, again = (
        estimated(true),
        unique_people(true.members, 7 * true.person - 3, true.channel, true.week, replicates=40),
    )
    assert (found.low, found.point, found.high) == (again.low, again.point, again.high)


def test_weeks_may_be_numbered_from_anywhere() -> None:
    true = crowd(4, SMALL)
    found, shifted = (
        estimated(true),
        unique_people(true.members, true.person, true.channel, true.week + 2_600, replicates=40),
    )
    assert (found.low, found.point, found.high) == (shifted.low, shifted.point, shifted.high)


def test_people_seen_in_one_channel_take_no_row_of_every_channel() -> None:
    people, channels = 20_000, 200
    acts = np.arange(people), np.arange(people) % channels, np.zeros(people, np.int64)
    tracemalloc.start()
    unique_people(np.full(channels, 1_000), *acts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * people * channels / 2


def _acts(rows: list[tuple[int, int, int]]) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, 3).T


def test_too_few_people_in_two_channels_leave_the_trivial_bounds() -> None:
    acts = _acts([(p, c, w) for p in range(SEEN_IN_TWO - 1) for c in (0, 1) for w in (1, 2)])
    found = unique_people(np.array([500, 300]), *acts)
    assert (found.low, found.point, found.high, found.cautious) == (500, None, 800, 800)
    assert found.reason == "Fewer than 100 people were seen active in two channels or more."
    assert np.isnan(found.shared).all()
    assert found.pairs.tolist() == [[99, 99], [99, 99]]


def test_acts_of_one_half_only_do_not_tell_how_likely_people_are_seen() -> None:
    acts = _acts([(p, c, 2) for p in range(200) for c in (0, 1)])
    assert unique_people(np.array([500, 300]), *acts).reason.startswith("Nobody was seen active in a channel in odd")


def test_an_unknown_count_leaves_nothing_that_bounds_from_above() -> None:
    acts = _acts([(p, c, w) for p in range(200) for c in (0, 1) for w in (1, 2)])
    found = unique_people(np.array([500, 300, UNKNOWN]), *acts)
    assert (found.low, found.point, found.high, found.cautious) == (500, None, None, None)
    assert found.reason == "The member count of 1 of 3 channels is unknown."


@pytest.mark.parametrize(("members", "bounds"), [([], (0, 0)), ([70], (70, 70))])
def test_one_channel_and_none(members: list[int], bounds: tuple[int, int]) -> None:
    found = unique_people(np.array(members, dtype=np.int64), *_acts([(1, 0, 1)] if members else []))
    assert (found.low, found.high) == bounds


def test_one_crowd_in_two_channels_is_one_crowd() -> None:
    acts = _acts([(p, c, w) for p in range(300) for c in (0, 1) for w in range(8)])
    found = unique_people(np.array([300, 300]), *acts, replicates=20)
    assert found.point == 300


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_was_seen_the_bounds_hold(data: st.DataObject) -> None:
    """Members that lag behind what was seen, empty channels, people everywhere: no error, and nothing out of bounds."""
    channels = data.draw(st.integers(2, 4))
    members = np.array(data.draw(st.lists(st.integers(0, 400), min_size=channels, max_size=channels)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    size = data.draw(st.integers(0, 1_500))
    acts = rng.integers(150, size=size), rng.integers(channels, size=size), rng.integers(8, size=size)
    found = unique_people(members, *acts, replicates=3)
    assert found.high is not None
    assert members.max() <= found.low <= found.high <= members.sum()
    if found.point is not None:
        assert found.cautious is not None
        assert found.low <= found.point <= found.high <= found.cautious <= members.sum()
        assert np.isfinite(found.shared).all()
