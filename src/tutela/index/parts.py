"""Search for parts: which pictures have many parts like a picture's points.

An inverted file (Jégou, Douze, Schmid: Hamming embedding and weak geometric consistency, ECCV 2008): every code belongs
to the nearest of some thousand *cells*, and a point is compared with the codes of the cells nearest to it. What comes
back are candidates; whether they hold, geometry decides (`tutela.matching`).
"""

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from tutela.index.kernels import apart, compiled
from tutela.index.rotation import Rotation, vocabulary
from tutela.index.words import as_words

PROBED = 6
"""Cells that each point is compared in."""

REACH = 72
"""Bits between a point and a part that may be the same."""

RECURRING = 40
"""Bits within which a point is taken for something that recurs, where many pictures have it."""

_GROUPS = 8
_LOOKED_INTO = 6
"""Groups whose cells are looked at for the nearest cells."""

_YOUNG, _YOUNG_SHARE = 256, 8

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]
Small = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pictures and the group of points that speaks for each, best first in each group.

    `recurs` says of each point how many pictures have a part very much like it.
    """

    numbers: Rows
    groups: Rows
    recurs: Small


@dataclass(slots=True)
class _Segment:
    """Parts in the order of their cells. `owners` is −1 for what was removed; `rows` lists each picture's parts."""

    starts: Rows
    codes: Words
    owners: Small
    firsts: dict[int, tuple[int, int]]
    rows: Small
    slots: Rows

    @property
    def pictures(self) -> int:
        return len(self.firsts)


class PartsIndex:
    """Pictures by number, each with its parts' codes. Safe for threads.

    Codes are those of `rotation`. Added pictures are found by the next search.
    """

    def __init__(self, rotation: Rotation) -> None:
        _, groups, cells = vocabulary()
        self._cells = as_words(rotation.codes(groups)), as_words(rotation.codes(cells))
        self._changing = Lock()
        self._waiting: dict[int, Words] = {}
        self._old = self._young = _sorted({}, *self._cells)

    def __len__(self) -> int:
        return len(self._waiting) + self._old.pictures + self._young.pictures

    def __contains__(self, number: int) -> bool:
        return any(number in place for place in (self._waiting, self._old.firsts, self._young.firsts))

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        parts = (self._old, self._young)
        return sum(a.nbytes for s in parts for a in (s.starts, s.codes, s.owners, s.rows, s.slots))

    def add(self, number: int, codes: NDArray[np.uint8]) -> None:
        """Adds a picture's parts, (n, 32). Raises ValueError for a number that is there."""
        with self._changing:
            if number in self:
                raise ValueError(f"picture {number} is in the index already")
            self._waiting[number] = as_words(codes).copy()

    def remove(self, number: int) -> None:
        """Forgets a picture and overwrites its codes. Raises KeyError for a number that is not there."""
        with self._changing:
            waiting = self._waiting.pop(number, None)
            if waiting is not None:
                waiting[:] = 0
                return
            segment = self._old if number in self._old.firsts else self._young
            first, end = segment.firsts.pop(number)
            rows = segment.rows[first:end]
            segment.owners[rows] = -1
            segment.codes[rows] = 0

    def codes(self, number: int) -> Words:
        """A picture's codes, (n, 4) words, in the order in which they were added. Raises KeyError."""
        with self._changing:
            if number in self._waiting:
                return self._waiting[number].copy()
            segment = self._old if number in self._old.firsts else self._young
            first, end = segment.firsts[number]
            return np.asarray(segment.codes[segment.rows[first:end]])

    def search(self, queries: NDArray[np.uint8], groups: NDArray[np.int64], most: NDArray[np.int64]) -> Candidates:
        """Candidates for points, (m, 32), each of a group from 0 to 7: up to `most[group]` pictures for each group."""
        words = as_words(queries)
        recurs = np.zeros(len(words), np.int32)
        with self._changing:
            self._settle()
            segments = [segment for segment in (self._old, self._young) if segment.pictures]
        if not segments:
            return Candidates(np.empty(0, np.int64), np.empty(0, np.int64), recurs)
        probed = nearest_cells(*self._cells, words, PROBED)
        votes = [np.zeros((_GROUPS, len(segment.slots)), np.float32) for segment in segments]
        for segment, counted in zip(segments, votes, strict=True):
            _vote(segment.starts, segment.codes, segment.owners, words, groups, probed, counted, recurs)
        numbers = np.concatenate([segment.slots for segment in segments])
        counted = np.concatenate(votes, axis=1)
        found = [_best(counted[group], int(most[group])) for group in range(_GROUPS)]
        return Candidates(
            np.concatenate([numbers[rows] for rows in found]),
            np.repeat(np.arange(_GROUPS), list(map(len, found))),
            recurs,
        )

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


