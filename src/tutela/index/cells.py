"""The inner loops of the search for parts, compiled by numba at first use. They hold no global lock.

A code is two 64-bit words. Whoever holds codes that `nearest` looks at puts `SPARE` rows behind the last one.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from tutela.compiling import compiled
from tutela.index.kernels import call, lowest, ones, place_of

SPARE = 8
"""Codes are read eight at a time."""

REACH = 40
"""Bits between a point and a part that may be the same."""

ALIKE = 16
"""Bits within which a point and a part are taken for the same thing, where it recurs in many pictures."""

UPRIGHT = 8
"""What recurs in many pictures is turned the same way in all: directions may differ by so many 256ths of a turn."""

COMMON = 3
"""A point that parts of more than so many owners are like says nothing: a mark, a letter, a frame."""

ROOM = 64
"""The nearest parts of a point that vote, at most."""

PROPOSING = 64
"""Hits of a picture that propose a similarity, about."""

_SIZES, _TURNS, _NEAR, _AWAY = 10, 16, 6.0, 0.15
"""Two hits agree where they tell scales within so many sixteenths of a doubling, and directions within so many 256ths
of a turn; and where one lies within so many pixels of where the other puts it, and a share of how far apart they
are."""

_LOOKED_INTO = 6
"""Groups whose cells are looked at for the nearest cells."""

_TILE = 16_384
"""Codes of a cell that all its points look at before the next ones come: 256 KiB stay in a near cache."""

_ROOM = 1 << 16

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]
Small = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Sides = NDArray[np.float32]
Places = NDArray[np.uint16]
"""Points of six bytes each (`tutela.model.parts`), as three words: x, y, and the size with 256 times the direction."""
Weights = NDArray[np.float32]


def _near_eight(typing: Any, codes: Any, row: Any, first: Any, second: Any, distance: Any) -> Any:
    """A bit for each of the eight codes from a row on that differs from two words in at most so many bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, number = ir.IntType(64), ir.IntType(32)
        vector, half, order = ir.VectorType(word, 16), ir.VectorType(word, 8), ir.VectorType(number, 8)
        query: Any = ir.Constant(vector, None)
        for lane in range(16):
            query = builder.insert_element(query, arguments[2 + lane % 2], number(lane))
        start = builder.bitcast(place_of(context, builder, signature.args[0], arguments, 16), vector.as_pointer())
        unlike = builder.xor(builder.load(start, align=8), query)
        bits = call(builder, "llvm.ctpop.v16i64", vector, [vector], [unlike])
        firsts, seconds = (
            builder.shuffle_vector(bits, bits, ir.Constant(order, [*range(word_, 16, 2)])) for word_ in (0, 1)
        )
        limit = builder.insert_element(ir.Constant(half, None), arguments[4], number(0))
        limit = builder.shuffle_vector(limit, limit, ir.Constant(order, None))
        near = builder.icmp_unsigned("<=", builder.add(firsts, seconds), limit)
        return builder.zext(builder.bitcast(near, ir.IntType(8)), word)

    return types.int64(codes, types.int64, types.uint64, types.uint64, types.int64), generate


_eight: Any = intrinsic(_near_eight)


@compiled(inline="always")
def apart(codes: Words, row: int, first: Any, second: Any) -> Any:
    """In how many bits a code differs from another one's two words."""
    return np.int64(ones(codes[row, 0] ^ first) + ones(codes[row, 1] ^ second))


@compiled()
def nearest_cells(groups: Words, cells: Words, codes: Words, most: int) -> Rows:
    """For each code the `most` nearest cells among those of the nearest groups, nearest first."""
    found, share = np.zeros((len(codes), most), np.int64), len(cells) // len(groups)
    some, away = np.zeros((1, _LOOKED_INTO), np.int64), np.zeros(_LOOKED_INTO, np.int64)
    far = np.zeros(most, np.int64)
    for i in range(len(codes)):
        away[:], far[:] = 300, 300
        _rank(groups, 0, len(groups), codes, i, away, some, 0)
        for k in range(_LOOKED_INTO):
            _rank(cells, some[0, k] * share, (some[0, k] + 1) * share, codes, i, far, found, i)
    return found


