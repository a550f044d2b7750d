"""Search for parts: which pictures have many parts like a picture's points.

An inverted file (Jégou, Douze, Schmid: Hamming embedding and weak geometric consistency, ECCV 2008): every code belongs
to the nearest of some thousand *cells*, and a point is compared with the codes of the cells nearest to it. What comes
back are candidates; whether they hold, geometry decides (`tutela.matching`).
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled
from tutela.index.kernels import ones
from tutela.index.rotation import Rotation, vocabulary

PROBED = 4
"""Cells that each point is compared in."""

REACH = 34
"""Bits between a point and a part that may be the same."""

ALIKE = 12
"""Bits within which a point and a part are taken for the same thing, where it recurs in many pictures."""

UPRIGHT = 8
"""What recurs in many pictures is turned the same way in all: directions may differ by so many 256ths of a turn."""

COMMON = 3
"""A point that parts of more than so many owners are like says nothing: a mark, a letter, a frame."""

ROOM = 64
"""The nearest parts of a point that vote, at most."""

TURNS = 8
"""Directions, of pictures to a picture, that votes are counted apart for."""

_LOOKED_INTO = 6
"""Groups whose cells are looked at for the nearest cells."""

_YOUNG, _YOUNG_SHARE = 256, 8

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]
Small = NDArray[np.int32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture, and what speaks for it: rows of points, positions of its parts like them, and the bits between."""

    number: int
    points: Rows
    parts: Rows
    bits: Rows


@dataclass(frozen=True, slots=True)
class _Picture:
    codes: Words
    turns: Bytes
    owner: int


@dataclass(slots=True)
class _Segment:
    """Parts in the order of their cells. `slots` is −1 for what was removed; `rows` lists each picture's parts."""

    starts: Rows
    codes: Words
    turns: Bytes
    slots: Small
    rows: Small
    firsts: dict[int, tuple[int, int]]
    numbers: Rows
    owners: Rows

    @property
    def pictures(self) -> int:
        return len(self.firsts)