def _best(votes: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """The rows with most votes, best first; ties in the order of rows."""
    if most == 0:
        return np.empty(0, np.intp)
    rows = np.argpartition(-votes, most)[:most] if most < len(votes) else np.arange(len(votes))
    rows = rows[votes[rows] > 0]
    return rows[np.lexsort((rows, -votes[rows]))]


def _taken_apart(segment: _Segment) -> dict[int, Words]:
    return {number: segment.codes[segment.rows[a:b]] for number, (a, b) in segment.firsts.items()}


def _sorted(pictures: dict[int, Words], groups: Words, cells: Words) -> _Segment:
    slots = np.array(list(pictures), np.int64)
    sizes = np.array([len(codes) for codes in pictures.values()], np.int64)
    codes = np.concatenate([np.empty((0, 4), np.uint64), *pictures.values()])
    owners = np.repeat(np.arange(len(slots), dtype=np.int32), sizes)
    cell = nearest_cells(groups, cells, codes, 1)[:, 0]
    order = np.argsort(cell, kind="stable")
    rows = np.empty(len(order), np.int32)
    rows[order] = np.arange(len(order), dtype=np.int32)
    ends = np.cumsum(sizes)
    firsts = {int(n): (int(e - s), int(e)) for n, s, e in zip(slots, sizes, ends, strict=True)}
    starts = np.searchsorted(cell[order], np.arange(len(cells) + 1))
    return _Segment(starts, codes[order], owners[order], firsts, rows, slots)


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
        bits = apart(centres, centre, codes[i, 0], codes[i, 1], codes[i, 2], codes[i, 3])
        if bits < far[last]:
            place = last
            while place > 0 and far[place - 1] > bits:
                far[place], found[row, place] = far[place - 1], found[row, place - 1]
                place -= 1
            far[place], found[row, place] = bits, centre


@compiled()
def _vote(
    starts: Rows, codes: Words, owners: Small, queries: Words, groups: Rows, probed: Rows,
    votes: NDArray[np.float32], recurs: Small,
) -> None:  # fmt: skip
    """Each point votes for the pictures that have a part like it: more for a closer one, less the more pictures do."""
    hits, far, room = np.zeros(4096, np.int64), np.zeros(4096, np.int64), 4096
    for i in range(len(queries)):
        first, second, third, fourth = queries[i, 0], queries[i, 1], queries[i, 2], queries[i, 3]
        count, last = 0, -1
        for k in range(probed.shape[1]):
            for row in range(starts[probed[i, k]], starts[probed[i, k] + 1]):
                bits = apart(codes, row, first, second, third, fourth)
                if bits <= REACH and owners[row] >= 0 and count < room:
                    hits[count], far[count] = owners[row], bits
                    count += 1
                    if bits <= RECURRING and owners[row] != last:
                        recurs[i] += 1
                        last = owners[row]
        for k in range(count):
            near = REACH + 8 - far[k]
            votes[groups[i], hits[k]] += near * near / (16.0 + count)