@compiled(inline="always")
def _rank(centres: Words, begin: int, end: int, codes: Words, i: int, far: Rows, found: Rows, row: int) -> None:
    """Puts those of the centres that are nearer than the last in `far` into their places in `far` and `found[row]`."""
    last = len(far) - 1
    for centre in range(begin, end):
        bits = apart(centres, centre, codes[i, 0], codes[i, 1])
        if bits < far[last]:
            place = last
            while place > 0 and far[place - 1] > bits:
                far[place], found[row, place] = far[place - 1], found[row, place - 1]
                place -= 1
            far[place], found[row, place] = bits, centre


@compiled()
def nearest(
    starts: Rows, codes: Words, places: Places, slots: Small, owners: Rows,
    queries: Words, seen: Places, probed: Rows, common: Flags,
) -> tuple[Weights, Small, Small, Bytes]:  # fmt: skip
    """For each point its nearest parts in the cells that it looks into: up to `ROOM`, with all that are as near as the
    last one if there is room for them.

    Returns how much each says (more for a closer one, less the more there are), the point, the row and the bits, point
    after point. Sets `common` for points that recur.
    """
    counts, limits = np.zeros((len(queries), REACH + 1), np.int64), np.full(len(queries), REACH)
    points, rows, bits = _near(starts, codes, places, slots, owners, queries, seen, probed, counts, limits, common)
    for point in range(len(queries)):
        counts[point] = np.cumsum(counts[point])
        limits[point] = -1 if common[point] else limits[point]
    _, order = _by_value(points, len(queries))
    order = order[bits[order] <= limits[points[order]]]
    points, rows, bits = points[order], rows[order], bits[order]
    weights = np.empty(len(order), np.float32)
    for k in range(len(order)):
        weights[k] = (REACH + 4 - np.int64(bits[k])) ** 2 / (16.0 + counts[points[k], bits[k]])
    return weights, points, rows, bits


@compiled()
def _near(
    starts: Rows, codes: Words, places: Places, slots: Small, owners: Rows,
    queries: Words, seen: Places, probed: Rows, counts: Rows, limits: Rows, common: Flags,
) -> tuple[Small, Small, Bytes]:  # fmt: skip
    """The points, rows and bits of what may be among the nearest, and how many there are of each number of bits, which
    is right up to `limits`: the bits up to which a point has room.

    Cell after cell, so that codes come from memory once, for however many points. A point's limit falls as its parts
    are found, and soon few are looked at twice.
    """
    begins, asking = _by_value(probed.reshape(-1), len(starts) - 1)
    asking //= probed.shape[1]
    owned, different = np.zeros(len(queries), np.int64), np.zeros((len(queries), COMMON + 1), np.int64)
    totals, size = np.zeros(len(queries), np.int64), 0
    points, rows, bits = np.empty(_ROOM, np.int32), np.empty(_ROOM, np.int32), np.empty(_ROOM, np.uint8)
    for cell in range(len(begins) - 1):
        for tile in range(starts[cell], starts[cell + 1] if begins[cell] < begins[cell + 1] else 0, _TILE):
            end = min(tile + _TILE, starts[cell + 1])
            for k in range(begins[cell], begins[cell + 1]):
                point = asking[k]
                if common[point]:
                    continue
                if size + ROOM * (REACH + 2) > len(rows):
                    points, rows, bits = _twice(points), _twice(rows), _twice(bits)
                (first, second), limit = queries[point], limits[point]
                for eight in range(tile, end, 8):
                    found = _eight(codes, eight, first, second, max(limit, ALIKE))
                    if end - eight < 8:
                        found &= (1 << (end - eight)) - 1
                    while found:
                        row = eight + lowest(found)
                        found &= found - 1
                        if slots[row] < 0:
                            continue
                        far = apart(codes, row, first, second)
                        if far <= limit:
                            points[size], rows[size], bits[size] = point, row, far
                            size += 1
                            counts[point, far] += 1
                            totals[point] += 1
                            while totals[point] > ROOM:
                                totals[point] -= counts[point, limit]
                                limit -= 1
                        if far <= ALIKE and _upright(places[row, 2], seen[point, 2]):
                            owned[point] = _owned(different[point], owned[point], owners[slots[row]])
                    if owned[point] > COMMON:
                        common[point] = True
                        break
                limits[point] = limit
    return points[:size], rows[:size], bits[:size]


