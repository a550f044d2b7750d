"""Searching by tables, compiled by numba as in `kernels.py`.

A table is a bucket for each value of its chunk, and in it the rows of the codes that have this value. A row number
leaves some of its 32 bits free; they hold a *hint*, the lowest bits of the code's following chunk. By the pigeonring
principle (Qin and Xiao, VLDB 2018) two near codes are brought together by some chunk i such that chunks i and i + 1
together differ in at most r_i + r_(i+1) + 1 bits, the last chunk being followed by the first. So most of a bucket
is dismissed by its hints, without looking at the codes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled
from tutela.index.kernels import (
    LANES,
    Flags,
    Rows,
    Words,
    alike,
    apart,
    fetch,
    lowest,
    ones,
    report,
    scan_for,
)

Counts = NDArray[np.uint32]
Posts = NDArray[np.uint32]
Layout = Any

LAYOUT = 7
"""Columns of a layout: a row for each chunk, and one more whose base and span are the ends of all."""
_FIRST, _WIDTH, _RADIUS, _BASE, _SPAN, _HINT, _REACH = range(LAYOUT)

GROUP = 8
"""Queries that go through the tables together: those with the same value of a chunk share the way to its buckets."""

_AHEAD = 20
_BLOCK = 4096
"""Candidates that are gathered before they are looked at."""

SCAN_SHARE = 16
"""A candidate costs at most as much as so many codes in a scan: beyond that a query scans."""


@compiled(inline="always")
def _chunk(codes: Words, row: int, first: int, width: int) -> Any:
    """Bits `first` to `first + width` of a code, the lowest of its first word being bit 0; they lie in one word."""
    mask = (np.uint64(1) << np.uint64(width)) - np.uint64(1)
    return (codes[row, first >> 6] >> np.uint64(first & 63)) & mask


@compiled(inline="always")
def _following(codes: Words, row: int, chunk: int, layout: Layout) -> Any:
    """The hint to a code's chunk: the lowest bits of the next one."""
    after = chunk + 1 if chunk + 2 < layout.shape[0] else 0
    return _chunk(codes, row, layout[after, _FIRST], layout[chunk, _HINT])


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
def build(codes: Words, layout: Layout, shift: int, starts: Counts, posts: Posts) -> None:
    """Fills the tables: `posts[c]` holds the rows sorted by the value of chunk c, `starts` where each value begins.

    `starts` is zero beforehand; chunk c's part of it begins at its base and has 2 ** width + 1 entries. A post is
    a row and, from bit `shift` on, its hint.
    """
    values = np.empty(codes.shape[0], np.uint32)
    for chunk in range(posts.shape[0]):
        base, size = layout[chunk, _BASE], 1 << layout[chunk, _WIDTH]
        table, post = starts[base : base + size + 1], posts[chunk]
        _evaluate(codes, layout[chunk, _FIRST], layout[chunk, _WIDTH], values)
        for row in range(values.size):
            table[values[row] + 1] += np.uint32(1)
        for value in range(size):
            table[value + 1] += table[value]
        for row in range(values.size):
            place = table[values[row]]
            post[place] = np.uint32(np.uint64(row) | _following(codes, row, chunk, layout) << np.uint64(shift))
            table[values[row]] = place + np.uint32(1)
        for value in range(size, 0, -1):  # each start has moved to its end, which is the next one's start
            table[value] = table[value - 1]
        table[0] = np.uint32(0)


@compiled()
def _evaluate(codes: Words, first: int, width: int, values: Counts) -> None:
    """Each code's value of one chunk."""
    for row in range(codes.shape[0]):
        values[row] = np.uint32(_chunk(codes, row, first, width))


@compiled()
def belongs(codes: Words, layout: Layout, shift: int, starts: Counts, posts: Posts) -> bool:
    """Whether no place in the tables lies outside of them: the searches trust them."""
    size, mask = codes.shape[0], (1 << shift) - 1
    for chunk in range(posts.shape[0]):
        if _largest(posts[chunk], mask) >= max(size, 1):
            return False
    return bool(_largest(starts, -1) <= size)


@compiled()
def _largest(values: Counts, mask: int) -> int:
    largest, kept = np.uint32(0), np.uint32(mask & 0xFFFFFFFF)
    for place in range(values.size):
        largest = max(largest, values[place] & kept)
    return int(largest)


