"""Exact search by Hamming distance over 256-bit codes that come and go.

Most codes lie in a large *base* with tables (`segment.py`), those that came later in a smaller *recent* segment, and
the latest in a *tail* that every search scans. Full tails wait until a thread of their own has worked them into the
recent segment, and that into the base once it has grown to a fair share of it. A small set is a tail and nothing
else, and needs no compiled code.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutela.index.errors import IndexFileError
from tutela.index.tail import NONE, Hits, Tail
from tutela.index.words import as_words, whole

if TYPE_CHECKING:
    from tutela.index.segment import Segment

Found = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

SMALL = 2048
"""Up to so many codes everything is in the tail."""

TAIL = 8192
"""Codes that the tail of a larger set holds."""

_WAITING = 8
"""Full tails that may wait; a writer who brings more waits, too."""

_RECENT_SHARE = 8
"""The recent segment joins the base when it has grown to an eighth of it."""

_DEAD_SHARE = 4
"""A segment of which a quarter was removed is made anew."""


_FIRST = np.zeros(1, dtype=np.intp)
"""The order of a single hit."""


@dataclass(frozen=True, slots=True)
class _State:
    """What a search looks at, all of it or none."""

    segments: "tuple[Segment, ...]"
    waiting: tuple[Tail, ...]
    tail: Tail

    @property
    def parts(self) -> "tuple[Segment | Tail, ...]":
        return (*self.segments, *self.waiting, self.tail)

    @property
    def worn(self) -> bool:
        """Whether too much of a segment was removed."""
        return any(segment.removed * _DEAD_SHARE > len(segment.ids) for segment in self.segments)


class HammingIndex:
    """A set of 256-bit codes under integer ids. Added codes are found and removed ones gone at the next search.

    Codes are uint8 arrays of shape (n, 32), ids int64. Any number of threads may search while one of them, or another,
    changes the set: searches take no lock, and what is compiled holds none of Python's either.
    """

    def __init__(self) -> None:
        self._building = Lock()  # whoever makes tables; taken before `_changing`
        self._changing = Lock()  # whoever adds, removes, or replaces the state
        self._state = _State((), (), Tail(SMALL))
        self._upkeep: Thread | None = None

    def __len__(self) -> int:
        return sum(map(len, self._state.parts))

    def __contains__(self, identifier: int) -> bool:
        return self._place(identifier) is not None

    @property
    def nbytes(self) -> int:
        """Memory of the set: codes, ids and tables."""
        return sum(part.nbytes for part in self._state.parts)

    def add(self, ids: ArrayLike, codes: NDArray[np.uint8]) -> None:
        """Adds codes under new ids.

        Raises ValueError where an id is taken, twice in `ids`, shapes do not fit, or a number would not stay the same.
        """
        numbers, words = np.atleast_1d(whole("ids", ids, np.int64)), as_words(codes)
        if len(numbers) != len(words):
            raise ValueError(f"{len(numbers)} ids for {len(words)} codes")
        with self._changing:
            self._check_new(numbers)
            appended = self._append(numbers, words)
            crowded = len(self._state.waiting) > _WAITING
        if crowded:
            with self._building:
                pass  # what waits is being worked in
        if not appended:
            with self._building, self._changing:
                self._check_new(numbers)
                self._absorb(numbers, words)

    def remove(self, ids: ArrayLike) -> None:
        """Removes codes and overwrites them. Raises KeyError, and removes nothing, where an id is unknown.

        What is left of a removed code afterwards is the place of its row in the tables, which tells its chunks; that
        goes when the segment is made anew: with `compact`, or by itself once a quarter of it was removed.
        """
        numbers = list(dict.fromkeys(np.atleast_1d(whole("ids", ids, np.int64)).tolist()))
        with self._changing:
            places = []
            for number in numbers:
                if (place := self._place(number)) is None:
                    raise KeyError(number)
                places.append(place)
            for part, row in places:
                part.remove(row)
            if self._state.worn:
                self._keep_up()

    def search(self, queries: NDArray[np.uint8], distance: int) -> Found:
        """All codes within `distance` bits (0 to 256) of each query: `limits, ids, distances`.

        The results of query i are ``ids[limits[i]:limits[i + 1]]``, nearest first, then by id. Up to 31 bits the tables
        are used; beyond that, and where tables would be slower, every code is looked at.
        """
        if not (isinstance(distance, int | np.integer) and 0 <= distance <= 256):
            raise ValueError(f"a distance is a whole number from 0 to 256 bits, not {distance}")
        words, state = as_words(queries), self._state
        hits = [segment.search(words, distance) for segment in state.segments]
        for tail in (*state.waiting, state.tail):
            if tail.size and len(words):
                hits.append(_scan(tail, words, distance) if state.segments else tail.scan(words, distance))
        return _sorted(hits, len(words))

    def compact(self) -> None:
        """Makes all tables anew from the codes that are left; all else goes on meanwhile."""
        with self._building:
            self._compact()

    def save(self, path: str | os.PathLike[str], key: bytes | None = None) -> None:
        """Writes `arrays` to a file; atomic and durable.

        With a `key` of 32 bytes everything is sealed (AES-256-GCM). Without one the file can be mapped. Raises OSError
        where it cannot be written, ValueError for a key of another length.
        """
        from tutela.index import files

        files.write(Path(path), self.arrays(), key)

    @classmethod
    def load(cls, path: str | os.PathLike[str], key: bytes | None = None) -> "HammingIndex":
        """The set that `save` wrote. Without a key the file is mapped: it must stay as it is while the set is used.

        Raises `IndexFileError` for another key, and for a file that is not what was saved; ValueError for a key that
        is not 32 bytes long.
        """
        from tutela.index import files

        arrays = files.read(Path(path), key)
        try:
            return cls.from_arrays(arrays)
        except (KeyError, ValueError) as error:
            raise IndexFileError("the file is not one that was saved", str(path)) from error

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that the set consists of, after making its tables anew where codes came or went.

        Not copied: a code that is removed later is overwritten in them, too. One that is added meanwhile is not there.
        """
        with self._building:
            state = self._state
            if state.segments and (len(state.parts) > 2 or len(state.tail) or state.segments[0].removed):
                self._compact()
            with self._changing:
                segments, tail = self._state.segments, self._state.tail
                rows = np.flatnonzero(tail.live)
                return segments[0].arrays() if segments else {"ids": tail.ids[rows], "codes": tail.codes[rows]}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "HammingIndex":
        """The set that `arrays` took apart; takes them over. Raises KeyError or ValueError where they do not fit."""
        index = cls()
        if "plan" in arrays:
            from tutela.index.segment import Segment

            index._state = _State((Segment(arrays),), (), Tail(TAIL))
        else:
            index.add(arrays["ids"], arrays["codes"].view(np.uint8).reshape(-1, 32))
        return index

    def _place(self, number: int) -> "tuple[Segment | Tail, int] | None":
        """The part that holds this id, and its row there."""
        parts = reversed(self._state.parts)
        return next(((part, row) for part in parts if (row := part.row(number)) is not None), None)

    def _check_new(self, numbers: NDArray[np.int64]) -> None:
        taken = [number for part in self._state.parts for number in part.among(numbers)]
        ordered = np.sort(numbers)
        if taken or np.any(ordered[1:] == ordered[:-1]):
            raise ValueError(f"ids must be new and different: {taken[:3] or 'one stands twice'}")

    def _append(self, numbers: NDArray[np.int64], words: NDArray[np.uint64]) -> bool:
        """Puts codes into the tail, or into a new one after it; False where they are too many for that."""
        state = self._state
        if len(numbers) > state.tail.room:
            if not state.segments or len(numbers) > TAIL:
                return False
            self._state = state = _State(state.segments, (*state.waiting, state.tail), Tail(TAIL))
            self._keep_up()
        state.tail.add(numbers, words)
        return True

    def _absorb(self, numbers: NDArray[np.int64], words: NDArray[np.uint64]) -> None:
        """Works everything that waits, the tail and new codes into the segments."""
        kept, parts = _due(self._state, len(self._state.tail) + len(numbers))
        parts = (*parts, self._state.tail)
        self._state = _State((*kept, _merged(parts, [part.live for part in parts], numbers, words)), (), Tail(TAIL))

    def _compact(self) -> None:
        with self._changing:
            state = self._state
            if not state.segments:
                return
            state = self._state = _State(state.segments, (*state.waiting, state.tail), Tail(TAIL))
        self._rebuild(state, (), (*state.segments, *state.waiting))

    def _rebuild(self, state: _State, kept: "tuple[Segment, ...]", parts: "tuple[Segment | Tail, ...]") -> None:
        """Makes one segment of some parts of the state, beside those that are kept, while others add and remove."""
        with self._changing:
            live = [part.live.copy() for part in parts]
        built = _merged(parts, live)
        with self._changing:
            for part, before in zip(parts, live, strict=True):
                for number in part.ids[before & ~part.live].tolist():
                    if (row := built.row(number)) is not None:
                        built.remove(row)
            since = self._state
            self._state = _State((*kept, built), since.waiting[len(state.waiting) :], since.tail)

    def _keep_up(self) -> None:
        """Starts the thread that works in what waits, unless it runs."""
        if self._upkeep is None:
            self._upkeep = Thread(target=self._work_in, name="tutela-index", daemon=True)
            self._upkeep.start()

    def _work_in(self) -> None:
        """Works in what waits until nothing does. Searches, additions and removals go on meanwhile."""
        try:
            while self._work_in_once():
                pass
        except BaseException:
            self._upkeep = None
            raise

    def _work_in_once(self) -> bool:
        with self._building:
            with self._changing:
                state = self._state
                if not state.waiting and not state.worn:
                    self._upkeep = None
                    return False
            self._rebuild(state, *_due(state, 0))
        return True


