"""The interrupted series: false positives, power, coverage, and what it must not be fooled by."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tutela.measures.columns import UNKNOWN
from tutela.measures.interrupted import Interruption, interruption
from tutela.measures.intervals import NOTHING, Estimate
from tutela.simulate.population import Posting, PostingPlan, posting

RUNS = 200


def measured(plan: PostingPlan, seed: int, gap: int = 0) -> Interruption:
    true = posting(seed, plan)
    return interruption(true.counts, true.observed, true.report, gap=gap)


def holds(estimate: Estimate, truth: float, share: float = 1.0) -> bool:
    """Whether the interval, cut to a share of its width in logs, holds the truth."""
    assert estimate.point is not None
    assert estimate.high is not None
    return abs(np.log(truth / estimate.point)) <= share * np.log(estimate.high / estimate.point)


def test_where_nothing_happened_five_in_a_hundred_seem_an_effect() -> None:
    alarms = [not holds(measured(PostingPlan(), seed).ratio, 1.0) for seed in range(RUNS)]
    assert sum(alarms) <= 0.09 * RUNS
    halved = [not holds(measured(PostingPlan(), seed).ratio, 1.0, share=0.5) for seed in range(RUNS)]
    assert sum(halved) > 0.09 * RUNS  # an interval that was too narrow would not pass


def test_thirty_percent_fewer_posts_are_found_and_the_size_is_told() -> None:
    plan = PostingPlan(effect=0.7)
    found = [measured(plan, seed).ratio for seed in range(RUNS)]
    assert sum(not holds(ratio, 1.0) for ratio in found) >= 0.8 * RUNS
    assert 0.90 * RUNS <= sum(holds(ratio, 0.7) for ratio in found) <= 0.995 * RUNS
    assert sum(holds(ratio, 0.7, share=0.5) for ratio in found) < 0.90 * RUNS


@pytest.mark.parametrize("plan", [PostingPlan(memory=0.8, wander=0.3), PostingPlan(dispersion=0.3, wander=0.4)])
def test_weeks_that_hang_together_are_no_evidence(plan: PostingPlan) -> None:
    assert sum(not holds(measured(plan, seed).ratio, 1.0) for seed in range(RUNS)) <= 0.09 * RUNS


def test_reporting_the_growing_channels_does_not_hide_the_effect() -> None:
    """With trends taken for alike it would."""
    plan = PostingPlan(favour=0.01)
    found = [measured(plan, seed) for seed in range(RUNS)]
    assert sum(not holds(one.ratio, 1.0) for one in found) <= 0.09 * RUNS
    assert sum(not holds(one.alike, 1.0) for one in found) > 0.3 * RUNS


def test_a_gap_keeps_a_burst_before_the_report_out() -> None:
    plan = PostingPlan(spike=0.4)
    assert sum(not holds(measured(plan, seed, gap=4).ratio, 1.0) for seed in range(RUNS)) <= 0.09 * RUNS
    assert sum(not holds(measured(plan, seed).ratio, 1.0) for seed in range(RUNS)) > 0.3 * RUNS


def _steady(rate: NDArray[np.int64], weeks: int = 34) -> NDArray[np.int64]:
    return np.repeat(rate[:, None], weeks, axis=1)


def test_a_halving_is_read_off() -> None:
    counts = _steady(np.array([100, 200, 400, 800] * 2))
    counts[:4, 26:] //= 2
    report = np.array([26] * 4 + [UNKNOWN] * 4)
    found = interruption(counts, np.ones_like(counts, dtype=np.bool_), report)
    assert found.ratio.point == pytest.approx(0.5, abs=0.002)
    assert (found.reported, found.unreported) == (4, 4)


def test_few_posts_leave_open_whether_there_was_an_effect() -> None:
    """Ten posts a week that become nine in four channels, and in no other, could be chance."""
    counts = _steady(np.full(8, 10))
    counts[:4, 26:] = 9
    found = interruption(counts, np.ones_like(counts, dtype=np.bool_), np.array([26] * 4 + [UNKNOWN] * 4)).ratio
    assert found.point == pytest.approx(0.9, abs=0.002)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.9 < 1 < found.high


def test_what_happens_to_all_channels_is_no_effect() -> None:
    counts = _steady(np.array([100, 200, 400, 800] * 2))
    counts[:, 26:] *= 3
    report = np.array([26] * 4 + [UNKNOWN] * 4)
    assert interruption(counts, np.ones_like(counts, dtype=np.bool_), report).ratio.point == pytest.approx(1, abs=0.01)


def test_weeks_that_were_not_observed_do_not_count() -> None:
    true = posting(3, PostingPlan(effect=0.7, loss=0.1))
    noise = np.where(true.observed, true.counts, 10_000)
    assert interruption(true.counts, true.observed, true.report) == interruption(noise, true.observed, true.report)
    assert interruption(true.counts, true.observed, true.report).reported < 12


def test_nothing_is_said_with_too_little() -> None:
    true: Posting = posting(3, PostingPlan())
    nobody = np.full_like(true.report, UNKNOWN)
    assert interruption(true.counts, true.observed, nobody) == Interruption(NOTHING, NOTHING, 0, 0)
    late = np.where(true.report == UNKNOWN, UNKNOWN, true.counts.shape[1] - 1)
    assert interruption(true.counts, true.observed, late).ratio == NOTHING
    assert interruption(0 * true.counts, true.observed, true.report).ratio == NOTHING


def test_the_order_of_channels_changes_nothing() -> None:
    true = posting(4, PostingPlan(effect=0.7, stagger=4))
    order = np.random.default_rng(0).permutation(true.report.size)
    usual, mixed = (
        interruption(true.counts[rows], true.observed[rows], true.report[rows]).ratio
        for rows in (np.arange(order.size), order)
    )
    assert (usual.point, usual.low, usual.high) == pytest.approx((mixed.point, mixed.low, mixed.high))
