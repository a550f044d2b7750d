"""Bending: errors that hang together are told from errors by chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.matching.bending import MOST, bent

Floats = np.ndarray


def scattered(seed: int, count: int) -> tuple[Floats, Floats, Floats]:
    """Places, errors by chance, weights."""
    random = np.random.default_rng(seed)
    return random.uniform(0, 1000, (count, 2)), random.normal(0, 0.4, (count, 2)), random.uniform(100, 2000, count)


def bowed(places: Floats, by: float) -> Floats:
    """Off by as much as a slight turn of the camera would make it."""
    x, y = (places - 500).T / 500
    return by * np.column_stack([x * x + 0.5 * x * y, 0.7 * x * y + y * y])


def test_errors_by_chance_say_next_to_nothing() -> None:
    told = [bent(*scattered(seed, 40)) for seed in range(300)]
    assert np.median(told) == 0
    assert np.quantile(told, 0.95) < 8


@pytest.mark.parametrize(("count", "by", "least"), [(30, 1.0, 8), (60, 1.0, 20), (60, 2.0, 50)])
def test_errors_that_hang_together_say_the_more_the_larger_and_the_more_of_them(
    count: int, by: float, least: float
) -> None:
    told = []
    for seed in range(20):
        places, off, weights = scattered(seed, count)
        told.append(bent(places, off + bowed(places, by), weights))
    assert np.median(told) >= least


def test_a_constant_error_is_no_bending() -> None:
    places, off, weights = scattered(1, 50)
    assert bent(places, off + np.array([3.0, -2.0]), weights) == pytest.approx(bent(places, off, weights), abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 80), st.floats(0, 5), st.sampled_from([(1, 1), (1, 0), (0, 0)]))
def test_whatever_the_places_it_is_a_number_within_bounds(
    seed: int, count: int, by: float, kept: tuple[int, int]
) -> None:
    """In a line, or all in one place, too."""
    places, off, weights = scattered(seed, count)
    told = bent(places * kept, off + bowed(places, by), weights)
    assert 0 <= told <= MOST
    assert told == 0 or count > 8
    assert bent(places * kept, off, np.zeros(count)) == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(-1e3, 1e3))
def test_it_does_not_matter_where_and_how_large_the_picture_is(seed: int, scale: float, shift: float) -> None:
    places, off, weights = scattered(seed, 40)
    off = off + bowed(places, 1.0)
    moved = bent(places * scale + shift, off, weights)
    assert moved == pytest.approx(bent(places, off, weights), rel=1e-3, abs=1e-3)
    assert bent(places, off, weights * scale) == pytest.approx(moved, rel=1e-3, abs=1e-3)


def test_errors_of_less_than_a_rounding_say_nothing() -> None:
    places, _, weights = scattered(1, 60)
    assert bent(places, bowed(places, 0.03), weights) < 3
