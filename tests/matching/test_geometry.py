"""Geometry against what is known beforehand: invented parts, moved by a known similarity."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.matching import THRESHOLDS, geometry

WEIGHTS = np.array(THRESHOLDS.derived_weights)


def scene(seed: int, count: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places, sizes, codes and regions of parts that never were."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 1, (count, 2))
    regions = (places[:, 1] * 8).astype(np.int64) * 8 + (places[:, 0] * 8).astype(np.int64)
    codes = random.integers(0, 2**63, (count, 4)).astype(np.uint64)
    return places * [640, 416], np.ones(count), codes, regions


def moved(places: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    a, b, x, y = similarity
    return places @ np.array([[a, b], [-b, a]]) + [x, y]


def sorted_by_x(*arrays: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(arrays[0][:, 0], kind="stable")
    return [np.ascontiguousarray(array[order]) for array in arrays]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.65, 1.5), st.floats(-0.5, 0.5), st.floats(-80, 80), st.floats(0.25, 1.0))
def test_a_known_similarity_is_found_among_other_points(
    seed: int, scale: float, angle: float, shift: float, share: float
) -> None:
    places, sizes, codes, regions = scene(seed)
    truth = np.array([scale * math.cos(angle), scale * math.sin(angle), shift, -shift])
    kept = max(30, int(len(places) * share))
    other = scene(seed + 5000, 200)
    seen, seen_codes = np.concatenate([moved(places, truth)[:kept], other[0]]), np.concatenate([codes[:kept], other[2]])
    seen, seen_codes = sorted_by_x(seen, seen_codes)
    ones = np.ones(len(seen))
    score, similarity, found = geometry.verified(places, sizes, codes, regions, seen, ones, seen_codes, ones, WEIGHTS)
    assert np.allclose(similarity[:2], truth[:2], atol=0.01)
    assert np.abs(moved(places, similarity) - moved(places, truth)).max() < 3
    assert (found[:kept] > 0).mean() > 0.9
    assert np.count_nonzero(found[kept:]) <= 3
    assert score > THRESHOLDS.derived_score


def test_points_of_another_picture_say_next_to_nothing() -> None:
    for seed in range(20):
        mine, theirs = scene(seed), scene(seed + 100, 600)
        seen, codes = sorted_by_x(theirs[0], theirs[2])
        score, _, _ = geometry.verified(*mine, seen, np.ones(600), codes, np.ones(600), WEIGHTS)
        assert score < 20


def test_what_recurs_weighs_less() -> None:
    mine = scene(1)
    seen, codes = sorted_by_x(mine[0], mine[2])
    ones = np.ones(len(seen))
    whole, _, _ = geometry.verified(*mine, seen, ones, codes, ones, WEIGHTS)
    less, _, found = geometry.verified(*mine, seen, ones, codes, ones / 10, WEIGHTS)
    assert less < whole
    assert found.max() <= WEIGHTS.max() / 10 + 1e-9


def test_each_point_speaks_for_one_part_only() -> None:
    rows, far = np.array([3, 3, 4, -1]), np.array([30, 20, 50, 300])
    found = geometry.evidence(rows, far, np.zeros(4), np.ones(5), WEIGHTS)
    assert (found > 0).tolist() in ([False, True, True, False], [True, False, True, False])


def test_a_region_counts_its_strongest_part_once_and_the_next_half() -> None:
    assert geometry.total(np.array([4.0, 2.0, 1.0, 0.0]), np.array([7, 7, 9, 9])) == pytest.approx(4 + 1 + 1)


@given(st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_the_fit_is_that_of_least_squares(seed: int) -> None:
    """Against numpy's solution of the same equations, with equal weights."""
    random = np.random.default_rng(seed)
    places, seen = random.uniform(0, 500, (40, 2)), random.uniform(0, 500, (40, 2))
    rows, far = np.arange(40), np.full(40, 50)
    rows[random.integers(0, 40, 5)] = -1
    used = rows >= 0
    u, v = places[used].T
    left = np.concatenate([np.stack([u, -v, u * 0 + 1, v * 0], 1), np.stack([v, u, u * 0, v * 0 + 1], 1)])
    expected = np.linalg.lstsq(left, np.concatenate(seen[used].T), rcond=None)[0]
    assert np.allclose(geometry.fitted(places, seen, rows, far, np.zeros(4)), expected, atol=1e-6)
