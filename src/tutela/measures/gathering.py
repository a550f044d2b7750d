"""What an observer gathers rows and values in, a few bytes each."""

from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

_BATCH = 1 << 12
_PAGE = 8  # bits of a number that stand in one page
_UNKNOWN = -1  # stands for no value in a column of positions, and stays

V = TypeVar("V", bound=Hashable)


class Rows:
    """Rows of numbers, kept as columns. Give every row as many values as there are `dtypes`."""

    def __init__(self, *dtypes: DTypeLike) -> None:
        self._dtypes = dtypes
        self._blocks: list[list[NDArray[Any]]] = [[] for _ in dtypes]
        self._recent: list[tuple[Any, ...]] = []
        self._settled = 0

    def __len__(self) -> int:
        return self._settled + len(self._recent)

    def add(self, row: tuple[Any, ...]) -> None:
        """One more row."""
        self._recent.append(row)
        if len(self._recent) == _BATCH:
            self._settle()

    def extend(self, *columns: ArrayLike) -> None:
        """Many more rows, as columns of one length."""
        self._settle()
        for blocks, column, dtype in zip(self._blocks, columns, self._dtypes, strict=True):
            blocks.append(np.asarray(column, dtype))
        self._settled += len(self._blocks[0][-1])

    def columns(self) -> list[NDArray[Any]]:
        """All rows so far, as read-only arrays."""
        self._settle()
        for place, (blocks, dtype) in enumerate(zip(self._blocks, self._dtypes, strict=True)):
            self._blocks[place] = [frozen(np.concatenate([np.empty(0, dtype), *blocks]))]
        return [blocks[0] for blocks in self._blocks]

    def _settle(self) -> None:
        if not self._recent:
            return
        values = zip(*self._recent, strict=True)
        for blocks, column, dtype in zip(self._blocks, values, self._dtypes, strict=True):
            blocks.append(np.array(column, dtype))
        self._settled += len(self._recent)
        self._recent = []


class Digests:
    """Strings of `width` bytes, kept as one column."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._blocks: list[NDArray[np.uint8]] = []
        self._recent = bytearray()

    def add(self, digest: bytes) -> None:
        """One more, or several back to back."""
        self._recent += digest
        if len(self._recent) >= _BATCH * self._width:
            self._settle()

    def column(self) -> NDArray[np.uint8]:
        """All of them so far, read-only, of shape (n, width)."""
        self._settle()
        self._blocks = [frozen(np.concatenate([np.empty((0, self._width), np.uint8), *self._blocks]))]
        return self._blocks[0]

    def _settle(self) -> None:
        self._blocks.append(np.frombuffer(bytes(self._recent), np.uint8).reshape(-1, self._width))
        self._recent = bytearray()


class Interned(Generic[V]):
    """Different values, each with its position in the order in which they first came."""

    def __init__(self) -> None:
        self._positions: dict[V, int] = {}

    def __len__(self) -> int:
        return len(self._positions)

    def position(self, value: V) -> int:
        """Where the value stands; a new one is put last."""
        return self._positions.setdefault(value, len(self._positions))

    def positions(self, values: Sequence[V], places: NDArray[Any]) -> NDArray[np.int32]:
        """Where those of the values stand that are at these places; values at none of them are not taken in."""
        used = np.flatnonzero(np.bincount(places + 1, minlength=len(values) + 1)[1:])
        mapping = np.full(len(values) + 1, _UNKNOWN, np.int32)
        known = self._positions
        mapping[used] = [known.setdefault(values[place], len(known)) for place in used.tolist()]
        return np.asarray(mapping[places], np.int32)

    def find(self, value: V) -> int | None:
        """Where the value stands, None where it has not come."""
        return self._positions.get(value)

    def values(self) -> tuple[V, ...]:
        """All of them, in order."""
        return tuple(self._positions)


class Numbers:
    """The message numbers seen in one channel: a bitmap in pages, so that dense ranges cost a bit each."""

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """True where the number is new."""
        page, bit = number >> _PAGE, 1 << (number & (1 << _PAGE) - 1)
        seen = self._pages.get(page, 0)
        if seen & bit:
            return False
        self._pages[page] = seen | bit
        return True

    def add_all(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """`add` for many, page by page where all of them are new."""
        ordered = np.sort(numbers)
        pages, of = np.unique(ordered >> _PAGE, return_inverse=True)
        marks = np.zeros((len(pages), 1 << _PAGE), np.bool_)
        marks[of, ordered & (1 << _PAGE) - 1] = True
        packed = np.packbits(marks, axis=1, bitorder="little").tobytes()
        width = (1 << _PAGE) // 8
        bits = [int.from_bytes(packed[at : at + width], "little") for at in range(0, len(packed), width)]
        listed = pages.tolist()
        known = any(self._pages.get(page, 0) & some for page, some in zip(listed, bits, strict=True))
        if known or np.count_nonzero(marks) < len(numbers):
            return np.array([self.add(number) for number in numbers.tolist()], np.bool_)
        for page, some in zip(listed, bits, strict=True):
            self._pages[page] = self._pages.get(page, 0) | some
        return np.ones(len(numbers), np.bool_)


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """The same array, read-only from now on."""
    values.flags.writeable = False
    return values