@compiled(inline="always")
def _upright(place: int, seen: int) -> bool:
    """Whether two points are turned the same way."""
    return bool((np.int64(place >> 8) - np.int64(seen >> 8) + UPRIGHT) & 255 <= 2 * UPRIGHT)


@compiled(inline="always")
def _owned(different: Rows, count: int, owner: int) -> int:
    """How many different owners there are, with this one; no more are counted than there is room for."""
    if count < len(different) and owner not in different[:count]:
        different[count] = owner
        return count + 1
    return count


@compiled()
def _twice(values: Any) -> Any:
    """The same values, with as much room again."""
    wider = np.empty(2 * len(values), values.dtype)
    wider[: len(values)] = values
    return wider


@compiled()
def _by_value(values: Any, most: int) -> tuple[Rows, Rows]:
    """Where each value from 0 to `most` begins in the order of values, and that order, as places."""
    begins, order = np.zeros(most + 1, np.int64), np.empty(len(values), np.int64)
    for value in values:
        begins[value + 1] += 1
    begins = np.cumsum(begins)
    following = begins.copy()
    for place in range(len(values)):
        order[following[values[place]]] = place
        following[values[place]] += 1
    return begins, order


@compiled()
def agreed(
    places: Places, sides: Sides, seen: Places, frame: Sides, pictures: int,
    weights: Weights, points: Small, rows: Small, slots: Small,
) -> Weights:  # fmt: skip
    """What speaks for each picture: the most that its hits weigh which tell the same similarity.

    A hit tells one by itself, by where, how large and how turned its part and its point are; `sides` are the pictures'
    width and height in pixels, `frame` the media's. Of a picture with many hits some `PROPOSING` tell theirs.
    """
    begins, order = _by_value(slots, pictures)
    count = len(order)
    at, part, size, turn = np.empty((count, 2)), np.empty((count, 2)), np.empty(count), np.empty(count, np.int64)
    for place in range(count):
        k = order[place]
        mine, other = places[rows[k]], seen[points[k]]
        for side in range(2):
            part[place, side] = (mine[side] + 0.5) / 65536 * sides[slots[k], side]
            at[place, side] = (other[side] + 0.5) / 65536 * frame[side]
        size[place] = np.int64(other[2] & 255) - np.int64(mine[2] & 255)
        turn[place] = (np.int64(other[2] >> 8) - np.int64(mine[2] >> 8)) & 255
    best = np.zeros(pictures, np.float32)
    for slot in range(pictures):
        begin, end = begins[slot], begins[slot + 1]
        for i in range(begin, end, max(1, (end - begin) // PROPOSING)):
            scale, angle = 2.0 ** (size[i] / 16), turn[i] * math.pi / 128
            a, b = scale * math.cos(angle), scale * math.sin(angle)
            together = np.float32(0)
            for k in range(begin, end):
                if abs(size[k] - size[i]) > _SIZES or abs((turn[k] - turn[i] + 128 & 255) - 128) > _TURNS:
                    continue
                right, down = part[k, 0] - part[i, 0], part[k, 1] - part[i, 1]
                u, v = at[k, 0] - at[i, 0], at[k, 1] - at[i, 1]
                off = math.hypot(a * right - b * down - u, b * right + a * down - v)
                if off < _NEAR + _AWAY * math.hypot(u, v):
                    together += weights[order[k]]
            best[slot] = max(best[slot], together)
    return best