@compiled()
def probe(
    codes: Words, live: Flags, layout: Layout, flips: Words, starts: Counts, posts: Posts, shift: int,
    queries: Words, distance: int, asked: Rows, rows: Rows, far: Rows,
) -> int:  # fmt: skip
    """As `kernels.scan` over all codes, by way of the tables; a query for which these promise more work scans."""
    room, chunks = min(GROUP, queries.shape[0]) * flips.size, posts.shape[0]
    begins, ends, owners = np.empty((3, room), np.int64)
    hints, shared = np.empty((2, chunks, GROUP), np.int64)
    block, scans, entries = np.empty(_BLOCK, np.int64), np.empty(GROUP, np.bool_), posts.reshape(-1)
    found = 0
    for first in range(0, queries.shape[0], GROUP):
        some = queries[first : first + GROUP]
        visits = _visits(some, layout, flips, hints, shared, begins, owners)
        _open(starts, codes.shape[0], visits, shared, begins, ends, owners, scans)
        for query in range(some.shape[0]):
            if scans[query]:
                found = scan_for(
                    codes, live, 0, codes.shape[0], queries, first + query, distance, asked, rows, far, found
                )
        held = 0
        for visit in range(visits):
            if visit + _AHEAD < visits:
                fetch(entries, begins[visit + _AHEAD])
            owner = owners[visit]
            for place in range(begins[visit], ends[visit], LANES):
                count, query = ends[visit] - place, owner & 7
                while query >= 0:
                    if not scans[query]:
                        near = alike(entries, place, count, shift, hints[owner >> 8, query], owner >> 3 & 31)
                        while near:
                            row = np.int64(entries[place + lowest(near)]) & np.int64((1 << shift) - 1)
                            block[held] = owner >> 8 << 35 | query << 32 | row
                            near &= near - 1
                            held += 1
                    query = shared[owner >> 8, query]
                if held > _BLOCK - GROUP * LANES:
                    found = _keep(codes, live, layout, block, held, queries, first, distance, asked, rows, far, found)
                    held = 0
        found = _keep(codes, live, layout, block, held, queries, first, distance, asked, rows, far, found)
    return found


@compiled()
def _visits(
    queries: Words, layout: Layout, flips: Words, hints: Rows, shared: Rows, buckets: Rows, owners: Rows
) -> int:
    """Which buckets the queries must look into, and for whom; how many.

    `shared[c, q]` becomes the next query after q with the same value of chunk c, or -1. An owner is the first query of
    such a chain, above it in how many bits a hint may differ, above that the chunk.
    """
    visits = 0
    values = np.empty(GROUP, np.uint64)
    for chunk in range(layout.shape[0] - 1):
        base, begin, end = layout[chunk, _BASE], layout[chunk, _SPAN], layout[chunk + 1, _SPAN]
        for query in range(queries.shape[0]):
            values[query] = _chunk(queries, query, layout[chunk, _FIRST], layout[chunk, _WIDTH])
            hints[chunk, query] = _following(queries, query, chunk, layout)
            shared[chunk, query] = -1
            earlier = query - 1
            while earlier >= 0 and values[earlier] != values[query]:
                earlier -= 1
            if earlier >= 0:
                shared[chunk, earlier] = query
                continue
            owner = chunk << 8 | query
            for place in range(begin, end):
                buckets[visits] = base + np.int64(values[query] ^ flips[place])
                owners[visits] = owner | (layout[chunk, _REACH] - np.int64(ones(flips[place]))) << 3
                visits += 1
    return visits


@compiled()
def _open(
    starts: Counts, size: int, visits: int, shared: Rows, begins: Rows, ends: Rows, owners: Rows, scans: Flags
) -> None:
    """Replaces each bucket's number by its first and last place, and tells which queries had better scan."""
    load = np.zeros(GROUP, np.int64)
    for visit in range(min(_AHEAD, visits)):
        fetch(starts, begins[visit])
    for visit in range(visits):
        if visit + _AHEAD < visits:
            fetch(starts, begins[visit + _AHEAD])
        bucket, chunk, query = begins[visit], owners[visit] >> 8, owners[visit] & 7
        begins[visit], ends[visit] = chunk * size + starts[bucket], chunk * size + starts[bucket + 1]
        while query >= 0:
            load[query] += ends[visit] - begins[visit]
            query = shared[chunk, query]
    for query in range(GROUP):
        scans[query] = load[query] * SCAN_SHARE > size
    for visit in range(visits if np.any(scans) else 0):
        query = owners[visit] & 7
        while query >= 0 and scans[query]:
            query = shared[owners[visit] >> 8, query]
        if query < 0:  # nobody is left who would look into this bucket
            ends[visit] = begins[visit]


@compiled()
def _keep(
    codes: Words, live: Flags, layout: Layout, block: Rows, held: int,
    queries: Words, base: int, distance: int, asked: Rows, rows: Rows, far: Rows, found: int,
) -> int:  # fmt: skip
    """Reports those of the first `held` candidates of the block that are within reach."""
    for place in range(min(_AHEAD, held)):
        fetch(codes, block[place] & 0xFFFFFFFF)
    for place in range(held):
        if place + _AHEAD < held:
            fetch(codes, block[place + _AHEAD] & 0xFFFFFFFF)
        row, query, chunk = block[place] & 0xFFFFFFFF, base + (block[place] >> 32 & 7), block[place] >> 35
        bits = apart(codes, row, queries[query, 0], queries[query, 1], queries[query, 2], queries[query, 3])
        if bits <= distance and live[row] and _is_first(codes, row, queries, query, chunk, layout):
            found = report(query, row, bits, asked, rows, far, found)
    return found


@compiled()
def _is_first(codes: Words, row: int, queries: Words, query: int, chunk: int, layout: Layout) -> bool:
    """Whether no earlier chunk brings the two together: each pair is reported by one chunk only."""
    for earlier in range(chunk):
        first, width = layout[earlier, _FIRST], layout[earlier, _WIDTH]
        bits = np.int64(ones(_chunk(codes, row, first, width) ^ _chunk(queries, query, first, width)))
        hinted = ones(_following(codes, row, earlier, layout) ^ _following(queries, query, earlier, layout))
        if bits <= layout[earlier, _RADIUS] and bits + np.int64(hinted) <= layout[earlier, _REACH]:
            return False
    return True
