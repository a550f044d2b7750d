"""Quantiles and intervals, against published tables and what a simulation says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.measures.intervals import NOTHING, Estimate, difference, student_quantile, wilson


@pytest.mark.parametrize(
    ("chance", "freedom", "value"),
    [(0.975, 1, 12.7062), (0.975, 2, 4.30265), (0.975, 5, 2.57058), (0.995, 3, 5.84091), (0.95, 30, 1.69726)],
)
def test_student_quantiles_are_those_of_the_tables(chance: float, freedom: float, value: float) -> None:
    assert student_quantile(chance, freedom) == pytest.approx(value, rel=2e-5)


def test_student_quantiles_are_symmetric_and_approach_the_normal() -> None:
    assert student_quantile(0.025, 7) == pytest.approx(-student_quantile(0.975, 7))
    assert student_quantile(0.975, 1e5) == pytest.approx(1.95996, abs=1e-4)
    assert student_quantile(0.975, 100) == pytest.approx(student_quantile(0.975, 100.1), abs=1e-4)


@pytest.mark.parametrize(("chance", "freedom"), [(0.0, 3), (1.0, 3), (0.5, 0.5)])
def test_student_quantiles_need_a_chance_and_degrees_of_freedom(chance: float, freedom: float) -> None:
    with pytest.raises(ValueError, match="1 or more degrees of freedom"):
        student_quantile(chance, freedom)


def test_wilson_is_as_published() -> None:
    """Newcombe (1998), Table I, method 3."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_share_and_mirrors(hits: int, misses: int) -> None:
    low, high = wilson(hits, hits + misses)
    assert 0 <= low <= high <= 1
    if hits + misses:
        assert low <= hits / (hits + misses) <= high
    assert wilson(misses, hits + misses) == pytest.approx((1 - high, 1 - low))


def test_an_estimate_moves_to_another_scale() -> None:
    assert Estimate(1.0, 0.0, None).through(lambda x: 2 * x) == Estimate(2.0, 0.0, None)


def test_a_difference_is_welchs() -> None:
    """Welch's interval for two samples, worked out by hand."""
    treated, untreated = np.array([3.0, 5.0, 7.0, 5.0]), np.array([1.0, 2.0, 3.0, 2.0, 2.0])
    found = difference(treated, np.repeat(untreated[:, None], 4, axis=1))
    a, b = (8 / 3) / 4, (2 / 4) / 5
    reach = student_quantile(0.975, round((a + b) ** 2 / (a**2 / 3 + b**2 / 4), 1)) * (a + b) ** 0.5
    assert (found.point, found.low, found.high) == pytest.approx((3.0, 3 - reach, 3 + reach))


def test_what_happens_to_all_at_one_time_cancels() -> None:
    rng = np.random.default_rng(1)
    treated, untreated, shared = rng.normal(size=6), rng.normal(size=(9, 6)), 100 * rng.normal(size=6)
    usual, shifted = difference(treated, untreated), difference(treated + shared, untreated + shared)
    assert (usual.point, usual.low, usual.high) == pytest.approx((shifted.point, shifted.low, shifted.high))


def test_values_that_do_not_vary_say_nothing_of_how_sure_they_are() -> None:
    untreated = np.tile(np.arange(4.0), (5, 1))
    assert difference(untreated[0] + 0.7, untreated) == NOTHING
    shared = np.full(4, 0.2)
    found = difference(shared, np.zeros((5, 4)), (np.full(4, 0.03), np.full((5, 4), 0.05)))
    reach = student_quantile(0.975, round(0.0175**2 / (0.0075**2 / 3 + 0.01**2 / 4), 1)) * 0.0175**0.5
    assert (found.point, found.low, found.high) == pytest.approx((0.2, 0.2 - reach, 0.2 + reach))


def test_unknown_values_are_left_out_and_too_few_say_nothing() -> None:
    treated, untreated = np.array([1.0, 2.0, 4.0, 5.0, np.nan]), np.ones((4, 5))
    assert difference(treated, untreated).point == pytest.approx(2)
    assert difference(treated[1:], untreated[:, 1:]) == NOTHING
    assert difference(treated, untreated[:3]) == NOTHING
    assert difference(np.empty(0), np.empty((5, 0))) == NOTHING
