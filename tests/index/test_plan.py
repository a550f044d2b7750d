"""A plan misses nothing: whatever differs in at most 31 bits lies within some chunk's radius."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.index.plan import BITS, REACH, Plan, choose, flips, plans

SIZES = [0, 1, 100, 2049, 10_000, 250_000, 10**6, 5 * 10**6, 10**7]


def spent(plan: Plan, apart: set[int]) -> list[int]:
    """How many of the differing bits fall into each chunk."""
    ends = np.cumsum(plan.widths)
    return [sum(end - width <= bit < end for bit in apart) for end, width in zip(ends, plan.widths, strict=True)]


@pytest.mark.parametrize("plan", plans(), ids=lambda plan: str(len(plan.widths)))
def test_every_plan_keeps_to_the_principle(plan: Plan) -> None:
    assert sum(plan.widths) == BITS
    assert sum(radius + 1 for radius in plan.radii) == REACH + 1
    assert all(0 <= radius <= width for width, radius in zip(plan.widths, plan.radii, strict=True))


@given(st.sampled_from(SIZES), st.sets(st.integers(0, BITS - 1), max_size=REACH))
def test_some_chunk_brings_together_what_is_near(size: int, apart: set[int]) -> None:
    plan = choose(size)
    assert any(bits <= radius for bits, radius in zip(spent(plan, apart), plan.radii, strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_a_plan_keeps_within_the_memory(size: int) -> None:
    assert choose(size).table_bytes(size) <= 69 * size + (1 << 26)


def test_ten_million_codes_take_at_most_110_bytes_each_in_all() -> None:
    codes_ids_and_flags = 32 + 8 + 1
    assert choose(10**7).table_bytes(10**7) / 10**7 + codes_ids_and_flags <= 110


def test_patterns_are_all_those_of_at_most_so_many_bits() -> None:
    assert sorted(flips(5, 2).tolist()) == [n for n in range(32) if n.bit_count() <= 2]
    assert flips(20, 0).tolist() == [0]
