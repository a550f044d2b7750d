"""Exact search by Hamming distance over 256-bit codes that come and go.

Most codes lie in a large *base* with tables (`segment.py`), those that came later in a smaller *recent* segment, and
the latest in a *tail* that every search scans. A full tail is worked into the recent segment, and that into the base
once it has grown to a fair share of it. A small set is a tail and nothing else, and needs no compiled code.
"""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutela.index.errors import IndexFileError
from tutela.index.tail import Hits, Tail
from tutela.index.words import as_words

if TYPE_CHECKING:
    from tutela.index.segment import Segment

Found = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

SMALL = 2048
"""Up to so many codes everything is in the tail."""

TAIL = 8192
"""Codes that the tail of a larger set holds."""

_RECENT_SHARE = 8
"""The recent segment joins the base when it has grown to an eighth of it."""

_DEAD_SHARE = 4
"""A segment of which a quarter was removed is made anew."""


class HammingIndex:
    """A set of 256-bit codes under integer ids. Added codes are found and removed ones gone at the next search.

    Codes are uint8 arrays of shape (n, 32), ids int64. Any number of threads may search while one of them, or another,
    changes the set: searches take no lock, and what is compiled holds none of Python's either.
    """

    def __init__(self) -> None:
        self._changing = Lock()
        self._state: tuple[tuple[Segment, ...], Tail] = ((), Tail(SMALL))

    def __len__(self) -> int:
        segments, tail = self._state
        return sum(map(len, segments)) + len(tail)

    def __contains__(self, identifier: int) -> bool:
        return self._place(identifier) is not None

    @property
    def nbytes(self) -> int:
        """Memory of the set: codes, ids and tables."""
        segments, tail = self._state
        return sum(segment.nbytes for segment in segments) + tail.nbytes

    def add(self, ids: ArrayLike, codes: NDArray[np.uint8]) -> None:
        """Adds codes under new ids. Raises ValueError where an id is taken, twice in `ids`, or shapes do not fit."""
        numbers, words = np.atleast_1d(np.asarray(ids, dtype=np.int64)), as_words(codes)
        if len(numbers) != len(words):
            raise ValueError(f"{len(numbers)} ids for {len(words)} codes")
        with self._changing:
            self._check_new(numbers)
            _, tail = self._state
            if len(numbers) <= tail.room:
                tail.add(numbers, words)
            else:
                self._absorb(numbers, words)

    def remove(self, ids: ArrayLike) -> None:
        """Removes codes and overwrites them. Raises KeyError, and removes nothing, where an id is unknown.

        What is left of a removed code afterwards is the place of its row in the tables, which tells its chunks; that
        goes when the segment is made anew: with `compact`, or by itself once a quarter of it was removed.
        """
        numbers = list(dict.fromkeys(np.atleast_1d(np.asarray(ids, dtype=np.int64)).tolist()))
        with self._changing:
            places = []
            for number in numbers:
                if (place := self._place(number)) is None:
                    raise KeyError(number)
                places.append(place)
            for part, row in places:
                part.remove(row)
            segments, _ = self._state
            if any(segment.removed * _DEAD_SHARE > len(segment.ids) for segment in segments):
                self._compact()

    def search(self, queries: NDArray[np.uint8], distance: int) -> Found:
        """All codes within `distance` bits (0 to 256) of each query: `limits, ids, distances`.

        The results of query i are ``ids[limits[i]:limits[i + 1]]``, nearest first, then by id. Up to 31 bits the tables
        are used; beyond that, and where tables would be slower, every code is looked at.
        """
        if not 0 <= distance <= 256:
            raise ValueError(f"a distance runs from 0 to 256 bits, not {distance}")
        words = as_words(queries)
        segments, tail = self._state
        parts = [segment.search(words, distance) for segment in segments]
        if tail.size and len(words):
            parts.append(_scan(tail, words, distance) if segments else tail.scan(words, distance))
        return _sorted(parts, len(words))

    def compact(self) -> None:
        """Makes all tables anew from the codes that are left; searches go on meanwhile."""
        with self._changing:
            self._compact()

    def save(self, path: Path, key: bytes | None = None) -> None:
        """Writes `arrays` to a file; atomic and durable.

        With a `key` of 32 bytes everything is sealed (AES-256-GCM). Without one the file can be mapped.
        """
        from tutela.index import files

        files.write(path, self.arrays(), key)

    @classmethod
    def load(cls, path: Path, key: bytes | None = None) -> "HammingIndex":
        """The set that `save` wrote. Without a key the file is mapped: it must stay as it is while the set is used.

        Raises `IndexFileError` for another key, and for a file that is not what was saved.
        """
        from tutela.index import files

        arrays = files.read(path, key)
        try:
            return cls.from_arrays(arrays)
        except (KeyError, ValueError) as error:
            raise IndexFileError("the file is not one that was saved", str(path)) from error

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that the set consists of, after making its tables anew where codes came or went. Not copied: what is
        removed later is overwritten in them, too."""
        with self._changing:
            segments, tail = self._state
            if segments and (len(segments) > 1 or len(tail) or segments[0].removed):
                self._compact()
            segments, tail = self._state
            rows = np.flatnonzero(tail.live)
            return segments[0].arrays() if segments else {"ids": tail.ids[rows], "codes": tail.codes[rows]}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "HammingIndex":
        """The set that `arrays` took apart; takes them over. Raises KeyError or ValueError where they do not fit."""
        index = cls()
        if "plan" in arrays:
            from tutela.index.segment import Segment

            index._state = (Segment(arrays),), Tail(TAIL)
        else:
            index._state[1].add(arrays["ids"], arrays["codes"])
        return index

    def _place(self, number: int) -> "tuple[Segment | Tail, int] | None":
        """The part that holds this id, and its row there."""
        segments, tail = self._state
        parts: list[Segment | Tail] = [tail, *segments]
        return next(((part, row) for part in parts if (row := part.row(number)) is not None), None)

    def _check_new(self, numbers: NDArray[np.int64]) -> None:
        segments, tail = self._state
        taken = [number for number in numbers.tolist() if number in tail.rows] if tail.rows else []
        taken += [number for segment in segments for number in segment.among(numbers)]
        ordered = np.sort(numbers)
        if taken or np.any(ordered[1:] == ordered[:-1]):
            raise ValueError(f"ids must be new and different: {taken[:3] or 'one stands twice'}")

    def _absorb(self, numbers: NDArray[np.int64], words: NDArray[np.uint64]) -> None:
        """Works the tail and the new codes into the segments."""
        segments, tail = self._state
        base, recent = segments[:1], segments[1:]
        grown = len(tail) + len(numbers) + sum(map(len, recent))
        if not base or grown * _RECENT_SHARE > len(base[0]):
            self._state = (_merged([*segments, tail], numbers, words),), Tail(TAIL)
        else:
            self._state = (*base, _merged([*recent, tail], numbers, words)), Tail(TAIL)

    def _compact(self) -> None:
        segments, tail = self._state
        if segments:
            none = np.empty(0, dtype=np.int64)
            self._state = (_merged([*segments, tail], none, as_words(np.empty(0, np.uint8))),), Tail(TAIL)


def _merged(parts: "list[Segment | Tail]", numbers: NDArray[np.int64], words: NDArray[np.uint64]) -> "Segment":
    from tutela.index.segment import Segment

    live = [np.flatnonzero(part.live) for part in parts]
    ids = np.concatenate([*(part.ids[rows] for part, rows in zip(parts, live, strict=True)), numbers])
    codes = np.concatenate([*(part.codes[rows] for part, rows in zip(parts, live, strict=True)), words])
    return Segment.built(ids, codes)


def _scan(tail: Tail, words: NDArray[np.uint64], distance: int) -> Hits:
    from tutela.index.segment import scanned

    return scanned(tail, words, distance)


def _sorted(parts: list[Hits], queries: int) -> Found:
    """All hits in the order in which `HammingIndex.search` gives them."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return np.zeros(queries + 1, dtype=np.int64), none, none
    asked, ids, far = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((ids, far, asked))
    limits = np.zeros(queries + 1, dtype=np.int64)
    np.cumsum(np.bincount(asked, minlength=queries), out=limits[1:])
    return limits, ids[order], far[order]
