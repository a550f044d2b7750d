"""Change points and growth: where the truth is known, and against an oracle that tries every partition."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tutela.measures.changes import SHORTEST, _partition, change_points, growth_rate
from tutela.simulate.population import DOUBLING, IMAGES, SeriesPlan, series

RUNS = 60


def test_a_doubling_is_found_and_its_place_told() -> None:
    """Of 60 doublings from 20 to 40 a week, 48 at least are found; the place lies in the interval nearly always."""
    found, held, narrow = 0, 0, 0
    for seed in range(RUNS):
        true = series(seed, DOUBLING)
        changes = change_points(true.counts, seed=seed, draws=200)
        found += bool(changes)
        if changes and true.at is not None:
            nearest = min(changes, key=lambda change: abs(change.at - (true.at or 0)))
            held += nearest.low <= true.at <= nearest.high
            narrow += nearest.at - 0.3 * (nearest.at - nearest.low) <= true.at <= nearest.at
    assert found >= 0.8 * RUNS
    assert held >= 0.85 * found
    assert narrow < 0.85 * found  # an interval that was too narrow would not pass


@pytest.mark.parametrize("plan", [SeriesPlan(), SeriesPlan(steps=60), SeriesPlan(dispersion=0.3)])
def test_flat_series_seldom_seem_to_change(plan: SeriesPlan) -> None:
    """With a true rate of 5 % more than 9 of 60 come up once in 2,000 times."""
    alarms = sum(bool(change_points(series(seed, plan).counts, seed=seed, draws=200)) for seed in range(RUNS))
    assert alarms <= 9


def test_a_poisson_penalty_would_raise_many_alarms() -> None:
    """What the dispersion is for: at the usual penalty of 2·log(n) over-dispersed flat series are cut."""
    flat = [series(seed, SeriesPlan()).counts for seed in range(RUNS)]
    assert sum(bool(_partition(counts.astype(np.float64), 2 * np.log(24))) for counts in flat) > RUNS / 2


def test_several_changes_are_found_in_order_with_their_levels() -> None:
    counts = np.random.default_rng(5).poisson(np.repeat([10, 60, 25], 20))
    changes = change_points(counts)
    assert [change.at for change in changes] == pytest.approx([20, 40], abs=1)
    assert [change.before for change in changes] == pytest.approx([10, 60], abs=5)
    assert [change.after for change in changes] == pytest.approx([60, 25], abs=5)
    assert all(change.low <= change.at <= change.high for change in changes)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=2 * SHORTEST, max_size=11), st.floats(0.5, 20))
def test_the_partition_is_the_best_of_all(counts: list[int], penalty: float) -> None:
    series_of = np.array(counts, dtype=np.float64)

    def cost(cuts: tuple[int, ...]) -> float:
        parts = np.split(series_of, cuts)
        fits = (part.sum() * np.log(part.mean()) if part.sum() else 0.0 for part in parts)
        return -2 * sum(fits) + penalty * len(cuts)

    places = range(SHORTEST, len(counts) - SHORTEST + 1)
    every = [cuts for n in range(len(counts) // SHORTEST) for cuts in combinations(places, n)]
    allowed = [cuts for cuts in every if all(b - a >= SHORTEST for a, b in pairwise(cuts))]
    assert cost(tuple(_partition(series_of, penalty))) == pytest.approx(min(map(cost, allowed)))


def test_too_little_to_tell() -> None:
    assert change_points(np.array([1, 50, 1, 50, 1])) == ()
    assert change_points(np.zeros(30, dtype=np.int64)) == ()
    assert growth_rate(np.array([4, 8])) is None
    assert growth_rate(np.array([0, 8, 0])) is None


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        change_points(np.array([1, -1, 3]))
    with pytest.raises(ValueError, match="at least 0"):
        growth_rate(np.array([[1, 2], [3, 4]]))


def test_exact_growth_is_read_off() -> None:
    found = growth_rate(100 * 2 ** np.arange(6))
    assert found is not None
    assert found.rate.point == pytest.approx(np.log(2))
    assert found.factor.point == pytest.approx(32)
    assert found.dispersion == pytest.approx(0, abs=1e-6)


def test_growth_from_a_handful_of_counts_is_uncertain_even_where_they_lie_on_a_curve() -> None:
    found = growth_rate(np.array([1, 2, 4, 8]))
    assert found is not None
    assert found.rate.low is not None
    assert found.rate.high is not None
    assert found.rate.low < 0.2 < np.log(2) < 1.2 < found.rate.high


def test_the_interval_of_the_growth_holds_the_truth() -> None:
    held = halved = 0
    for seed in range(3 * RUNS):
        true, found = series(seed, IMAGES), growth_rate(series(seed, IMAGES).counts)
        assert found is not None
        assert found.rate.point is not None
        assert found.rate.low is not None
        held += abs(true.rate - found.rate.point) <= found.rate.point - found.rate.low
        halved += abs(true.rate - found.rate.point) <= (found.rate.point - found.rate.low) / 2
    assert 0.90 * 3 * RUNS <= held <= 0.995 * 3 * RUNS
    assert halved < 0.90 * 3 * RUNS


@example([1, 1, 1, 1, 4560])
@given(st.lists(st.integers(1, 10_000), min_size=3, max_size=15))
def test_the_factor_belongs_to_the_rate(counts: list[int]) -> None:
    found = growth_rate(np.array(counts))
    assert found is not None
    assert found.rate.point is not None
    assert found.factor.point == pytest.approx(np.exp(found.rate.point * (len(counts) - 1)))
