"""Search for parts: which pictures have many parts like a picture's points.

An inverted file (Jégou, Douze, Schmid: Hamming embedding and weak geometric consistency, ECCV 2008): every code belongs
to the nearest of some thousand *cells*, and a point is compared with the codes of the cells nearest to it. What comes
back are candidates; whether they hold, geometry decides (`tutela.matching`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutela.index.cells import (
    SPARE,
    Bytes,
    Flags,
    Places,
    Rows,
    Sides,
    Small,
    Weights,
    Words,
    agreed,
    nearest,
    nearest_cells,
)
from tutela.index.rotation import Rotation, vocabulary

PROBED = 4
"""Cells that each point is compared in."""

_YOUNG, _YOUNG_SHARE = 256, 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture, and what speaks for it: rows of points, positions of its parts like them, and the bits between."""

    number: int
    points: Rows
    parts: Rows
    bits: Rows


class View(NamedTuple):
    """Points of a picture, laid in one way: codes (m, 16), the points as `tutela.model.Parts` has them, and the width
    and height (2,) in pixels, of which all pictures are taken to have equally many."""

    codes: Bytes
    points: bytes
    sides: Floats


class _Hits(NamedTuple):
    """How much each hit says, its point, its row in the segment and the bits between, in the order of points; and the
    slot of its picture."""

    weights: Weights
    points: Small
    rows: Small
    bits: Bytes
    slots: Small

    def of_points(self, begin: int, end: int) -> "_Hits":
        """Those of some points, which are counted from `begin` on."""
        span = slice(*np.searchsorted(self.points, [begin, end]))
        points = self.points[span] - np.int32(begin)
        return _Hits(self.weights[span], points, self.rows[span], self.bits[span], self.slots[span])


@dataclass(frozen=True, slots=True)
class _Picture:
    codes: Words
    places: Places
    sides: Sides
    owner: int


@dataclass(slots=True)
class _Segment:
    """Parts in the order of their cells, and `SPARE` rows of codes. `slots` is −1 for what was removed; `rows` lists
    each picture's parts."""

    starts: Rows
    codes: Words
    places: Places
    slots: Small
    rows: Small
    firsts: dict[int, tuple[int, int]]
    numbers: Rows
    owners: Rows
    sides: Sides

    @property
    def pictures(self) -> int:
        return len(self.firsts)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        return self.starts, self.codes, self.places, self.slots, self.rows, self.numbers, self.owners, self.sides

    def rows_of(self, number: int) -> Small:
        """Where a picture's parts are, in their order. Raises KeyError."""
        first, end = self.firsts[number]
        return self.rows[first:end]

    def hits(self, queries: Words, seen: Places, probed: Rows, common: Flags) -> _Hits:
        """The nearest parts of each point. Sets `common` for points that recur."""
        place = (self.starts, self.codes, self.places, self.slots, self.owners)
        weights, points, rows, bits = nearest(*place, queries, seen, probed, common)
        return _Hits(weights, points, rows, bits, self.slots[rows])


class PartsIndex:
    """Pictures by number, each with its parts' codes and points. Safe for threads.

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
        segments = (self._old, self._young)
        return sum(array.nbytes for segment in segments for array in segment.arrays)

    def add(self, number: int, parts: View, owner: int) -> None:
        """Adds a picture's parts.

        What pictures of one `owner` share does not count as recurring. Raises ValueError for a number that is there.
        """
        with self._changing:
            if number in self:
                raise ValueError(f"picture {number} is in the index already")
            sides = np.asarray(parts.sides, np.float32)
            self._waiting[number] = _Picture(two_words(parts.codes).copy(), _places(parts.points).copy(), sides, owner)

    def remove(self, number: int) -> None:
        """Forgets a picture and overwrites its parts and its owner. Raises KeyError for a number that is not there."""
        with self._changing:
            waiting = self._waiting.pop(number, None)
            if waiting is not None:
                waiting.codes[:], waiting.places[:] = 0, 0
                return
            segment = self._holding(number)
            rows = segment.rows_of(number)
            del segment.firsts[number]
            slots = segment.slots[rows]
            segment.owners[slots], segment.sides[slots] = 0, 0
            segment.slots[rows] = -1
            segment.codes[rows], segment.places[rows] = 0, 0

    def parts(self, number: int) -> tuple[Words, bytes]:
        """A picture's codes, (n, 2) words, and its points, in the order in which they were added. Raises KeyError."""
        with self._changing:
            waiting = self._waiting.get(number)
            if waiting is not None:
                return waiting.codes.copy(), waiting.places.tobytes()
            segment = self._holding(number)
            rows = segment.rows_of(number)
            return np.asarray(segment.codes[rows]), segment.places[rows].tobytes()

    def search(self, views: Sequence[View], most: int) -> list[tuple[list[Candidate], Flags]]:
        """For each view up to `most` pictures, best first, and which of its points are common.

        A common point (`COMMON`) speaks for no picture. Views that are asked for together cost less than one by one.
        """
        with self._changing:
            segments, hits, common = self._near(views)
            answers, begin = [], 0
            for view, recurring in zip(views, common, strict=True):
                end = begin + len(recurring)
                mine = [found.of_points(begin, end) for found in hits]
                for found in mine:
                    found.weights[recurring[found.points]] = 0
                answers.append((_chosen(segments, mine, view, most), recurring))
                begin = end
            return answers

    def recurring(self, views: Sequence[View]) -> list[Flags]:
        """Which points of each view are common, as `search` says it, without looking for any picture."""
        with self._changing:
            return self._near(views)[2]

    def _near(self, views: Sequence[View]) -> tuple[list[_Segment], list[_Hits], list[Flags]]:
        """All that answers, the nearest parts of the points of all views, and which of each view's are common."""
        self._settle()
        segments = [segment for segment in (self._old, self._young) if segment.pictures]
        queries = np.concatenate([two_words(view.codes) for view in views])
        seen, common = np.concatenate([_places(view.points) for view in views]), np.zeros(len(queries), np.bool_)
        probed = nearest_cells(*self._cells, queries, PROBED)
        hits = [segment.hits(queries, seen, probed, common) for segment in segments]
        return segments, hits, np.split(common, np.cumsum([len(view.codes) for view in views])[:-1])

    def _holding(self, number: int) -> _Segment:
        return self._old if number in self._old.firsts else self._young

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


