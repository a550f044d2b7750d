"""How to cut 256 bits into chunks so that exact search looks at as little as possible.

Generalised pigeonhole principle (Qin et al., "GPH: Similarity Search in Hamming Space", ICDE 2018): cut a code into m
chunks and give chunk i a radius r_i with r_1 + … + r_m = d - m + 1. Two codes within d bits of each other then lie
within r_i bits of each other in some chunk i. So a table for each chunk, looked up at every value within its radius,
misses nothing. Wide chunks have small buckets and many values to look up, narrow ones the other way round.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

BITS = 256
REACH = 31
"""Distance that the tables are made for, in bits; larger ones are answered by scanning."""

WIDEST = 24
PROBE_NS, CANDIDATE_NS = 22.0, 25.0
"""Cost of one look-up in a table and of one candidate, measured at 100,000 to ten million codes on one core. Only
their ratio matters here, and it only decides between plans that are all exact."""

TABLE_BYTES, SPARE_BYTES = 69, 1 << 26
"""Memory that tables may take: so much for each code, and so much altogether for small sets."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Widths in bits and radii of the chunks, in the order of the bits."""

    widths: tuple[int, ...]
    radii: tuple[int, ...]

    @property
    def probes(self) -> int:
        """Look-ups that one query makes."""
        return sum(_ball(width, radius) for width, radius in zip(self.widths, self.radii, strict=True))

    def candidates(self, codes: int) -> float:
        """Codes that one query has to look at among so many evenly spread ones."""
        pairs = zip(self.widths, self.radii, strict=True)
        return sum(_ball(width, radius) * codes / (1 << width) for width, radius in pairs)

    def table_bytes(self, codes: int) -> int:
        """Memory of the tables for so many codes."""
        return 4 * (sum((1 << width) + 1 for width in self.widths) + len(self.widths) * codes)


def choose(codes: int) -> Plan:
    """The cheapest plan for so many codes whose tables keep within the memory."""
    allowed = TABLE_BYTES * codes + SPARE_BYTES
    fitting = [plan for plan in plans() if plan.table_bytes(codes) <= allowed]
    return min(fitting, key=lambda plan: plan.probes * PROBE_NS + plan.candidates(codes) * CANDIDATE_NS)


def plans() -> list[Plan]:
    """All plans there are, by rising number of chunks."""
    return [_even(chunks) for chunks in range(-(-BITS // WIDEST), 33)]


def _even(chunks: int) -> Plan:
    """Chunks as even as can be, the wider ones first; the narrower ones get the larger radii. No radius is -1, since
    there are at most 32 chunks."""
    width, wider = divmod(BITS, chunks)
    radius, larger = divmod(REACH - chunks + 1, chunks)
    widths = (width + 1,) * wider + (width,) * (chunks - wider)
    return Plan(widths, (radius,) * (chunks - larger) + (radius + 1,) * larger)


def flips(width: int, radius: int) -> NDArray[np.uint64]:
    """Every pattern of at most `radius` bits among `width`, fewest bits first."""
    patterns = (
        sum(1 << bit for bit in bits) for size in range(radius + 1) for bits in combinations(range(width), size)
    )
    return np.fromiter(patterns, dtype=np.uint64)


def _ball(width: int, radius: int) -> int:
    return sum(comb(width, bits) for bits in range(radius + 1))
