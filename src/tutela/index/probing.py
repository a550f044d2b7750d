"""Searching by the tables of `tables.py`, compiled by numba as in `kernels.py`."""

import numpy as np

from tutela.compiling import compiled
from tutela.index.kernels import LANES, Flags, Rows, Words, alike, apart, fetch, lowest, ones, report, scan_for
from tutela.index.tables import (
    BASE,
    FIRST,
    RADIUS,
    REACH,
    SPAN,
    WIDTH,
    Counts,
    Layout,
    Shorts,
    by_parity,
    chunk_of,
    hint_of,
    row_of,
)

GROUP = 8
"""Queries that go through the tables together: those with the same value of a chunk share the way to its buckets."""

ENTRY_SHARE, CANDIDATE_SHARE = 2, 96
"""So many codes are scanned in the time of an entry, or of a candidate. A query for which these would take longer than
a scan, scans."""

_AHEAD = 20
_BUCKETS_AHEAD, _LINES_AHEAD = 12, 16
_LINE = 32
"""Hints in a line of the cache."""

_BLOCK = 4096
"""Candidates for which there is room at first."""


@compiled()
def probe(
    codes: Words, live: Flags, layout: Layout, flips: Words, rises: int,
    starts: Counts, hints: Shorts, lowers: Shorts, uppers: Words,
    queries: Words, distance: int, asked: Rows, rows: Rows, far: Rows,
) -> int:  # fmt: skip
    """As `kernels.scan` over all codes, by way of the tables; a query for which these promise more work scans.

    Queries come with their bits in the order of PDQ, and `codes` are as the tables have them (`tables.by_parity`).
    """
    queries = by_parity(queries)
    room, size, chunks = min(GROUP, queries.shape[0]) * flips.size, codes.shape[0], uppers.shape[0]
    visited = np.empty((4, room), np.int64)
    hinted, shared = np.empty((2, chunks, GROUP), np.int64)
    block, scans = np.empty((2, _BLOCK), np.int64), np.empty(GROUP, np.bool_)
    found = 0
    for first in range(0, queries.shape[0], GROUP):
        some = queries[first : first + GROUP]
        visits = _visits(some, layout, flips, hinted, shared, visited)
        _open(starts, size, layout, visits, shared, visited, scans)
        held = _gather(hints, size, visits, shared, hinted, visited, scans, block)
        if held > block.shape[1]:
            block = np.empty((2, held), np.int64)
            held = _gather(hints, size, visits, shared, hinted, visited, scans, block)
        held = _kept(block, held, scans)
        _find(layout, rises, lowers, uppers, size, visited, block, held, codes)
        for place in range(held):
            row, query, chunk = block[0, place], block[1, place] & 7, block[1, place] >> 3
            bits = apart(codes, row, some[query, 0], some[query, 1], some[query, 2], some[query, 3])
            if bits <= distance and live[row] and _is_first(codes, row, some, query, chunk, layout):
                found = report(first + query, row, bits, asked, rows, far, found)
        for query in range(some.shape[0]):
            if scans[query]:
                found = scan_for(codes, live, 0, size, queries, first + query, distance, asked, rows, far, found)
    return found


_BUCKET, _BEGIN, _END, _OWNER = range(4)
"""Rows of what is visited: the bucket's number in `starts`, its first entry, the one behind its last, and its owner:
the first query that looks into it, above it in how many bits a hint may differ, above that the chunk."""


@compiled()
def _visits(queries: Words, layout: Layout, flips: Words, hinted: Rows, shared: Rows, visited: Rows) -> int:
    """Writes which buckets the queries must look into, and for whom; how many.

    `shared[c, q]` becomes the next query after q with the same value of chunk c, or -1.
    """
    visits = 0
    values = np.empty(GROUP, np.uint64)
    for chunk in range(layout.shape[0] - 1):
        base, begin, end = layout[chunk, BASE], layout[chunk, SPAN], layout[chunk + 1, SPAN]
        for query in range(queries.shape[0]):
            values[query] = chunk_of(queries, query, layout[chunk, FIRST], layout[chunk, WIDTH])
            hinted[chunk, query] = hint_of(queries, query, chunk, layout)
            shared[chunk, query] = -1
            earlier = query - 1
            while earlier >= 0 and values[earlier] != values[query]:
                earlier -= 1
            if earlier >= 0:
                shared[chunk, earlier] = query
                continue
            owner = chunk << 8 | query
            for place in range(begin, end):
                visited[_BUCKET, visits] = base + np.int64(values[query] ^ flips[place])
                visited[_OWNER, visits] = owner | (layout[chunk, REACH] - np.int64(ones(flips[place]))) << 3
                visits += 1
    return visits


