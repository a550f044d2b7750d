"""Which protections there are: most of them in columns, those that came later in dictionaries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.matching.columns import Columns, Entry
from tutela.model import ProtectionId

_RECENT, _RECENT_SHARE = 4096, 8
"""Entries that may stand in dictionaries: so many, or an eighth of those in columns."""


@dataclass(slots=True)
class _Recent:
    entries: dict[int, Entry] = field(default_factory=dict)
    numbers: dict[ProtectionId, int] = field(default_factory=dict)
    files: dict[bytes, dict[int, None]] = field(default_factory=dict)
    """The numbers of each file, in their order; one picture may be protected by very many."""

    def add(self, number: int, entry: Entry) -> None:
        self.entries[number] = entry
        self.numbers[entry.protection] = number
        self.files.setdefault(entry.sha256, {})[number] = None

    def remove(self, number: int) -> None:
        entry = self.entries.pop(number)
        del self.numbers[entry.protection]
        same = self.files[entry.sha256]
        del same[number]
        if not same:
            del self.files[entry.sha256]


class Roster:
    """Entries by number. Any number of threads may look up while one adds and removes, and another compacts."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._parts = Columns.of({}), _Recent()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Roster":
        """What `arrays` took apart; takes them over. Raises KeyError or ValueError where they do not fit."""
        roster = cls()
        roster._parts = Columns.from_arrays(arrays), _Recent()
        return roster

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All entries at this moment, copied; one that is removed meanwhile may be half there."""
        return self._joined()[0].arrays()

    def __len__(self) -> int:
        columns, recent = self._parts
        return len(columns) + len(recent.entries)

    @property
    def crowded(self) -> bool:
        """Whether so many entries stand in dictionaries that `compact` is worth it."""
        columns, recent = self._parts
        return len(recent.entries) > max(_RECENT, len(columns) // _RECENT_SHARE)

    def entry(self, number: int) -> Entry | None:
        """The entry under this number, if it is there."""
        columns, recent = self._parts
        return recent.entries.get(number) or columns.entry(number)

    def number(self, protection: ProtectionId) -> int | None:
        """The number of a protection, if it is there."""
        columns, recent = self._parts
        number = recent.numbers.get(protection)
        return columns.number(protection) if number is None else number

    def same_file(self, sha256: bytes) -> list[int]:
        """The numbers of all protections of this file, rising."""
        columns, recent = self._parts
        return [*columns.same_file(sha256), *recent.files.get(sha256, ())]

    def add(self, number: int, entry: Entry) -> None:
        """Adds an entry under a number that is higher than all others."""
        with self._changing:
            self._parts[1].add(number, entry)

    def remove(self, number: int) -> None:
        """Forgets an entry that is there."""
        with self._changing:
            columns, recent = self._parts
            if not columns.remove(number):
                recent.remove(number)

    def compact(self) -> None:
        """Puts all entries into columns; meanwhile others may look up, add and remove. For one thread at a time."""
        joined, before, taken = self._joined()
        with self._changing:
            columns, recent = self._parts
            gone = [*columns.numbers[before & ~columns.live].tolist(), *(taken.keys() - recent.entries.keys())]
            for number in gone:
                joined.remove(number)
            rest = _Recent()
            for number in sorted(recent.entries.keys() - taken.keys()):
                rest.add(number, recent.entries[number])
            self._parts = joined, rest

    def _joined(self) -> tuple[Columns, NDArray[np.bool_], dict[int, Entry]]:
        """New columns of all entries; which rows were alive, and what stood in dictionaries, when they were made."""
        with self._changing:
            columns, recent = self._parts
            live, taken = columns.live.copy(), dict(recent.entries)
        return columns.joined(live, Columns.of(taken)), live, taken
