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

WORDS = 4
"""A chunk lies in one of a code's four words, and each word is cut into as many."""

WIDEST, LOWER = 16, 16
"""Bits of the widest chunk, so that an entry's hint is the whole next one, and of a row that are written out."""

PROBE_NS, ENTRY_NS, CANDIDATE_NS = 16.0, 0.5, 40.0
"""Cost of one look-up in a table, of one of the entries found there, and of one code that is looked at, measured at
3,000 to ten million codes on one core. Only their ratios matter here, and they only decide between plans that are all
exact."""

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

    def entries(self, codes: int) -> float:
        """Entries of the tables that one query meets among so many evenly spread codes."""
        pairs = zip(self.widths, self.radii, strict=True)
        return sum(_ball(width, radius) * codes / (1 << width) for width, radius in pairs)

    def candidates(self, codes: int) -> float:
        """Codes that one query has to look at, because the entries' hints do not exclude them."""
        chances = (
            comb(width, bits) / (1 << width) * _ball(hint, reach - bits) / (1 << hint)
            for width, radius, hint, reach in zip(
                self.widths, self.radii, _turned(self.widths), self.reaches, strict=True
            )
            for bits in range(radius + 1)
        )
        return codes * sum(chances)

    @property
    def reaches(self) -> tuple[int, ...]:
        """In how many bits a code may differ in a chunk and the next one together to be brought up by the first."""
        return tuple(radius + after + 1 for radius, after in zip(self.radii, _turned(self.radii), strict=True))

    def upper_words(self, codes: int) -> int:
        """Words of 64 bits for what is above the lower bits of the rows in one table: a bit for each entry, and one for
        each time that it may rise."""
        return (codes + (1 << max(self.widths)) * rises(codes)) // 64 + 1

    def table_bytes(self, codes: int) -> int:
        """Memory of the tables for so many codes."""
        starts = 4 * sum((1 << width) + 1 for width in self.widths)
        return starts + len(self.widths) * (4 * codes + 8 * self.upper_words(codes))


def choose(codes: int) -> Plan:
    """The cheapest plan for so many codes whose tables keep within the memory."""
    allowed = TABLE_BYTES * codes + SPARE_BYTES
    fitting = [plan for plan in plans() if plan.table_bytes(codes) <= allowed]
    return min(fitting, key=lambda plan: _cost(plan, codes))


def _cost(plan: Plan, codes: int) -> float:
    return plan.probes * PROBE_NS + plan.entries(codes) * ENTRY_NS + plan.candidates(codes) * CANDIDATE_NS


def rises(codes: int) -> int:
    """How many values the upper part of a row can take."""
    return -(-codes // (1 << LOWER))


def plans() -> list[Plan]:
    """All plans there are, by rising number of chunks."""
    return [_even(chunks) for chunks in range(-(-BITS // WIDEST // WORDS) * WORDS, 33, WORDS)]


def _even(chunks: int) -> Plan:
    """Chunks as even as can be; in each word the wider ones first, and the narrower ones get the larger radii. No
    radius is -1, since there are at most 32 chunks."""
    each = chunks // WORDS
    width, wider = divmod(BITS // WORDS, each)
    radius, larger = divmod(REACH - chunks + 1, chunks)
    widths = ((width + 1,) * wider + (width,) * (each - wider)) * WORDS
    late = sorted(range(chunks), key=lambda chunk: (widths[chunk], -(chunk % each)))[:larger]
    return Plan(widths, tuple(radius + (chunk in late) for chunk in range(chunks)))


def flips(width: int, radius: int) -> NDArray[np.uint64]:
    """Every pattern of at most `radius` bits among `width`, fewest bits first."""
    patterns = (
        sum(1 << bit for bit in bits) for size in range(radius + 1) for bits in combinations(range(width), size)
    )
    return np.fromiter(patterns, dtype=np.uint64)


def _turned(values: tuple[int, ...]) -> tuple[int, ...]:
    """Each chunk's following value."""
    return values[1:] + values[:1]


def _ball(width: int, radius: int) -> int:
    """How many values of so many bits lie within a radius of one."""
    return sum(comb(width, bits) for bits in range(min(radius, width) + 1))
