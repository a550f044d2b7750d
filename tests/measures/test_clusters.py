"""Clusters around medoids agree with the definition, on every path through the search."""

import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from measures.conftest import bits, patient
from oracles.clusters import clusters, distance
from tutela.measures import medoid_clusters


def array(codes: list[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(codes), dtype=np.uint8).reshape(-1, 32)


def flipped(code: bytes, positions: list[int]) -> bytes:
    return (int.from_bytes(code) ^ int.from_bytes(bits(*set(positions)))).to_bytes(32)


CENTRES = [bytes(32), b"\xff" * 32, bytes(range(32))]
FLIPS = st.lists(st.integers(0, 255), max_size=48)
CODES = st.lists(st.builds(flipped, st.sampled_from(CENTRES), FLIPS) | st.binary(min_size=32, max_size=32), max_size=24)


@patient
@given(CODES, st.sampled_from([0, 1, 15, 31, 32, 64, 256]))
def test_clusters_are_those_of_the_definition(codes: list[bytes], threshold: int) -> None:
    assert medoid_clusters(array(codes), threshold).tolist() == clusters(codes, threshold)


@patient
@given(CODES, st.randoms(use_true_random=False))
def test_clusters_do_not_depend_on_the_order_of_the_codes(codes: list[bytes], shuffle: random.Random) -> None:
    def sets(order: list[bytes]) -> dict[bytes, bytes]:
        return {code: order[medoid] for code, medoid in zip(order, medoid_clusters(array(order), 31), strict=True)}

    other = codes.copy()
    shuffle.shuffle(other)
    assert sets(codes) == sets(other)


@patient
@given(CODES)
def test_members_lie_within_reach_of_their_medoid_and_medoids_outside_each_others(codes: list[bytes]) -> None:
    medoids = medoid_clusters(array(codes), 31).tolist()
    assert all(distance(code, codes[medoid]) <= 31 for code, medoid in zip(codes, medoids, strict=True))
    assert all(distance(codes[i], codes[j]) > 31 for i in set(medoids) for j in set(medoids) if i != j)


def spread(chance: random.Random, share: tuple[int, ...]) -> list[int]:
    """Bits to flip: so many in each 16-bit chunk."""
    return [16 * chunk + bit for chunk, count in enumerate(share) for bit in chance.sample(range(16), count)]


@pytest.mark.parametrize("crowd", [0, 1200])
def test_many_codes_are_searched_through_tables_with_the_same_result(crowd: int) -> None:
    """Pairs at 31 and 32 bits spread as evenly as can be are the hardest to find; a crowd shares one chunk."""
    chance = random.Random(11)
    codes = [chance.randbytes(32) for _ in range(1600)]
    for code in codes[:200]:
        share = [2] * 15 + [1]
        chance.shuffle(share)
        codes += [flipped(code, spread(chance, tuple(share))), flipped(code, spread(chance, (2,) * 16))]
        codes += [flipped(code, chance.sample(range(256), chance.randrange(48))), code]
    codes += [b"\x5a\xa5" + chance.randbytes(30) for _ in range(crowd)]
    chance.shuffle(codes)
    assert len(set(codes)) > 2100
    found = medoid_clusters(array(codes), 31).tolist()
    assert found == clusters(codes, 31)
    assert len(set(found)) < len(set(codes)) - 150


def test_memory_stays_bounded_where_few_chunk_values_are_crowded() -> None:
    """Six thousand codes begin in one of seven ways: comparing all at once would take 36 million words of memory."""
    chance = random.Random(5)
    heads = [bytes([0x11 * value, 0xEE - 0x11 * value]) for value in range(7)]
    codes = array([chance.choice(heads) + chance.randbytes(30) for _ in range(6000)])
    tracemalloc.start()
    try:
        medoids = medoid_clusters(codes, 31)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(set(medoids.tolist())) == 6000
    assert peak < 100_000_000


def test_a_drift_of_small_steps_is_not_one_cluster() -> None:
    """Ten codes, each 20 bits from the one before: single linkage would join the first with the last."""
    drift = [bits(*range(20 * step)) for step in range(10)]
    assert medoid_clusters(array(drift), 31).tolist() == [1, 1, 1, 3, 3, 5, 5, 7, 7, 9]


def test_copies_give_a_code_weight() -> None:
    """In a chain of four each end is near one other; copies of one end pull the medoid to its neighbour."""
    first, second, third, fourth = bits(*range(20, 40)), bits(), bits(*range(100, 120)), bits(*range(100, 140))
    assert medoid_clusters(array([first, second, third, fourth]), 31).tolist() == [1, 1, 1, 3]
    assert medoid_clusters(array([first, second, third, fourth, fourth]), 31).tolist() == [0, 2, 2, 2, 2]


def test_no_codes_make_no_clusters() -> None:
    assert medoid_clusters(np.empty((0, 32), dtype=np.uint8)).tolist() == []


@pytest.mark.parametrize("codes", [np.zeros((2, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((2, 32), np.int64)])
def test_codes_of_another_shape_or_type_are_refused(codes: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="uint8 of shape"):
        medoid_clusters(codes)
