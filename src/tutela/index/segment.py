"""A set of codes with its tables: made once, then only ever thinned out."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.index import kernels, probing, tables
from tutela.index.plan import REACH, Plan, choose, flips, plans, rises
from tutela.index.tail import NONE, Hits, Tail
from tutela.index.words import WORDS

_ROOM, _ROOM_EACH = 4096, 8
"""Hits that are made room for at first: so many, and so many more for each query."""

Kernel = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], int]


class Segment:
    """Codes `laid_out` as four words each, by rising ids. Searching needs no lock; removing is for one thread."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Takes over what `arrays` gave. Raises ValueError where that does not fit together."""
        self.ids, self.codes = arrays["ids"], arrays["codes"]
        self.live = np.ones(len(self.ids), dtype=np.bool_)
        if np.any((arrays["dead"] < 0) | (arrays["dead"] >= len(self.ids))):
            raise ValueError("a row was removed that is not there")
        self.live[arrays["dead"]] = False
        self.removed = int(np.count_nonzero(~self.live))
        widths, radii = arrays["plan"].tolist()
        plan = Plan(tuple(widths), tuple(radii))
        if plan not in plans():
            raise ValueError("the tables follow no known plan")
        self._layout, self._flips = _laid_out(plan)
        shapes = _shapes(plan, len(self.ids))
        self._tables = {name: arrays[name] for name in shapes}
        self._check({name: shape for name, (shape, _) in shapes.items()})
        starts, hints, lowers, uppers = self._tables.values()
        way = (self._layout, self._flips, rises(len(self.ids)), starts, hints, lowers, uppers)
        self._probe = partial(probing.probe, self.codes, self.live, *way)

    @classmethod
    def built(cls, ids: NDArray[np.int64], codes: NDArray[np.uint64]) -> "Segment":
        """A new segment of these codes, which are in the order of `laid_out`."""
        order, plan = np.argsort(ids, kind="stable"), choose(len(ids))
        codes = np.ascontiguousarray(codes[order])
        made = {name: np.zeros(shape, kind) for name, (shape, kind) in _shapes(plan, len(ids)).items()}
        tables.build(codes, _laid_out(plan)[0], rises(len(ids)), *made.values())
        shape = np.array([plan.widths, plan.radii], dtype=np.int64)
        return cls({"plan": shape, "ids": ids[order], "dead": np.empty(0, dtype=np.int64), "codes": codes, **made})

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that another segment can be made of at once."""
        shape = self._layout[:-1, 1:3].T
        dead = np.flatnonzero(~self.live)
        return {"plan": shape, "ids": self.ids, "dead": dead, "codes": self.codes, **self._tables}

    def _check(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """The kernels trust the tables: an entry outside of them would be read all the same."""
        size = len(self.ids)
        fits = all(self._tables[name].shape == shape for name, shape in shapes.items())
        if not fits or self.codes.shape != (size, WORDS) or tables.largest(self._tables["starts"]) > size:
            raise ValueError("the tables do not belong to the codes")

    def __len__(self) -> int:
        return len(self.ids) - self.removed

    @property
    def nbytes(self) -> int:
        """Memory of codes, ids and tables."""
        return sum(array.nbytes for array in (self.ids, self.codes, self.live, *self._tables.values()))

    def row(self, identifier: int) -> int | None:
        """Where this id stands; None where it does not, or does no more."""
        place = int(np.searchsorted(self.ids, identifier))
        if place == len(self.ids) or self.ids[place] != identifier or not self.live[place]:
            return None
        return place

    def among(self, numbers: NDArray[np.int64]) -> list[int]:
        """Which of these ids are here."""
        places = np.minimum(np.searchsorted(self.ids, numbers), len(self.ids) - 1)
        found = (self.ids[places] == numbers) & self.live[places] if len(self.ids) else np.zeros(len(numbers), np.bool_)
        return [int(number) for number in numbers[found]]

    def remove(self, row: int) -> None:
        """Takes a code out, and overwrites it."""
        self.live[row] = False  # first: a reader that meets a half overwritten code must not report it
        self.codes[row] = 0
        self.removed += 1

    def search(self, queries: NDArray[np.uint64], distance: int) -> Hits:
        """All live codes within `distance` bits of each query; queries have shape (n, 4)."""
        if distance > REACH:
            kernel = partial(kernels.scan, self.codes, self.live, len(self.ids), laid_out(queries), distance)
        else:
            kernel = partial(self._probe, queries, distance)
        return _hits(kernel, self.ids, len(queries))


def laid_out(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Codes with their bits in the order in which segments hold them."""
    return tables.by_parity(codes)


def scanned(tail: Tail, queries: NDArray[np.uint64], distance: int) -> Hits:
    """As `Tail.scan`, compiled."""
    kernel = partial(kernels.scan, tail.codes, tail.live, tail.size, queries, distance)
    return _hits(kernel, tail.ids, len(queries))


def _hits(kernel: Kernel, ids: NDArray[np.int64], queries: int) -> Hits:
    """What a kernel finds, however much that is: it is run again where the first guess of the room was too small."""
    room = _ROOM + _ROOM_EACH * queries
    while True:
        asked, rows, far = np.empty((3, room), dtype=np.int64)
        found = kernel(asked, rows, far)
        if found == 0:
            return NONE
        if found <= room:
            return asked[:found], ids[rows[:found]], far[:found]
        room = found


def _shapes(plan: Plan, size: int) -> dict[str, tuple[tuple[int, ...], type[np.generic]]]:
    """Shapes and types of the tables, in the order in which the kernels take them."""
    chunks = len(plan.widths)
    return {
        "starts": ((sum((1 << width) + 1 for width in plan.widths),), np.uint32),
        "hints": ((chunks * size + kernels.LANES,), np.uint16),
        "lowers": ((chunks * size,), np.uint16),
        "uppers": ((chunks, plan.upper_words(size)), np.uint64),
    }


def _laid_out(plan: Plan) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """A plan as the kernels read it, and the patterns to look up, chunk after chunk."""
    widths = np.array(plan.widths, dtype=np.int64)
    patterns = [flips(width, radius) for width, radius in zip(plan.widths, plan.radii, strict=True)]
    layout = np.zeros((len(widths) + 1, tables.LAYOUT), dtype=np.int64)
    layout[1:, tables.FIRST] = np.cumsum(widths)
    layout[:-1, tables.WIDTH] = widths
    layout[:-1, tables.RADIUS] = plan.radii
    layout[1:, tables.BASE] = np.cumsum((1 << widths) + 1)
    layout[1:, tables.SPAN] = np.cumsum([len(each) for each in patterns])
    layout[:-1, tables.REACH] = plan.reaches
    return layout, np.concatenate(patterns)
