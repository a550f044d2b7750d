"""What is compiled for parts against what is written down plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.index.cells import SPARE, near


def brute(
    starts: np.ndarray, codes: np.ndarray, slots: np.ndarray, queries: np.ndarray, probed: np.ndarray, reach: int
) -> list[set[tuple[int, int]]]:
    """Row and bits of each code that a query must find."""
    found = []
    for query, cells in zip(queries, probed, strict=True):
        rows = np.concatenate([np.arange(starts[cell], starts[cell + 1]) for cell in cells])
        bits = np.bitwise_count(codes[rows] ^ query).sum(axis=1)
        kept = (bits <= reach) & (slots[rows] >= 0)
        found.append(set(zip(rows[kept].tolist(), bits[kept].tolist(), strict=True)))
    return found


def check(seed: int, sizes: list[int], points: int, reach: int, removed: float = 0.2) -> int:
    """How many were found."""
    chance = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    size = int(starts[-1])
    codes = chance.integers(0, 2**64, (size, 2), dtype=np.uint64)
    slots = np.where(chance.random(size) < removed, -1, 1).astype(np.int32)
    queries = chance.integers(0, 2**64, (points, 2), dtype=np.uint64)
    for point in range(min(points, size)):
        queries[point] = codes[point] ^ np.uint64(chance.integers(0, 2**20))
    probed = np.array([chance.permutation(len(sizes))[: min(4, len(sizes))] for _ in range(points)], np.int64)
    spare = np.zeros((SPARE, 2), np.uint64)
    firsts, rows, bits = near(starts, np.concatenate([codes, spare]), slots, queries, probed, reach)
    assert firsts[0] == 0
    assert firsts[-1] == len(rows) == len(bits)
    spans = [slice(*firsts[point : point + 2]) for point in range(points)]
    told = [list(zip(rows[span].tolist(), bits[span].tolist(), strict=True)) for span in spans]
    assert all(len(each) == len(set(each)) for each in told)
    assert list(map(set, told)) == brute(starts, codes, slots, queries, probed, reach)
    return len(rows)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=12),
    points=st.integers(1, 30),
    reach=st.integers(0, 128),
)
def test_all_codes_within_reach_are_found_and_no_other(seed: int, sizes: list[int], points: int, reach: int) -> None:
    check(seed, sizes, points, reach)


@pytest.mark.parametrize("sizes", [[20_000, 3], [16_384, 16_385]])
def test_a_cell_may_be_larger_than_a_tile(sizes: list[int]) -> None:
    assert check(1, sizes, 3, 64) > 10_000


def test_however_much_is_found_there_is_room_for_it() -> None:
    assert check(2, [700] * 4, 60, 128, removed=0.0) == 700 * 4 * 60