def _due(state: _State, more: int) -> "tuple[tuple[Segment, ...], tuple[Segment | Tail, ...]]":
    """The segments that may stay, and the parts that are to become a new one with so many codes more."""
    base, recent = state.segments[:1], state.segments[1:]
    grown = sum(map(len, recent)) + sum(map(len, state.waiting)) + more
    if state.worn or not base or grown * _RECENT_SHARE > len(base[0]):
        return (), (*state.segments, *state.waiting)
    return base, (*recent, *state.waiting)


def _merged(
    parts: "Sequence[Segment | Tail]",
    live: Sequence[NDArray[np.bool_]],
    numbers: NDArray[np.int64] | None = None,
    words: NDArray[np.uint64] | None = None,
) -> "Segment":
    """One segment of what was alive in these parts, and of new codes."""
    from tutela.index.segment import Segment, laid_out

    rows = [np.flatnonzero(each) for each in live]
    ids = [part.ids[some] for part, some in zip(parts, rows, strict=True)]
    codes = [
        laid_out(part.codes[some]) if isinstance(part, Tail) else part.codes[some]
        for part, some in zip(parts, rows, strict=True)
    ]
    if numbers is not None and words is not None:
        ids, codes = [*ids, numbers], [*codes, laid_out(words)]
    return Segment.built(np.concatenate(ids), np.concatenate(codes))


def _scan(tail: Tail, words: NDArray[np.uint64], distance: int) -> Hits:
    from tutela.index.segment import scanned

    return scanned(tail, words, distance)


def _sorted(parts: list[Hits], queries: int) -> Found:
    """All hits in the order in which `HammingIndex.search` gives them."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        return np.zeros(queries + 1, dtype=np.int64), *NONE[1:]
    asked, ids, far = parts[0] if len(parts) == 1 else (np.concatenate(column) for column in zip(*parts, strict=True))
    if queries == 1:  # as most lookups are, and this is most of what Python does in them
        limits = np.array((0, len(ids)), dtype=np.int64)
        order = np.lexsort((ids, far)) if len(ids) > 1 else _FIRST
    else:
        limits = np.zeros(queries + 1, dtype=np.int64)
        np.cumsum(np.bincount(asked, minlength=queries), out=limits[1:])
        order = np.lexsort((ids, far, asked))
    return limits, ids[order], far[order]
