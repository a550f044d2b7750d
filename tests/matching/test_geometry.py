"""Geometry against what is known beforehand: invented parts, moved by a known similarity."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.matching import THRESHOLDS, geometry

WEIGHTS = np.array(THRESHOLDS.derived_weights)


def scene(seed: int, count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Parts that never were (x, y, blur, direction), and their codes."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 1, (count, 2)) * [1154, 866]
    parts = np.column_stack([places, 2 ** random.uniform(1, 4, count), random.uniform(0, 2 * np.pi, count)])
    return parts, random.integers(0, 2**63, (count, 2)).astype(np.uint64)


def moved(parts: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    a, b, x, y = similarity
    places = parts[:, :2] @ np.array([[a, b], [-b, a]]) + [x, y]
    return np.column_stack([places, parts[:, 2] * math.hypot(a, b), parts[:, 3] + math.atan2(b, a)])


def sorted_by_x(points: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(points[:, 0], kind="stable")
    return np.ascontiguousarray(points[order]), np.ascontiguousarray(codes[order]), np.argsort(order)


def judged(
    parts: np.ndarray, codes: np.ndarray, points: np.ndarray, point_codes: np.ndarray, seeds: np.ndarray, rarity: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """The score, the similarity and the matched rows, where seed n of the parts is like point n."""
    seen, seen_codes, place = sorted_by_x(points, point_codes)
    proposals = geometry.proposed(parts[seeds], seen[place[seeds]], np.ones(len(seeds)))
    weights = np.full(len(seen), rarity)
    score, similarity, rows, _, _ = geometry.verified(
        parts, codes, seen, seen_codes, weights, proposals, WEIGHTS, THRESHOLDS.derived_bending, THRESHOLDS.derived_tilt
    )
    return score, similarity, rows


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.4, 2.0), st.floats(-3.1, 3.1), st.floats(-80, 80), st.floats(0.25, 1.0))
def test_a_known_similarity_is_found_among_other_points(
    seed: int, scale: float, angle: float, shift: float, share: float
) -> None:
    parts, codes = scene(seed)
    truth = np.array([scale * math.cos(angle), scale * math.sin(angle), shift, -shift])
    kept = max(30, int(len(parts) * share))
    other = scene(seed + 5000, 400)
    points = np.concatenate([moved(parts, truth)[:kept], other[0]])
    # half of the seeds are wrong: parts beyond those that are there, with whatever point comes next
    seeds = np.arange(min(2 * kept, len(parts)))
    score, similarity, rows = judged(parts, codes, points, np.concatenate([codes[:kept], other[1]]), seeds, 1.0)
    assert np.allclose(similarity[:2], truth[:2], atol=0.01)
    assert np.abs(moved(parts, similarity) - moved(parts, truth))[:, :2].max() < 3
    assert (rows[:kept] >= 0).mean() > 0.85
    assert np.count_nonzero(rows[kept:] >= 0) <= 6
    assert score > THRESHOLDS.derived_score


def test_points_of_another_picture_say_next_to_nothing() -> None:
    for seed in range(20):
        (parts, codes), (points, other) = scene(seed), scene(seed + 100, 1500)
        assert judged(parts, codes, points, other, np.arange(60), 1.0)[0] < 5


def test_what_is_common_weighs_nothing() -> None:
    parts, codes = scene(1)
    whole, *_ = judged(parts, codes, parts, codes, np.arange(60), 1.0)
    half, *_ = judged(parts, codes, parts, codes, np.arange(60), 0.5)
    none, *_ = judged(parts, codes, parts, codes, np.arange(60), 0.0)
    assert half == pytest.approx(whole / 2)
    assert none == 0


def test_points_near_common_ones_weigh_less() -> None:
    seen = np.array([[10, 10, 2, 0], [14, 10, 2, 0], [15, 12, 2, 0], [200, 10, 2, 0], [204, 14, 2, 0.0]])
    weights = geometry.rarities(seen, np.array([0, 1, 3]), np.array([True, False, False]))
    assert weights.tolist() == [0.0, 0.25, 0.25, 1.0, 1.0]


def test_each_point_and_each_place_speaks_once() -> None:
    parts = np.array([[0, 0, 2, 0], [100, 0, 2, 0], [101, 1, 2, 0], [300, 0, 2, 0], [400, 0, 2, 0.0]])
    rows, bits = np.array([3, 3, 4, 5, -1]), np.array([15, 10, 25, 5, 300])
    assert geometry.once(parts, rows, bits).tolist() == [False, True, False, True, False]


def test_a_shared_frame_is_worth_nothing_however_many_points_it_has() -> None:
    parts, rows, bits = scene(2)[0], np.arange(120), np.full(120, 5)
    rarity = np.zeros(120)
    assert geometry.standing(parts, rows, bits, rarity) == 0
    rarity[:18] = 1
    assert geometry.standing(parts, rows, bits, rarity) == pytest.approx((0.15 / 0.5) ** 2)
    rarity[:70] = 1
    assert geometry.standing(parts, rows, bits, rarity) == 1


def test_what_lies_in_a_line_has_no_breadth() -> None:
    line = np.column_stack([np.linspace(0, 900, 40), np.linspace(0, 300, 40), np.ones(40), np.zeros(40)])
    assert geometry.breadth(line, np.ones(40)) < 0.01
    assert geometry.breadth(scene(1)[0], np.ones(120)) == 1
    assert geometry.breadth(line, np.zeros(40)) == 0


@given(st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_the_fit_is_that_of_least_squares(seed: int) -> None:
    """Against numpy's solution of the same equations."""
    random = np.random.default_rng(seed)
    places, seen = (np.column_stack([random.uniform(0, 500, (40, 2)), np.ones((40, 2))]) for _ in range(2))
    weights = random.uniform(0.1, 2, 40)
    weights[random.integers(0, 40, 5)] = 0
    u, v = places[:, :2].T
    left = np.concatenate([np.stack([u, -v, u * 0 + 1, v * 0], 1), np.stack([v, u, u * 0, v * 0 + 1], 1)])
    root = np.sqrt(np.concatenate([weights, weights]))
    expected = np.linalg.lstsq(left * root[:, None], np.concatenate(seen[:, :2].T) * root, rcond=None)[0]
    assert np.allclose(geometry.fitted(places, seen, weights, np.zeros(4)), expected, atol=1e-6)