class PartsIndex:
    """Pictures by number, each with its parts' codes and directions. Safe for threads.

    Codes are those of `rotation`. Added pictures are found by the next search.
    """

    def __init__(self, rotation: Rotation) -> None:
        groups, cells = vocabulary()
        self._cells = two_words(rotation.codes(groups)), two_words(rotation.codes(cells))
        self._changing = Lock()
        self._waiting: dict[int, _Picture] = {}
        self._old = self._young = _sorted({}, *self._cells)

    def __len__(self) -> int:
        return len(self._waiting) + self._old.pictures + self._young.pictures

    def __contains__(self, number: int) -> bool:
        return any(number in place for place in (self._waiting, self._old.firsts, self._young.firsts))

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        parts = (self._old, self._young)
        return sum(a.nbytes for s in parts for a in (s.starts, s.codes, s.turns, s.slots, s.rows, s.numbers, s.owners))

    def add(self, number: int, codes: Bytes, turns: Bytes, owner: int) -> None:
        """Adds a picture's parts: codes (n, 16) and directions in 256ths of a turn.

        What pictures of one `owner` share does not count as recurring. Raises ValueError for a number that is there.
        """
        with self._changing:
            if number in self:
                raise ValueError(f"picture {number} is in the index already")
            self._waiting[number] = _Picture(two_words(codes).copy(), turns.copy(), owner)

    def remove(self, number: int) -> None:
        """Forgets a picture and overwrites its codes and its owner. Raises KeyError for a number that is not there."""
        with self._changing:
            waiting = self._waiting.pop(number, None)
            if waiting is not None:
                waiting.codes[:] = 0
                return
            segment = self._old if number in self._old.firsts else self._young
            first, end = segment.firsts.pop(number)
            rows = segment.rows[first:end]
            segment.owners[segment.slots[rows]] = 0
            segment.slots[rows] = -1
            segment.codes[rows] = 0
            segment.turns[rows] = 0

    def codes(self, number: int) -> Words:
        """A picture's codes, (n, 2) words, in the order in which they were added. Raises KeyError."""
        with self._changing:
            if number in self._waiting:
                return self._waiting[number].codes.copy()
            segment = self._old if number in self._old.firsts else self._young
            first, end = segment.firsts[number]
            return np.asarray(segment.codes[segment.rows[first:end]])

    def search(self, queries: Bytes, turns: Bytes, most: int) -> tuple[list[Candidate], NDArray[np.bool_]]:
        """Up to `most` pictures, best first, for points with codes (m, 16) and directions; and which points are common.

        A common point (`COMMON`) speaks for no picture.
        """
        words, common = two_words(queries), np.zeros(len(queries), np.bool_)
        with self._changing:
            self._settle()
            segments = [segment for segment in (self._old, self._young) if segment.pictures]
            probed = nearest_cells(*self._cells, words, PROBED)
            hits = [
                _hits(s.starts, s.codes, s.turns, s.slots, s.owners, words, turns, probed, common) for s in segments
            ]
            for weights, points, _, _ in hits:
                weights[common[points]] = 0
            votes = [
                _votes(s.turns, s.slots, len(s.numbers), turns, *found) for s, found in zip(segments, hits, strict=True)
            ]
            best = sorted(
                (-float(counted[slot]), int(segment.numbers[slot]), place, int(slot))
                for place, (segment, counted) in enumerate(zip(segments, votes, strict=True))
                for slot in _best(counted, most)
            )[:most]
            return [_candidate(segments[place], *hits[place], slot) for _, _, place, slot in best], common

    def _settle(self) -> None:
        """Puts what waits into the young segment, and that into the old one when it has grown."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        if self._young.pictures + len(waiting) > max(_YOUNG, self._old.pictures // _YOUNG_SHARE):
            everything = {**_taken_apart(self._old), **_taken_apart(self._young), **waiting}
            self._old, self._young = _sorted(everything, *self._cells), _sorted({}, *self._cells)
        else:
            self._young = _sorted({**_taken_apart(self._young), **waiting}, *self._cells)


def two_words(codes: Bytes) -> Words:
    """Codes (n, 16) as (n, 2) words."""
    return np.ascontiguousarray(codes).view(np.uint64).reshape(-1, 2)


def _best(votes: NDArray[np.float32], most: int) -> Rows:
    """The slots with most votes."""
    slots = np.argpartition(-votes, most)[:most] if most < len(votes) else np.arange(len(votes))
    return np.asarray(slots[votes[slots] > 0])


def _candidate(
    segment: _Segment, weights: NDArray[np.float32], points: Small, rows: Small, bits: Bytes, slot: int
) -> Candidate:
    mine = np.flatnonzero((segment.slots[rows] == slot) & (weights > 0))
    number = int(segment.numbers[slot])
    first, end = segment.firsts[number]
    parts = segment.rows[first:end]
    order = np.argsort(parts)
    positions = order[np.searchsorted(parts, rows[mine], sorter=order)]
    return Candidate(number, points[mine].astype(np.int64), positions.astype(np.int64), bits[mine].astype(np.int64))


def _taken_apart(segment: _Segment) -> dict[int, _Picture]:
    owners = dict(zip(segment.numbers.tolist(), segment.owners.tolist(), strict=True))
    found = {}
    for number, (first, end) in segment.firsts.items():
        rows = segment.rows[first:end]
        found[number] = _Picture(segment.codes[rows], segment.turns[rows], owners[number])
    return found


def _sorted(pictures: dict[int, _Picture], groups: Words, cells: Words) -> _Segment:
    numbers = np.array(list(pictures), np.int64)
    sizes = np.array([len(picture.codes) for picture in pictures.values()], np.int64)
    codes = np.concatenate([np.empty((0, 2), np.uint64), *(picture.codes for picture in pictures.values())])
    turns = np.concatenate([np.empty(0, np.uint8), *(picture.turns for picture in pictures.values())])
    slots = np.repeat(np.arange(len(numbers), dtype=np.int32), sizes)
    cell = nearest_cells(groups, cells, codes, 1)[:, 0]
    order = np.argsort(cell, kind="stable")
    rows = np.empty(len(order), np.int32)
    rows[order] = np.arange(len(order), dtype=np.int32)
    ends = np.cumsum(sizes)
    firsts = {int(n): (int(e - s), int(e)) for n, s, e in zip(numbers, sizes, ends, strict=True)}
    starts = np.searchsorted(cell[order], np.arange(len(cells) + 1))
    owners = np.array([picture.owner for picture in pictures.values()], np.int64)
    return _Segment(starts, codes[order], turns[order], slots[order], rows, firsts, numbers, owners)


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
def _hits(
    starts: Rows,
    codes: Words,
    turns: Bytes,
    slots: Small,
    owners: Rows,
    queries: Words,
    seen: Bytes,
    probed: Rows,
    common: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], Small, Small, Bytes]:
    """For each point its nearest parts, up to `ROOM` with all that are as near as the last one, if there is room.

    Returns how much each says (more for a closer one, less the more there are), the point, the row and the bits.
    Sets `common` for points that recur.
    """
    widest = 0
    for i in range(len(queries)):
        widest = max(widest, (starts[probed[i] + 1] - starts[probed[i]]).sum())
    far, near = np.empty(widest, np.uint8), np.empty(widest, np.int64)
    weights, points = np.empty(len(queries) * ROOM, np.float32), np.empty(len(queries) * ROOM, np.int32)
    rows, bits_ = np.empty(len(queries) * ROOM, np.int32), np.empty(len(queries) * ROOM, np.uint8)
    counts, different, size = np.zeros(REACH + 1, np.int64), np.zeros(COMMON + 1, np.int64), 0
    for i in range(len(queries)):
        first, second = queries[i]
        counts[:], some, owning = 0, 0, 0
        for cell in probed[i]:
            for row in range(starts[cell], starts[cell + 1]):
                bits = apart(codes, row, first, second)
                if bits <= REACH and slots[row] >= 0:
                    far[some], near[some] = bits, row
                    some += 1
                    counts[bits] += 1
                    upright = (turns[row] - seen[i] + UPRIGHT) & 255 <= 2 * UPRIGHT
                    if bits <= ALIKE and upright and owning <= COMMON and owners[slots[row]] not in different[:owning]:
                        different[owning] = owners[slots[row]]
                        owning += 1
        if owning > COMMON:
            common[i] = True
            continue
        limit, total = -1, 0
        for bits in range(REACH + 1):
            if total + counts[bits] > ROOM:
                break
            total += counts[bits]
            counts[bits] = total
            limit = bits
        for k in range(some):
            if far[k] <= limit:
                bits = np.int64(far[k])
                weights[size] = (REACH + 4 - bits) ** 2 / (16.0 + counts[bits])
                points[size], rows[size], bits_[size] = i, near[k], bits
                size += 1
    return weights[:size], points[:size], rows[:size], bits_[:size]


@compiled()
def _votes(
    turns: Bytes, slots: Small, pictures: int, seen: Bytes,
    weights: NDArray[np.float32], points: Small, rows: Small, bits: Bytes,
) -> NDArray[np.float32]:  # fmt: skip
    """What speaks for each picture, turned in one direction: neighbouring directions count together."""
    counted = np.zeros((pictures, TURNS), np.float32)
    for k in range(len(weights)):
        if weights[k] > 0:
            sector = ((np.int64(seen[points[k]]) - np.int64(turns[rows[k]])) & 255) * TURNS // 256
            counted[slots[rows[k]], sector] += weights[k]
    best = np.zeros(pictures, np.float32)
    for slot in range(pictures):
        for turn in range(TURNS):
            best[slot] = max(best[slot], counted[slot, turn - 1] + counted[slot, turn])
    return best
