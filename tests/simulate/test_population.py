"""The invented population: the same for the same seed, and its truth is what its numbers say."""

from dataclasses import fields, is_dataclass
from time import process_time

import numpy as np
import pytest

from tutela.measures.columns import STATES, UNKNOWN
from tutela.model import ChannelState
from tutela.simulate.population import (
    DAY,
    DOUBLING,
    CrowdPlan,
    FatePlan,
    PostingPlan,
    SeriesPlan,
    crowd,
    fates,
    population,
    posting,
    series,
)

_OPEN = STATES.index(ChannelState.ACCESSIBLE)


def _numbers(told: object) -> list[object]:
    """Every number in nested records, in order."""
    if isinstance(told, np.ndarray):
        return told.ravel().tolist()
    if is_dataclass(told):
        return [x for field in fields(told) for x in _numbers(getattr(told, field.name))]
    return [told]


def test_the_same_seed_gives_the_same_population_and_another_another() -> None:
    assert _numbers(population(7)) == _numbers(population(7))
    assert _numbers(population(7)) != _numbers(population(8))


def test_a_run_is_fast() -> None:
    """A tenth of a second of processor time, with room for a busy machine: the best of five counts."""
    population(0)
    spent = []
    for seed in range(5):
        start = process_time()
        population(seed)
        spent.append(process_time() - start)
    assert min(spent) < 0.1


@pytest.mark.parametrize("plan", [CrowdPlan(), CrowdPlan(bought=0.2), CrowdPlan(tail=0.3), CrowdPlan(keen=0.5)])
def test_the_truth_of_a_crowd_hangs_together(plan: CrowdPlan) -> None:
    true = crowd(1, plan)
    assert (true.overlaps == true.overlaps.T).all()
    assert true.overlaps.diagonal().tolist() == true.members.tolist()
    assert true.members.max() <= true.unique <= true.members.sum()
    seen = np.bincount(np.unique(np.column_stack((true.person, true.channel)), axis=0)[:, 1], minlength=16)
    assert (seen > 0).all()
    assert (seen < true.members).all()


def test_activity_has_heavy_tails() -> None:
    """The most active tenth of the people who act does more than two fifths of it."""
    acts = np.sort(np.bincount(crowd(1).person))[::-1]
    acts = acts[acts > 0]
    assert acts[: acts.size // 10].sum() > 0.4 * acts.sum()
    assert np.median(acts) == 1


def test_people_lean_to_interests() -> None:
    """Channels of one interest share more members than channels of two."""
    true = crowd(1)
    expected = np.outer(true.members, true.members) / true.unique
    ratio = true.overlaps / expected
    same = np.arange(16)[:, None] % 4 == np.arange(16) % 4
    apart = ~np.eye(16, dtype=bool)
    assert ratio[same & apart].mean() > 1.5 * ratio[~same].mean()


def test_bought_accounts_are_in_one_channel_and_never_act() -> None:
    true, bought = crowd(1), crowd(1, CrowdPlan(bought=0.5))
    assert bought.members.tolist() == (2 * true.members).tolist()
    assert bought.unique == true.unique + true.members.sum()
    assert bought.person.tolist() == true.person.tolist()


def test_people_who_stay_for_some_weeks_act_in_those_only() -> None:
    true = crowd(1, CrowdPlan(stay=8))
    spans = [np.ptp(true.week[true.person == person]) for person in np.unique(true.person)[:200]]
    assert max(spans) == 7


def test_an_effect_takes_posts_away_after_the_report_and_nothing_else() -> None:
    none, half = posting(1), posting(1, PostingPlan(effect=0.5))
    reported = none.report != UNKNOWN
    assert (none.counts[:, :26] == half.counts[:, :26]).all()
    assert (none.report[reported] == 26).all()
    after = [
        np.mean([posting(seed, plan).counts[:12, 26:].mean() for seed in range(40)])
        for plan in (PostingPlan(), PostingPlan(effect=0.5))
    ]
    assert after[1] / after[0] == pytest.approx(0.5, abs=0.03)


def test_counts_are_over_dispersed() -> None:
    counts = np.array([series(seed, SeriesPlan(steps=200)).counts for seed in range(50)])
    assert counts.mean() == pytest.approx(20, rel=0.02)
    assert counts.var() == pytest.approx(20 + 0.1 * 400, rel=0.05)


def test_log_rates_remember_and_shocks_are_shared() -> None:
    plan = PostingPlan(posts=1e5, dispersion=0.0, slopes=0.0, growth=0.0, size=0.0)
    log = np.log(posting(1, plan).counts.astype(np.float64))
    own = log - log.mean(0)
    assert log.mean(0).std() == pytest.approx(plan.shocks, rel=0.4)
    assert own.std() == pytest.approx(plan.wander, rel=0.1)
    assert (own[:, 1:] * own[:, :-1]).mean() / own.var() == pytest.approx(plan.memory, abs=0.1)


def test_lost_channels_are_not_observed_again() -> None:
    true = posting(1, PostingPlan(loss=0.2))
    assert not true.observed[:12].all()
    assert true.observed[12:].all()
    assert (np.diff(true.observed.astype(int), axis=1) <= 0).all()
    assert (true.counts[~true.observed] == 0).all()


def test_states_change_as_often_as_is_true() -> None:
    """Of 4,000 channels with a change for good: the share that could still be reached a month after the report."""
    true = fates(1, FatePlan(reported=2_000, unreported=2_000, back=0.0, base=0.0, every=1))
    at = np.full(4_000, 0)
    at[:2_000] = true.reports[:, 1]
    month = true.readings.at == at[true.readings.channel] + 30 * DAY
    gone = true.readings.state[month] != _OPEN
    assert gone.mean() == pytest.approx(true.changed[0], abs=0.03)
    assert true.idle == (0.0, 0.0)


def test_members_of_reported_channels_fall_behind() -> None:
    true = fates(1, FatePlan(reported=2_000, unreported=2_000, hazard=0.0, base=0.0, every=1, noise=0.0))
    table = true.readings.members.reshape(4_000, -1).astype(np.float64)
    ratio = np.log(table[:, -1] / table[:, 0])
    assert np.exp(ratio[:2_000].mean() - ratio[2_000:].mean()) == pytest.approx(true.recovery, rel=0.01)


def test_members_are_unknown_where_a_channel_cannot_be_reached() -> None:
    seen = fates(1).readings
    assert ((seen.members == UNKNOWN) == (seen.state != _OPEN)).all()
    assert (seen.state != _OPEN).any()


def test_a_change_lies_in_the_middle_third_and_changes_the_level() -> None:
    true = [series(seed, DOUBLING) for seed in range(300)]
    assert {one.at for one in true} == set(range(8, 17))
    before = np.mean([one.counts[: one.at].mean() for one in true])
    after = np.mean([one.counts[one.at :].mean() for one in true])
    assert after / before == pytest.approx(2, abs=0.1)
    assert series(1, SeriesPlan()).at is None
