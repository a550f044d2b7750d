"""What the inner loops are made of, compiled by numba at first use. They hold no global lock.

A code is four 64-bit words. Loops that jump about in memory ask for it ahead of time: a query at ten million codes
waits for memory and for little else.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

from tutela.compiling import compiled

Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

_SCANNED = 2048
"""Codes that all queries look at before the next ones come: they stay in a near cache."""

_SCAN_AHEAD = 128
"""Rows ahead of those looked at that a scan asks for: 4 KiB."""

LANES = 32
"""Values that `alike` compares at a time; behind the last of an array of them, as many must be readable."""

_array: Any = make_array


def _count(typing: Any, word: Any) -> Any:
    """How many bits of a word are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), generate


def _trailing(typing: Any, word: Any) -> Any:
    """The place of a word's lowest set bit; the word is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return word(word), generate


def _prefetch(typing: Any, array: Any, row: Any) -> Any:
    """Asks for a row's memory without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer, kind = ir.IntType(32), signature.args[0]
        place = place_of(context, builder, kind, arguments, kind.dtype.bitwidth // 8 * (4 if kind.ndim == 2 else 1))
        constants = (ir.Constant(integer, value) for value in (0, 3, 1))
        types_ = [ir.IntType(8).as_pointer(), integer, integer, integer]
        call(builder, "llvm.prefetch.p0", ir.VoidType(), types_, [place, *constants])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


def _compare(typing: Any, array: Any, place: Any, count: Any, hint: Any, bound: Any) -> Any:
    """A bit for each of the next 32 values of 16 bits, or fewer, that differs in at most so many bits from a hint.

    Written as one operation on a vector, which every processor's compiler knows how to cut up.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lane, lanes, word = ir.IntType(16), ir.IntType(32), ir.IntType(64)
        vector = ir.VectorType(lane, LANES)

        def spread(value: Any) -> Any:
            one = builder.insert_element(ir.Constant(vector, None), builder.trunc(value, lane), lanes(0))
            return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(lanes, LANES), None))

        start = place_of(context, builder, signature.args[0], arguments, 2)
        values = builder.load(builder.bitcast(start, vector.as_pointer()), align=2)
        unlike = builder.xor(values, spread(arguments[3]))
        bits = call(builder, f"llvm.ctpop.v{LANES}i16", vector, [vector], [unlike])
        like = builder.zext(builder.bitcast(builder.icmp_unsigned("<=", bits, spread(arguments[4])), lanes), word)
        whole = builder.icmp_signed(">=", arguments[2], word(LANES))
        inside = builder.sub(builder.shl(word(1), arguments[2]), word(1))
        return builder.and_(like, builder.select(whole, word((1 << LANES) - 1), inside))

    return types.int64(array, *[types.int64] * 4), generate


def _eight(typing: Any, codes: Any, row: Any, a: Any, b: Any, c: Any, d: Any, distance: Any) -> Any:
    """Not 0 where one of the eight codes from a row on differs from a query's four words in at most so many bits.

    Counts of two codes' words lie in the lanes of a vector; those of four pairs are put beside each other in 16 bits
    each, so that two exchanges of lanes add up all eight.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, half = ir.IntType(64), ir.IntType(16)
        vector, halves = ir.VectorType(word, 8), ir.VectorType(half, 32)
        order = ir.VectorType(ir.IntType(32), 8)
        query: Any = ir.Constant(vector, None)
        for lane in range(8):
            query = builder.insert_element(query, arguments[2 + lane % 4], ir.IntType(32)(lane))
        start = builder.bitcast(place_of(context, builder, signature.args[0], arguments, 32), vector.as_pointer())
        total: Any = None
        for pair in range(4):
            place = builder.gep(start, [ir.IntType(64)(pair)])
            unlike = builder.xor(builder.load(place, align=8), query)
            bits = call(builder, "llvm.ctpop.v8i64", vector, [vector], [unlike])
            moved = builder.shl(bits, ir.Constant(vector, [word(16 * pair)] * 8))
            total = moved if total is None else builder.add(total, moved)
        for exchange in ([1, 0, 3, 2, 5, 4, 7, 6], [2, 3, 0, 1, 6, 7, 4, 5]):
            others = builder.shuffle_vector(total, total, ir.Constant(order, exchange))
            total = builder.add(total, others)
        limit = builder.insert_element(ir.Constant(halves, None), builder.trunc(arguments[6], half), ir.IntType(32)(0))
        limit = builder.shuffle_vector(limit, limit, ir.Constant(ir.VectorType(ir.IntType(32), 32), None))
        near = builder.icmp_unsigned("<=", builder.bitcast(total, halves), limit)
        return builder.zext(builder.bitcast(near, ir.IntType(32)), word)

    return types.int64(codes, types.int64, *[types.uint64] * 4, types.int64), generate


def place_of(context: Any, builder: Any, kind: Any, arguments: Any, step: int) -> Any:
    """Where in memory the element of an array stands whose number is the second argument."""
    values = _array(kind)(context, builder, arguments[0])
    offset = builder.mul(arguments[1], ir.Constant(ir.IntType(64), step))
    return builder.gep(builder.bitcast(values.data, ir.IntType(8).as_pointer()), [offset])


def call(builder: Any, name: str, result: Any, kinds: Any, given: Any) -> Any:
    """What a function of LLVM gives back, by its name, the types of its result and of what it is given, and that."""
    function = builder.module.globals.get(name) or ir.Function(builder.module, ir.FunctionType(result, kinds), name)
    return builder.call(function, given)


ones: Any = intrinsic(_count)
lowest: Any = intrinsic(_trailing)
fetch: Any = intrinsic(_prefetch)
alike: Any = intrinsic(_compare)
any_of_eight: Any = intrinsic(_eight)


@compiled(inline="always")
def apart(codes: Words, row: int, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """In how many bits a code differs from a query's four words."""
    return np.int64(
        ones(codes[row, 0] ^ first)
        + ones(codes[row, 1] ^ second)
        + ones(codes[row, 2] ^ third)
        + ones(codes[row, 3] ^ fourth)
    )


@compiled(inline="always")
def report(query: int, row: int, bits: Any, asked: Rows, rows: Rows, far: Rows, found: int) -> int:
    """Appends a hit where there is room for it, and counts it in any case."""
    if found < rows.size:
        asked[found], rows[found], far[found] = query, row, bits
    return found + 1


@compiled()
def scan(
    codes: Words, live: Flags, size: int, queries: Words, distance: int, asked: Rows, rows: Rows, far: Rows
) -> int:
    """Looks at the first `size` codes for each query; how many are within reach, of which as many are written as fit.

    `asked`, `rows` and `far` take the query's number, the code's row and the distance.
    """
    found = 0
    for begin in range(0, size, _SCANNED):
        for query in range(queries.shape[0]):
            end = min(begin + _SCANNED, size)
            found = scan_for(codes, live, begin, end, queries, query, distance, asked, rows, far, found)
    return found


@compiled()
def scan_for(
    codes: Words, live: Flags, begin: int, end: int, queries: Words, query: int, distance: int,
    asked: Rows, rows: Rows, far: Rows, found: int,
) -> int:  # fmt: skip
    """Looks at the codes of some rows for one query."""
    first, second, third, fourth = queries[query]
    for block in range(begin, end, _SCANNED):
        last = min(block + _SCANNED, end)
        if _near(codes, block, last, first, second, third, fourth, distance):
            for row in range(block, last):
                bits = apart(codes, row, first, second, third, fourth)
                if bits <= distance and live[row]:
                    found = report(query, row, bits, asked, rows, far, found)
    return found


@compiled()
def _near(codes: Words, begin: int, end: int, first: Any, second: Any, third: Any, fourth: Any, distance: int) -> bool:
    """Whether one of some rows' codes is within reach, dead or alive."""
    near, whole = 0, begin + (end - begin) // 8 * 8
    for row in range(begin, whole, 8):
        for line in range(row + _SCAN_AHEAD, row + _SCAN_AHEAD + 8, 2):
            fetch(codes, line)  # also behind the last: that asks for nothing, and harms nothing
        near |= any_of_eight(codes, row, first, second, third, fourth, distance)
    for row in range(whole, end):
        near |= int(apart(codes, row, first, second, third, fourth) <= distance)
    return near != 0


@compiled()
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