def _places(points: bytes) -> Places:
    return np.frombuffer(points, "<u2").reshape(-1, 3)


def _best(agreeing: Weights, most: int) -> Rows:
    """The slots that most speaks for."""
    slots = np.argpartition(-agreeing, most)[:most] if most < len(agreeing) else np.arange(len(agreeing))
    return np.asarray(slots[agreeing[slots] > 0])


def _chosen(segments: list[_Segment], hits: list[_Hits], view: View, most: int) -> list[Candidate]:
    """The pictures that most speaks for, best first."""
    seen, frame = _places(view.points), np.asarray(view.sides, np.float32)
    counted = [
        agreed(
            segment.places, segment.sides, seen, frame, len(segment.numbers),
            found.weights, found.points, found.rows, found.slots,
        )
        for segment, found in zip(segments, hits, strict=True)
    ]  # fmt: skip
    best = sorted(
        (-float(each[slot]), int(segment.numbers[slot]), place, int(slot))
        for place, (segment, each) in enumerate(zip(segments, counted, strict=True))
        for slot in _best(each, most)
    )[:most]
    return [_candidate(segments[place], hits[place], slot) for _, _, place, slot in best]


def _candidate(segment: _Segment, hits: _Hits, slot: int) -> Candidate:
    mine = np.flatnonzero((hits.slots == slot) & (hits.weights > 0))
    number = int(segment.numbers[slot])
    parts = segment.rows_of(number)
    order = np.argsort(parts)
    positions = order[np.searchsorted(parts, hits.rows[mine], sorter=order)]
    points, bits = hits.points[mine].astype(np.int64), hits.bits[mine].astype(np.int64)
    return Candidate(number, points, positions.astype(np.int64), bits)


def _taken_apart(segment: _Segment) -> dict[int, _Picture]:
    about = zip(segment.numbers.tolist(), segment.sides, segment.owners.tolist(), strict=True)
    found = {}
    for number, sides, owner in about:
        if number in segment.firsts:
            rows = segment.rows_of(number)
            found[number] = _Picture(segment.codes[rows], segment.places[rows], sides, owner)
    return found


def _sorted(pictures: dict[int, _Picture], groups: Words, cells: Words) -> _Segment:
    numbers = np.array(list(pictures), np.int64)
    sizes = np.array([len(picture.codes) for picture in pictures.values()], np.int64)
    codes = np.concatenate([np.empty((0, 2), np.uint64), *(picture.codes for picture in pictures.values())])
    places = np.concatenate([np.empty((0, 3), np.uint16), *(picture.places for picture in pictures.values())])
    slots = np.repeat(np.arange(len(numbers), dtype=np.int32), sizes)
    cell = nearest_cells(groups, cells, codes, 1)[:, 0]
    order = np.argsort(cell, kind="stable")
    rows = np.empty(len(order), np.int32)
    rows[order] = np.arange(len(order), dtype=np.int32)
    ends = np.cumsum(sizes)
    firsts = {int(n): (int(e - s), int(e)) for n, s, e in zip(numbers, sizes, ends, strict=True)}
    starts = np.searchsorted(cell[order], np.arange(len(cells) + 1))
    owners = np.array([picture.owner for picture in pictures.values()], np.int64)
    sides = np.array([picture.sides for picture in pictures.values()], np.float32).reshape(-1, 2)
    codes = np.concatenate([codes[order], np.zeros((SPARE, 2), np.uint64)])
    return _Segment(starts, codes, places[order], slots[order], rows, firsts, numbers, owners, sides)
