"""What is compiled for parts against what is written down plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.index.cells import ALIKE, COMMON, REACH, ROOM, SPARE, UPRIGHT, nearest

Found = list[tuple[int, int, int, float]]


class Filled:
    """Cells with codes near a centre each, as real ones are, and points that look into some of them."""

    def __init__(self, seed: int, sizes: list[int], points: int, spread: float, owners: int, removed: float) -> None:
        chance = np.random.default_rng(seed)
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        size = int(self.starts[-1])
        centres = chance.integers(0, 2, (len(sizes), 128))
        bits = np.repeat(centres, sizes, axis=0) ^ (chance.random((size, 128)) < spread)
        self.codes = np.packbits(bits.astype(np.uint8), axis=1).view(np.uint64).reshape(-1, 2)
        self.turns = chance.integers(0, 256, size).astype(np.uint8)
        self.slots = np.where(chance.random(size) < removed, -1, np.arange(size) % 50).astype(np.int32)
        self.owners = np.arange(50) % owners
        self.probed = np.array([chance.permutation(len(sizes))[: min(4, len(sizes))] for _ in range(points)], np.int64)
        asked = centres[self.probed[:, 0]] ^ (chance.random((points, 128)) < spread)
        self.queries = np.packbits(asked.astype(np.uint8), axis=1).view(np.uint64).reshape(-1, 2)
        self.seen = chance.integers(0, 256, points).astype(np.uint8)

    def told(self) -> tuple[Found, list[bool]]:
        """What the compiled loops say: hits by point and row, and which points are common."""
        common = np.zeros(len(self.queries), np.bool_)
        codes = np.concatenate([self.codes, np.zeros((SPARE, 2), np.uint64)])
        place = (self.starts, codes, self.turns, self.slots, self.owners)
        weights, points, rows, bits = nearest(*place, self.queries, self.seen, self.probed, common)
        assert (np.diff(points) >= 0).all()
        hits = zip(points.tolist(), rows.tolist(), bits.tolist(), weights.tolist(), strict=True)
        return sorted(hits), common.tolist()

    def expected(self) -> tuple[Found, list[bool]]:
        """The same by looking at every code of each cell."""
        hits: Found = []
        common = []
        for point, (query, cells) in enumerate(zip(self.queries, self.probed, strict=True)):
            rows = np.concatenate([np.arange(self.starts[cell], self.starts[cell + 1]) for cell in cells])
            rows = rows[self.slots[rows] >= 0]
            bits = np.bitwise_count(self.codes[rows] ^ query).sum(axis=1, dtype=np.int64)
            turned = (self.turns[rows] - self.seen[point] + np.uint8(UPRIGHT)) <= 2 * UPRIGHT
            common.append(len(set(self.owners[self.slots[rows[(bits <= ALIKE) & turned]]])) > COMMON)
            if common[-1]:
                continue
            within = [int((bits <= far).sum()) for far in range(REACH + 1)]
            limit = max((far for far in range(REACH + 1) if within[far] <= ROOM), default=-1)
            for row, far in zip(rows.tolist(), bits.tolist(), strict=True):
                if far <= limit:
                    weight = np.float32((REACH + 4 - far) ** 2 / (16.0 + within[far]))
                    hits.append((point, row, far, float(weight)))
        return sorted(hits), common


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    sizes=st.lists(st.integers(0, 120), min_size=1, max_size=10),
    points=st.integers(1, 20),
    spread=st.sampled_from([0.01, 0.04, 0.1, 0.15, 0.3]),
    owners=st.sampled_from([1, COMMON, COMMON + 1, 50]),
    removed=st.sampled_from([0.0, 0.2, 1.0]),
)
def test_the_nearest_are_those_that_looking_at_every_code_finds(
    seed: int, sizes: list[int], points: int, spread: float, owners: int, removed: float
) -> None:
    filled = Filled(seed, sizes, points, spread, owners, removed)
    assert filled.told() == filled.expected()


@pytest.mark.parametrize("sizes", [[20_000, 3], [16_384, 16_385], [5]])
def test_a_cell_may_be_larger_than_a_tile(sizes: list[int]) -> None:
    filled = Filled(1, sizes, 30, 0.1, 50, 0.1)
    hits, common = filled.told()
    assert (hits, common) == filled.expected()
    assert hits


def test_many_points_have_room_for_what_they_find() -> None:
    filled = Filled(2, [300] * 20, 1500, 0.12, COMMON, 0.0)
    hits, common = filled.told()
    assert (hits, common) == filled.expected()
    assert len(hits) > 1 << 16
