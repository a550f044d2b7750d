"""The tables that searches go through, compiled by numba as in `kernels.py`.

A table is a bucket for each value of its chunk, and in it the entries of the codes that have this value, by row. An
entry is a *hint*, the code's following chunk, and a row, which stands apart, since few entries are asked for it. By the
pigeonring principle (Qin and Xiao, VLDB 2018) two near codes are brought together by some chunk i such that chunks i
and i + 1 together differ in at most r_i + r_(i+1) + 1 bits, the last chunk being followed by the first. So nearly all
of a bucket is dismissed by its hints, 32 at a time, without a look at rows or codes.

Rows rise within a bucket. Their lower 16 bits are written out; what is above them takes some two bits an entry (Elias,
"Efficient storage and retrieval by content and address of static files", JACM 1974): one for each entry, and one for
each time that the upper part rises. Every bucket has equally many of the latter, so it is known where its bits begin.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled
from tutela.index.kernels import Words, lowest, ones
from tutela.index.plan import LOWER

Counts = NDArray[np.uint32]
Shorts = NDArray[np.uint16]
Layout = Any

LAYOUT = 6
"""Columns of a layout: a row for each chunk, and one more whose base and span are the ends of all."""
FIRST, WIDTH, RADIUS, BASE, SPAN, REACH = range(LAYOUT)


@compiled(inline="always")
def chunk_of(codes: Words, row: int, first: int, width: int) -> Any:
    """Bits `first` to `first + width` of a code, the lowest of its first word being bit 0; they lie in one word."""
    mask = (np.uint64(1) << np.uint64(width)) - np.uint64(1)
    return (codes[row, first >> 6] >> np.uint64(first & 63)) & mask


@compiled(inline="always")
def hint_of(codes: Words, row: int, chunk: int, layout: Layout) -> Any:
    """The hint to a code's chunk: the next one."""
    after = chunk + 1 if chunk + 2 < layout.shape[0] else 0
    return chunk_of(codes, row, layout[after, FIRST], layout[after, WIDTH])


@compiled(inline="always")
def _every_other(word: Any) -> Any:
    """The 32 bits of a word that stand at even places."""
    word &= np.uint64(0x5555555555555555)
    word = (word | word >> np.uint64(1)) & np.uint64(0x3333333333333333)
    word = (word | word >> np.uint64(2)) & np.uint64(0x0F0F0F0F0F0F0F0F)
    word = (word | word >> np.uint64(4)) & np.uint64(0x00FF00FF00FF00FF)
    word = (word | word >> np.uint64(8)) & np.uint64(0x0000FFFF0000FFFF)
    return (word | word >> np.uint64(16)) & np.uint64(0x00000000FFFFFFFF)


@compiled()
def by_parity(codes: Words) -> Words:
    """The codes with their bits in another order: word by word those of even and odd rows and columns of PDQ's square.

    Mirroring a picture turns the signs of every other row or column of its PDQ coefficients, so many chunks that lie
    within one of these words are the same in several orientations, and are looked up once for all of them.
    """
    laid = np.zeros_like(codes)
    byte = np.uint64(0xFF)
    for row in range(codes.shape[0]):
        for word in range(4):
            place = np.uint64(16 * word)
            for column in range(2):
                half = _every_other(codes[row, word] >> np.uint64(column))
                for line in range(2):
                    bits = half >> np.uint64(8 * line)
                    laid[row, 2 * line + column] |= (
                        bits & byte | (bits >> np.uint64(16) & byte) << np.uint64(8)
                    ) << place
    return laid


@compiled()
def build(
    codes: Words, layout: Layout, rises: int, starts: Counts, hints: Shorts, lowers: Shorts, uppers: Words
) -> None:
    """Fills the tables, which are zero beforehand; see `segment.blank` for their shapes.

    The entries of chunk c begin at c times the number of codes in `hints` and `lowers`, their upper bits with row c of
    `uppers`. `starts` says where the bucket of each value begins; chunk c's part of it begins at its base and has
    2 ** width + 1 entries. In every bucket the upper part may rise `rises` times.
    """
    size = codes.shape[0]
    values = np.empty(size, np.uint32)
    for chunk in range(uppers.shape[0]):
        base, buckets = layout[chunk, BASE], 1 << layout[chunk, WIDTH]
        table, upper = starts[base : base + buckets + 1], uppers[chunk]
        _evaluate(codes, layout[chunk, FIRST], layout[chunk, WIDTH], values)
        for row in range(size):
            table[values[row] + 1] += np.uint32(1)
        for value in range(buckets):
            table[value + 1] += table[value]
        for row in range(size):
            place = np.int64(table[values[row]])
            hints[chunk * size + place] = np.uint16(hint_of(codes, row, chunk, layout))
            lowers[chunk * size + place] = np.uint16(row & (1 << LOWER) - 1)
            bit = place + np.int64(values[row]) * rises + (row >> LOWER)
            upper[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
            table[values[row]] = np.uint32(place + 1)
        for value in range(buckets, 0, -1):  # each start has moved to its end, which is the next one's start
            table[value] = table[value - 1]
        table[0] = np.uint32(0)


@compiled()
def _evaluate(codes: Words, first: int, width: int, values: Counts) -> None:
    """Each code's value of one chunk."""
    for row in range(codes.shape[0]):
        values[row] = np.uint32(chunk_of(codes, row, first, width))


@compiled(inline="always")
def row_of(upper: Words, begin: int, number: int, lower: Any, size: int) -> Any:
    """The row of a bucket's entry by its number there; the bucket's upper bits begin at `begin`.

    Whatever the tables hold, it is a row of one of the `size` codes.
    """
    place, left = begin >> 6, np.int64(number)
    word = upper[place] >> np.uint64(begin & 63) << np.uint64(begin & 63)
    count = np.int64(ones(word))
    while left >= count and place + 1 < upper.size:
        left -= count
        place += 1
        word = upper[place]
        count = np.int64(ones(word))
    for _ in range(left):
        word &= word - np.uint64(1)
    if not word:
        return 0
    row = (place << 6) + np.int64(lowest(np.int64(word))) - begin - number << LOWER | np.int64(lower)
    return max(0, min(row, size - 1))


@compiled()
def largest(values: Counts) -> int:
    """The largest value, 0 of none."""
    found = np.uint32(0)
    for place in range(values.size):
        found = max(found, values[place])
    return int(found)
