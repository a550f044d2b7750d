"""Exact search by Hamming distance over 256-bit codes, as a linear scan.

Every code is compared with every query: about 32 bytes of memory traffic for each pair, no worst case, no tuning. It
is the right tool up to some hundred thousand codes; `docs/performance.md` has the measured cost.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

_WORDS = 4
_BLOCK = 1 << 15
_FIRST_CAPACITY = 1024


class HammingIndex:
    """A set of 256-bit codes under integer ids. Added codes are found and removed ones gone at the next search.

    Codes are uint8 arrays of shape (n, 32), ids int64. Not for writing from two threads at once.
    """

    def __init__(self) -> None:
        self._codes = np.empty((_FIRST_CAPACITY, _WORDS), dtype=np.uint64)
        self._ids = np.empty(_FIRST_CAPACITY, dtype=np.int64)
        self._row: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._row)

    def __contains__(self, identifier: int) -> bool:
        return identifier in self._row

    def add(self, ids: ArrayLike, codes: NDArray[np.uint8]) -> None:
        """Adds codes under new ids. Raises ValueError where an id is taken, twice in `ids`, or shapes do not fit."""
        numbers = np.atleast_1d(np.asarray(ids, dtype=np.int64))
        words = _words(codes)
        if len(numbers) != len(words):
            raise ValueError(f"{len(numbers)} ids for {len(words)} codes")
        taken = [n for n in numbers.tolist() if n in self._row]
        if taken or len(np.unique(numbers)) != len(numbers):
            raise ValueError(f"ids must be new and different: {taken[:3] or 'one stands twice'}")
        start, stop = len(self._row), len(self._row) + len(numbers)
        self._reserve(stop)
        self._codes[start:stop] = words
        self._ids[start:stop] = numbers
        self._row.update(zip(numbers.tolist(), range(start, stop), strict=True))

    def remove(self, ids: ArrayLike) -> None:
        """Removes codes and overwrites their memory. Raises KeyError, and removes nothing, where an id is unknown."""
        numbers = np.atleast_1d(np.asarray(ids, dtype=np.int64)).tolist()
        for number in numbers:
            if number not in self._row:
                raise KeyError(number)
        for number in dict.fromkeys(numbers):
            self._fill_gap(self._row.pop(number))

    def search(
        self, queries: NDArray[np.uint8], distance: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """All codes within `distance` bits (0 to 256) of each query: `limits, ids, distances`.

        The results of query i are ``ids[limits[i]:limits[i + 1]]``, nearest first, then by id.
        """
        if not 0 <= distance <= 256:
            raise ValueError(f"a distance runs from 0 to 256 bits, not {distance}")
        found = [self._scan(query, distance) for query in _words(queries)]
        limits = np.concatenate(([0], np.cumsum([len(ids) for ids, _ in found], dtype=np.int64)))
        return limits.astype(np.int64), _joined(ids for ids, _ in found), _joined(far for _, far in found)

    def _scan(self, query: NDArray[np.uint64], distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        ids, distances = [], []
        for start in range(0, len(self._row), _BLOCK):
            stop = min(start + _BLOCK, len(self._row))
            bits = np.bitwise_count(self._codes[start:stop] ^ query).sum(axis=1, dtype=np.int64)
            near = np.flatnonzero(bits <= distance)
            ids.append(self._ids[start:stop][near])
            distances.append(bits[near])
        numbers, far = _joined(ids), _joined(distances)
        order = np.lexsort((numbers, far))
        return numbers[order], far[order]

    def _reserve(self, size: int) -> None:
        if size <= len(self._ids):
            return
        capacity = max(size, 2 * len(self._ids))
        self._codes = np.resize(self._codes, (capacity, _WORDS))
        self._ids = np.resize(self._ids, capacity)

    def _fill_gap(self, row: int) -> None:
        """Moves the last code into the gap, so that codes stay in one piece and the removed one is overwritten."""
        last = len(self._row)
        if row != last:
            self._codes[row] = self._codes[last]
            self._ids[row] = self._ids[last]
            self._row[int(self._ids[row])] = row
        self._codes[last] = 0
        self._ids[last] = 0


def _words(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    array = np.atleast_2d(np.asarray(codes, dtype=np.uint8))
    if array.size == 0:
        return np.empty((0, _WORDS), dtype=np.uint64)
    if array.ndim != 2 or array.shape[1] != 8 * _WORDS:
        raise ValueError(f"codes have the shape (n, 32), not {array.shape}")
    return np.ascontiguousarray(array).view(np.uint64)


def _joined(pieces: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.empty(0, dtype=np.int64), *pieces])
