"""What is compiled for parts against what is written down plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.index.cells import ALIKE, COMMON, REACH, ROOM, SPARE, UPRIGHT, agreed, nearest

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
        self.places = chance.integers(0, 1 << 16, (size, 3)).astype(np.uint16)
        self.slots = np.where(chance.random(size) < removed, -1, np.arange(size) % 50).astype(np.int32)
        self.owners = np.arange(50) % owners
        self.probed = np.array([chance.permutation(len(sizes))[: min(4, len(sizes))] for _ in range(points)], np.int64)
        asked = centres[self.probed[:, 0]] ^ (chance.random((points, 128)) < spread)
        self.queries = np.packbits(asked.astype(np.uint8), axis=1).view(np.uint64).reshape(-1, 2)
        self.seen = chance.integers(0, 1 << 16, (points, 3)).astype(np.uint16)

    def told(self) -> tuple[Found, list[bool]]:
        """What the compiled loops say: hits by point and row, and which points are common."""
        common = np.zeros(len(self.queries), np.bool_)
        codes = np.concatenate([self.codes, np.zeros((SPARE, 2), np.uint64)])
        place = (self.starts, codes, self.places, self.slots, self.owners)
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
            turned = ((self.places[rows, 2] >> 8) - (self.seen[point, 2] >> 8) + UPRIGHT) % 256 <= 2 * UPRIGHT
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


SIDES, FRAME = np.array([[800.0, 1250.0], [1000.0, 1000.0], [1250.0, 800.0]], np.float32), (1600.0, 625.0)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), hits=st.integers(0, 60), copied=st.integers(0, 30))
def test_what_speaks_for_a_picture_are_hits_that_tell_one_similarity(seed: int, hits: int, copied: int) -> None:
    """Random hits, and some that a similarity has made of one picture's parts, against the definition."""
    chance = np.random.default_rng(seed)
    places, seen = (chance.integers(0, 1 << 16, (40, 3)).astype(np.uint16) for _ in range(2))
    points, rows = (chance.integers(0, 40, hits + copied).astype(np.int32) for _ in range(2))
    slots = (np.arange(40) % 3).astype(np.int32)
    factor, turned = chance.uniform(0.3, 0.8), int(chance.integers(0, 256))
    for point, row in zip(points[:copied], rows[:copied], strict=True):
        moved = factor * (place_of(places[row], SIDES[slots[row]]) - 400) * np.exp(1j * turned * np.pi / 128)
        x, y = moved.real / FRAME[0] + 0.5, moved.imag / FRAME[1] + 0.5
        size = max(0, int(places[row, 2] & 255) + round(16 * np.log2(factor)))
        turn = (int(places[row, 2] >> 8) + turned) % 256
        seen[point] = *(int(np.clip(each, 0, 1) * 65535) for each in (x, y)), size + 256 * turn
    weights = chance.random(hits + copied).astype(np.float32)
    told = agreed(places, SIDES, seen, np.array(FRAME, np.float32), 3, weights, points, rows, slots[rows])
    for slot in range(3):
        mine = [k for k in range(hits + copied) if slots[rows[k]] == slot]
        agreeing = [
            sum(weights[k] for k in mine if agree(places, seen, SIDES[slot], points, rows, proposing, k))
            for proposing in mine
        ]
        assert told[slot] == pytest.approx(max(agreeing, default=0.0), rel=1e-5)


def place_of(point: np.ndarray, sides: np.ndarray | tuple[float, float]) -> complex:
    """In pixels."""
    x, y = (point[:2].astype(float) + 0.5) / 65536 * sides
    return complex(x, y)


def agree(
    places: np.ndarray, seen: np.ndarray, sides: np.ndarray, points: np.ndarray, rows: np.ndarray, one: int, other: int
) -> bool:
    """Whether a hit lies where another one puts it, as large and as turned."""
    (size, turn, part, at), (size_, turn_, part_, at_) = (
        (
            int(seen[points[k], 2] & 255) - int(places[rows[k], 2] & 255),
            int(seen[points[k], 2] >> 8) - int(places[rows[k], 2] >> 8),
            place_of(places[rows[k]], sides),
            place_of(seen[points[k]], FRAME),
        )
        for k in (one, other)
    )
    if abs(size - size_) > 10 or min((turn - turn_) % 256, (turn_ - turn) % 256) > 16:
        return False
    foretold = at + 2 ** (size / 16) * np.exp(1j * turn * np.pi / 128) * (part_ - part)
    return bool(abs(foretold - at_) < 6 + 0.15 * abs(at_ - at))
