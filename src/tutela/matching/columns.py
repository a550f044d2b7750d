"""Many protections without a Python object for each: arrays made once, then only ever thinned out.

Texts and hashes stand as 64-bit words, word after word: `words[0]` holds the first eight bytes of every row. What is
asked for by its value is found by a binary search of these eight bytes and a comparison of the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.model import CaseRef, ProtectionId

Words = NDArray[np.uint64]
"""Shape (words, n); texts are UTF-8, padded with zero bytes."""

_WORD = 8
_SHA256 = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of a protection beside its code."""

    case: CaseRef
    protection: ProtectionId
    sha256: bytes


class Columns:
    """Entries by number. Looking up needs no lock; removing is for one thread."""

    def __init__(self, numbers: NDArray[np.int64], cases: Words, protections: Words, sha256: Words) -> None:
        """Takes the arrays over; `numbers` must rise. Raises ValueError where they do not fit together."""
        shapes = {words.shape[1:] for words in (cases, protections, sha256)}
        if numbers.ndim != 1 or shapes != {numbers.shape} or len(sha256) != _SHA256 // _WORD:
            raise ValueError("the columns do not have the same length")
        if np.any(numbers[1:] <= numbers[:-1]):
            raise ValueError("the numbers do not rise")
        self.numbers, self.live = numbers, np.ones(len(numbers), dtype=np.bool_)
        self.removed = 0
        self._cases, self._protections, self._sha256 = cases, protections, sha256
        self._by_protection, self._by_sha256 = np.argsort(protections[0]), np.argsort(sha256[0])

    @classmethod
    def of(cls, entries: Mapping[int, Entry]) -> "Columns":
        """The columns of these entries, in any order."""
        numbers = sorted(entries)
        ordered = [entries[number] for number in numbers]
        return cls(
            np.array(numbers, dtype=np.int64),
            text_words([entry.case for entry in ordered]),
            text_words([entry.protection for entry in ordered]),
            _words([entry.sha256 for entry in ordered], _SHA256),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Columns":
        """What `arrays` took apart. Raises KeyError or ValueError where they do not fit."""
        return cls(arrays["numbers"], arrays["cases"], arrays["protections"], arrays["sha256"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that the same columns can be made of. Not copied: what is removed later is overwritten, too."""
        words = {"cases": self._cases, "protections": self._protections, "sha256": self._sha256}
        return {"numbers": self.numbers, **words}

    def __len__(self) -> int:
        return len(self.numbers) - self.removed

    def entry(self, number: int) -> Entry | None:
        """The entry under this number, if it is there."""
        row = self._row(number)
        if row is None:
            return None
        case, protection = _text(self._cases[:, row]), _text(self._protections[:, row])
        entry = Entry(CaseRef(case), ProtectionId(protection), self._sha256[:, row].tobytes())
        return entry if self.live[row] else None  # asked last: a removal in between leaves half of it

    def number(self, protection: ProtectionId) -> int | None:
        """The number of a protection, if it is there."""
        words = _padded(protection.encode(), len(self._protections))
        if words is None:
            return None
        rows = self._rows(self._protections, self._by_protection, words)
        return int(self.numbers[rows[0]]) if len(rows) else None

    def same_file(self, sha256: bytes) -> list[int]:
        """The numbers of all protections of this file, rising."""
        rows = self._rows(self._sha256, self._by_sha256, np.frombuffer(sha256, dtype=np.uint64))
        return [int(number) for number in self.numbers[rows]]

    def remove(self, number: int) -> bool:
        """Takes an entry out and overwrites it; False where there is none."""
        row = self._row(number)
        if row is None:
            return False
        self.live[row] = False  # first: a reader that meets a half overwritten entry must not report it
        self.removed += 1
        self._cases[:, row] = 0
        self._blank(self._protections, self._by_protection, row)
        self._blank(self._sha256, self._by_sha256, row)
        return True

    def joined(self, live: NDArray[np.bool_], later: "Columns") -> "Columns":
        """New columns of the rows that `live` marks and of `later`, whose numbers are all higher."""
        before, after = self.arrays(), later.arrays()
        parts = {name: (before[name][..., live], after[name]) for name in before}
        return Columns.from_arrays({name: _side_by_side(*pair) for name, pair in parts.items()})

    def _blank(self, words: Words, order: NDArray[np.intp], row: int) -> None:
        """Overwrites a row. A first word that no live row has any more gives way to the one before it, which so keeps
        the order."""
        start, end = _span(words[0], order, words[0, row])
        words[1:, row] = 0
        alike = order[start:end]
        if not self.live[alike].any():
            words[0, alike] = words[0, order[start - 1]] if start else 0

    def _row(self, number: int) -> int | None:
        row = int(np.searchsorted(self.numbers, number))
        return row if row < len(self.numbers) and self.numbers[row] == number and self.live[row] else None

    def _rows(self, words: Words, order: NDArray[np.intp], wanted: Words) -> NDArray[np.intp]:
        start = int(np.searchsorted(words[0], wanted[0], "left", order))
        if start == len(order) or words[0, order[start]] != wanted[0]:
            return order[:0]  # the usual case, and half the way
        alike = order[slice(*_span(words[0], order, wanted[0]))]
        same = (words[:, alike] == wanted[:, np.newaxis]).all(axis=0)
        return np.unique(alike[same & self.live[alike]])


def text_words(texts: Sequence[str]) -> Words:
    """Texts, none of which ends in a zero byte, as words."""
    encoded = [text.encode() for text in texts]
    longest = max(map(len, encoded), default=1)
    return _words(encoded, max(-(-longest // _WORD), 1) * _WORD)


def word_texts(words: Words) -> list[str]:
    """The texts that `text_words` took."""
    return [_text(words[:, row]) for row in range(words.shape[1])]


def _words(values: list[bytes], width: int) -> Words:
    rows = np.array(values, dtype=f"S{width}").view(np.uint64).reshape(len(values), width // _WORD)
    return np.ascontiguousarray(rows.T)


def _text(words: Words) -> str:
    return words.tobytes().rstrip(b"\0").decode()


def _padded(value: bytes, words: int) -> Words | None:
    """A value as words; None where it is longer than all that are kept."""
    padded = value.ljust(words * _WORD, b"\0")
    return np.frombuffer(padded, dtype=np.uint64) if len(padded) == words * _WORD else None


def _span(first: Words, order: NDArray[np.intp], word: np.uint64) -> tuple[int, int]:
    """Where in the order the rows stand that begin with this word."""
    return int(np.searchsorted(first, word, "left", order)), int(np.searchsorted(first, word, "right", order))


def _side_by_side(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Both columns in one, as wide as the wider of them."""
    if left.ndim == 1:
        return np.concatenate([left, right])
    widest = max(len(left), len(right))
    wide = [np.pad(words, ((0, widest - len(words)), (0, 0))) for words in (left, right)]
    return np.concatenate(wide, axis=1)
