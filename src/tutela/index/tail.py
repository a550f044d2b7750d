"""The latest codes, in the order in which they came: a plain list that every search scans."""

import numpy as np
from numpy.typing import NDArray

from tutela.index.words import WORDS

Hits = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Number of the query, id, distance: one entry for each hit, in no order."""

NONE: Hits = (np.empty(0, dtype=np.int64),) * 3
"""No hit."""


class Tail:
    """Room for so many codes. Searching needs no lock; adding and removing are for one thread.

    A row is written before it is counted, and called dead before it is overwritten, so that a search in another
    thread never reports what was not there.
    """

    def __init__(self, room: int) -> None:
        self.codes = np.empty((room, WORDS), dtype=np.uint64)
        self.ids = np.empty(room, dtype=np.int64)
        self.live = np.zeros(room, dtype=np.bool_)
        self.size = 0
        self.rows: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def room(self) -> int:
        """Rows that are left."""
        return len(self.ids) - self.size

    @property
    def nbytes(self) -> int:
        """Memory of codes and ids."""
        return self.codes.nbytes + self.ids.nbytes + self.live.nbytes

    def add(self, ids: NDArray[np.int64], codes: NDArray[np.uint64]) -> None:
        """Appends codes, for which there must be room."""
        start, end = self.size, self.size + len(ids)
        self.codes[start:end], self.ids[start:end], self.live[start:end] = codes, ids, True
        self.rows.update(zip(ids.tolist(), range(start, end), strict=True))
        self.size = end

    def row(self, identifier: int) -> int | None:
        """Where this id stands; None where it does not."""
        return self.rows.get(identifier)

    def among(self, numbers: NDArray[np.int64]) -> list[int]:
        """Which of these ids are here."""
        return [number for number in numbers.tolist() if number in self.rows] if self.rows else []

    def remove(self, row: int) -> None:
        """Takes a code out, and overwrites it."""
        del self.rows[int(self.ids[row])]
        self.live[row] = False
        self.codes[row] = 0

    def scan(self, queries: NDArray[np.uint64], distance: int) -> Hits:
        """All live codes within `distance` bits of each query, without compiled code: for small sets."""
        size = self.size
        found = [_near(self.codes[:size], self.live[:size], query, distance) for query in queries]
        asked = np.repeat(np.arange(len(queries)), [len(rows) for rows, _ in found])
        rows = np.concatenate([rows for rows, _ in found])
        return asked, self.ids[rows], np.concatenate([far for _, far in found])


def _near(
    codes: NDArray[np.uint64], live: NDArray[np.bool_], query: NDArray[np.uint64], distance: int
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    bits = np.bitwise_count(codes ^ query).sum(axis=1, dtype=np.int64)
    rows = np.flatnonzero((bits <= distance) & live)
    return rows, bits[rows]