@compiled()
def _open(starts: Counts, size: int, layout: Layout, visits: int, shared: Rows, visited: Rows, scans: Flags) -> None:
    """Writes each bucket's first and last entry, and tells which queries had better scan."""
    load = np.zeros(GROUP, np.int64)
    for visit in range(min(_AHEAD, visits)):
        fetch(starts, visited[_BUCKET, visit])
    for visit in range(visits):
        if visit + _AHEAD < visits:
            fetch(starts, visited[_BUCKET, visit + _AHEAD])
        bucket, chunk, query = visited[_BUCKET, visit], visited[_OWNER, visit] >> 8, visited[_OWNER, visit] & 7
        begin, end = chunk * size + starts[bucket], chunk * size + starts[bucket + 1]
        visited[_BEGIN, visit], visited[_END, visit] = begin, end
        while query >= 0:
            load[query] += end - begin
            query = shared[chunk, query]
    for query in range(GROUP):
        scans[query] = load[query] * ENTRY_SHARE > size


@compiled()
def _gather(
    hints: Shorts, size: int, visits: int, shared: Rows, hinted: Rows, visited: Rows, scans: Flags, block: Rows
) -> int:
    """Counts the entries whose hints are near, and writes as many as there is room for: where, and the visit and query.

    A query with too many of them had better scan; not all of its entries are written.
    """
    held, met = 0, np.zeros(GROUP, np.int64)
    for visit in range(min(_BUCKETS_AHEAD, visits)):
        _ask(hints, visited, visit)
    for visit in range(visits):
        if visit + _BUCKETS_AHEAD < visits:
            _ask(hints, visited, visit + _BUCKETS_AHEAD)
        owner, end = visited[_OWNER, visit], visited[_END, visit]
        for place in range(visited[_BEGIN, visit], end, LANES):
            query = owner & 7
            while query >= 0:
                near = (
                    0 if scans[query] else alike(hints, place, end - place, hinted[owner >> 8, query], owner >> 3 & 31)
                )
                if near:
                    met[query] += np.int64(ones(near))
                    scans[query] = met[query] * CANDIDATE_SHARE > size
                    while near:
                        if held < block.shape[1]:
                            block[0, held], block[1, held] = place + lowest(near), visit << 3 | query
                        near &= near - 1
                        held += 1
                query = shared[owner >> 8, query]
    return held


@compiled(inline="always")
def _ask(hints: Shorts, visited: Rows, visit: int) -> None:
    """Asks for the hints of a bucket; those of a long one are read in a row, which processors foresee."""
    begin, end = visited[_BEGIN, visit], visited[_END, visit]
    for line in range(begin, min(end, begin + _LINES_AHEAD * _LINE), _LINE):
        fetch(hints, line)
    fetch(hints, end)


@compiled()
def _kept(block: Rows, held: int, scans: Flags) -> int:
    """Leaves the candidates of queries that scan out; how many others there are."""
    if not np.any(scans):
        return held
    kept = 0
    for place in range(held):
        if not scans[block[1, place] & 7]:
            block[0, kept], block[1, kept] = block[0, place], block[1, place]
            kept += 1
    return kept


@compiled()
def _find(
    layout: Layout, rises: int, lowers: Shorts, uppers: Words, size: int, visited: Rows, block: Rows, held: int,
    codes: Words,
) -> None:  # fmt: skip
    """Replaces the place of each candidate by its row, and its visit by the chunk, and asks for its code."""
    flat, words = uppers.reshape(-1), uppers.shape[1]
    for place in range(held):
        visit = block[1, place] >> 3
        chunk = visited[_OWNER, visit] >> 8
        begin = visited[_BEGIN, visit] - chunk * size + (visited[_BUCKET, visit] - layout[chunk, BASE]) * rises
        fetch(flat, chunk * words + (begin >> 6))
        fetch(lowers, block[0, place])
    for place in range(held):
        visit, query = block[1, place] >> 3, block[1, place] & 7
        chunk, first = visited[_OWNER, visit] >> 8, visited[_BEGIN, visit]
        begin = first - chunk * size + (visited[_BUCKET, visit] - layout[chunk, BASE]) * rises
        row = row_of(uppers[chunk], begin, block[0, place] - first, lowers[block[0, place]], size)
        fetch(codes, row)
        block[0, place], block[1, place] = row, chunk << 3 | query


@compiled()
def _is_first(codes: Words, row: int, queries: Words, query: int, chunk: int, layout: Layout) -> bool:
    """Whether no earlier chunk brings the two together: each pair is reported by one chunk only."""
    for earlier in range(chunk):
        first, width = layout[earlier, FIRST], layout[earlier, WIDTH]
        bits = np.int64(ones(chunk_of(codes, row, first, width) ^ chunk_of(queries, query, first, width)))
        hinted = ones(hint_of(codes, row, earlier, layout) ^ hint_of(queries, query, earlier, layout))
        if bits <= layout[earlier, RADIUS] and bits + np.int64(hinted) <= layout[earlier, REACH]:
            return False
    return True
