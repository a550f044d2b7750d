"""The inner loops, compiled by numba at first use and cached on disk. They hold no global lock.

A code is four 64-bit words. Loops that jump about in memory ask for it ahead of time: a query at ten million codes
waits for memory and for little else.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.uint32]
Posts = NDArray[np.uint32]
Rows = NDArray[np.int64]
Layout = Any

LAYOUT = 5
"""Columns of a layout: a row for each chunk, and one more whose span is the end of all spans."""
_FIRST, _WIDTH, _RADIUS, _BASE, _SPAN = range(LAYOUT)

_AHEAD = 24
_BLOCK = 8192
"""Candidates that are gathered before they are looked at, all of a query's as a rule."""

_SCANNED = 4096
"""Codes that all queries look at before the next ones come: they stay in a near cache."""

SCAN_SHARE = 12
"""A candidate costs as much as so many codes in a scan: beyond that a query scans."""


_array: Any = make_array


def _count(typing: Any, word: Any) -> Any:
    """How many bits of a word are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _prefetch(typing: Any, array: Any, row: Any) -> Any:
    """Asks for a row's memory without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = _array(signature.args[0])(context, builder, arguments[0])
        bytes_, integer = ir.IntType(8).as_pointer(), ir.IntType(32)
        step = signature.args[0].dtype.bitwidth // 8 * (4 if signature.args[0].ndim == 2 else 1)
        offset = builder.mul(arguments[1], ir.Constant(ir.IntType(64), step))
        place = builder.gep(builder.bitcast(values.data, bytes_), [offset])
        kind = ir.FunctionType(ir.VoidType(), [bytes_, integer, integer, integer])
        name = "llvm.prefetch.p0"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        builder.call(function, [place, *(ir.Constant(integer, value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


_ones: Any = intrinsic(_count)
_fetch: Any = intrinsic(_prefetch)


@njit(nogil=True, cache=True, inline="always")
def _chunk(codes: Words, row: int, first: int, width: int) -> Any:
    """Bits `first` to `first + width` of a code, the lowest of its first word being bit 0."""
    word, shift = first >> 6, np.uint64(first & 63)
    value = codes[row, word] >> shift
    if (first & 63) + width > 64:
        value |= codes[row, word + 1] << (np.uint64(64) - shift)
    return value & ((np.uint64(1) << np.uint64(width)) - np.uint64(1))


@njit(nogil=True, cache=True, inline="always")
def _apart(codes: Words, row: int, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """In how many bits a code differs from a query's four words."""
    return np.int64(
        _ones(codes[row, 0] ^ first)
        + _ones(codes[row, 1] ^ second)
        + _ones(codes[row, 2] ^ third)
        + _ones(codes[row, 3] ^ fourth)
    )


@njit(nogil=True, cache=True, inline="always")
def _report(query: int, row: int, bits: Any, asked: Rows, rows: Rows, far: Rows, found: int) -> int:
    """Appends a hit where there is room for it, and counts it in any case."""
    if found < rows.size:
        asked[found], rows[found], far[found] = query, row, bits
    return found + 1


@njit(nogil=True, cache=True)
def scan(
    codes: Words, live: Flags, size: int, queries: Words, distance: int, asked: Rows, rows: Rows, far: Rows
) -> int:
    """Looks at the first `size` codes for each query; how many are within reach, of which as many are written as fit.

    `asked`, `rows` and `far` take the query's number, the code's row and the distance.
    """
    found = 0
    for begin in range(0, size, _SCANNED):
        for query in range(queries.shape[0]):
            found = _scan(
                codes, live, begin, min(begin + _SCANNED, size), queries, query, distance, asked, rows, far, found
            )
    return found


@njit(nogil=True, cache=True)
def _scan(
    codes: Words, live: Flags, begin: int, end: int, queries: Words, query: int, distance: int,
    asked: Rows, rows: Rows, far: Rows, found: int,
) -> int:  # fmt: skip
    first, second, third, fourth = queries[query]
    for row in range(begin, end):
        bits = _apart(codes, row, first, second, third, fourth)
        if bits <= distance and live[row]:
            found = _report(query, row, bits, asked, rows, far, found)
    return found


@njit(nogil=True, cache=True)
def build(codes: Words, layout: Layout, starts: Counts, posts: Posts) -> None:
    """Fills the tables: `posts[c]` holds the rows sorted by the value of chunk c, `starts` where each value begins.

    `starts` is zero beforehand; chunk c's part of it begins at its base and has 2 ** width + 1 entries.
    """
    values = np.empty(codes.shape[0], np.int64)
    for chunk in range(posts.shape[0]):
        base, size = layout[chunk, _BASE], 1 << layout[chunk, _WIDTH]
        _place(codes, layout[chunk, _FIRST], layout[chunk, _WIDTH], base, values)
        for row in range(values.size):
            starts[values[row] + 1] += np.uint32(1)
        for value in range(base, base + size):
            starts[value + 1] += starts[value]
        post = posts[chunk]
        for row in range(values.size):
            place = starts[values[row]]
            post[place] = np.uint32(row)
            starts[values[row]] = place + np.uint32(1)
        for value in range(base + size, base, -1):  # each start has moved to its end, which is the next one's start
            starts[value] = starts[value - 1]
        starts[base] = np.uint32(0)


@njit(nogil=True, cache=True)
def _place(codes: Words, first: int, width: int, base: int, values: Rows) -> None:
    """Where in `starts` each code's value of one chunk stands."""
    for row in range(codes.shape[0]):
        values[row] = base + np.int64(_chunk(codes, row, first, width))


@njit(nogil=True, cache=True)
def _look_up(queries: Words, query: int, layout: Layout, flips: Words, starts: Counts, ends: Rows) -> int:
    """Fills `ends` with first and last of each bucket that the query must look into; how many codes these hold."""
    for chunk in range(layout.shape[0] - 1):
        value = _chunk(queries, query, layout[chunk, _FIRST], layout[chunk, _WIDTH])
        for place in range(layout[chunk, _SPAN], layout[chunk + 1, _SPAN]):
            ends[2 * place] = layout[chunk, _BASE] + np.int64(value ^ flips[place])
            _fetch(starts, ends[2 * place])
    candidates = 0
    for place in range(flips.size):
        bucket = ends[2 * place]
        ends[2 * place], ends[2 * place + 1] = starts[bucket], starts[bucket + 1]
        candidates += ends[2 * place + 1] - ends[2 * place]
    return candidates


@njit(nogil=True, cache=True)
def _is_first(codes: Words, row: int, queries: Words, query: int, chunk: int, layout: Layout) -> bool:
    """Whether no earlier chunk brings the two together: each pair is reported by one chunk only."""
    for earlier in range(chunk):
        first, width = layout[earlier, _FIRST], layout[earlier, _WIDTH]
        apart = _chunk(codes, row, first, width) ^ _chunk(queries, query, first, width)
        if np.int64(_ones(apart)) <= layout[earlier, _RADIUS]:
            return False
    return True


@njit(nogil=True, cache=True)
def probe(
    codes: Words, live: Flags, layout: Layout, flips: Words, starts: Counts, posts: Posts,
    queries: Words, distance: int, asked: Rows, rows: Rows, far: Rows,
) -> int:  # fmt: skip
    """As `scan` over all codes, by way of the tables; a query for which these promise more work than that scans."""
    ends = np.empty(2 * flips.size, np.int64)
    block, origin = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64)
    found = 0
    for query in range(queries.shape[0]):
        if _look_up(queries, query, layout, flips, starts, ends) * SCAN_SHARE > codes.shape[0]:
            found = _scan(codes, live, 0, codes.shape[0], queries, query, distance, asked, rows, far, found)
            continue
        held = 0
        for chunk in range(posts.shape[0]):
            post, begin, end = posts[chunk], layout[chunk, _SPAN], layout[chunk + 1, _SPAN]
            for place in range(begin, min(begin + _AHEAD, end)):
                _fetch(post, ends[2 * place])
            for place in range(begin, end):
                if place + _AHEAD < end:
                    _fetch(post, ends[2 * (place + _AHEAD)])
                for entry in range(ends[2 * place], ends[2 * place + 1]):
                    block[held], origin[held] = post[entry], chunk
                    held += 1
                    if held == _BLOCK:
                        found = _keep(
                            codes, live, layout, block, origin, held, queries, query, distance, asked, rows, far, found
                        )
                        held = 0
        found = _keep(codes, live, layout, block, origin, held, queries, query, distance, asked, rows, far, found)
    return found


@njit(nogil=True, cache=True)
def _keep(
    codes: Words, live: Flags, layout: Layout, block: Rows, origin: Rows, held: int,
    queries: Words, query: int, distance: int, asked: Rows, rows: Rows, far: Rows, found: int,
) -> int:  # fmt: skip
    """Reports those of the first `held` rows of the block that are within reach."""
    first, second, third, fourth = queries[query]
    for place in range(held):
        if place + _AHEAD < held:
            _fetch(codes, block[place + _AHEAD])
        row = int(block[place])
        bits = _apart(codes, row, first, second, third, fourth)
        if bits <= distance and live[row] and _is_first(codes, row, queries, query, origin[place], layout):
            found = _report(query, row, bits, asked, rows, far, found)
    return found


@njit(nogil=True, cache=True)
def checksum(words: Words, rest: Any, size: int) -> Any:
    """64 bits over `size` bytes: whole words in eight lanes, then the rest. Every changed bit changes it."""
    prime, other = np.uint64(0x9E3779B185EBCA87), np.uint64(0xC2B2AE3D27D4EB4F)
    lanes = np.arange(8).astype(np.uint64) * other
    whole = words.size // 8 * 8
    for begin in range(0, whole, 8):
        for lane in range(8):
            lanes[lane] = (lanes[lane] ^ words[begin + lane]) * prime
            lanes[lane] ^= lanes[lane] >> np.uint64(29)
    total = np.uint64(size)
    for lane in range(8):
        total = (total ^ lanes[lane]) * other
        total ^= total >> np.uint64(31)
    for place in range(whole, words.size):
        total = (total ^ words[place]) * prime
        total ^= total >> np.uint64(29)
    total = (total ^ rest) * other
    return total ^ (total >> np.uint64(32))
