"""Exact, then near, then derived. A protection is reported once, in its surest tier."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tutela.index import HammingIndex
from tutela.matching.columns import Entry
from tutela.matching.roster import Roster
from tutela.matching.thresholds import THRESHOLDS, Thresholds
from tutela.model import (
    CODE_BYTES,
    NO_FILE,
    ORIENTATIONS,
    CaseRef,
    CodedParts,
    Fingerprint,
    Match,
    Pdq,
    ProtectionId,
    Tier,
)

if TYPE_CHECKING:
    from tutela.matching.derived import Derived, DerivedMatcher

_UNDONE_BY = {"rotated-90": "rotated-270", "rotated-270": "rotated-90"}

_FORM = 1
"""Rises when `Matcher.arrays` changes."""


@dataclass(frozen=True, slots=True)
class Protected:
    """One active protection, as the matcher takes it."""

    case: CaseRef
    protection: ProtectionId
    fingerprint: Fingerprint
    parts: CodedParts | None = None


class Matcher:
    """All active protections and the allowlist, in memory. Pure: it reads and writes nothing else.

    Any number of threads may match while one changes the set, and another compacts it or takes its arrays.
    """

    def __init__(self, thresholds: Thresholds = THRESHOLDS, parts_key: Callable[[], bytes] | None = None) -> None:
        """`parts_key` tells the key of the bank's rotation once it is needed; without it there is no derived tier."""
        self._thresholds = thresholds
        self._parts_key = parts_key
        self._derived: DerivedMatcher | None = None
        self._roster = Roster()
        self._codes = HammingIndex()
        self._allowed: dict[int, bytes] = {}
        self._allowed_sha256: Counter[bytes] = Counter()
        self._allowed_codes = HammingIndex()
        self._next = 0

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, NDArray[Any]],
        thresholds: Thresholds = THRESHOLDS,
        parts_key: Callable[[], bytes] | None = None,
    ) -> "Matcher":
        """The matcher that `arrays` took apart, without parts (`add_parts`); takes them over.

        Raises KeyError or ValueError where they do not fit, or were made with another quality threshold.
        """
        if arrays["made"].tolist() != [_FORM, thresholds.near_quality]:
            raise ValueError("the arrays were made by another version")
        matcher = cls(thresholds, parts_key)
        matcher._roster = Roster.from_arrays(_under("roster", arrays))
        sha256 = arrays["allowed"]
        numbers = arrays["allowed numbers"].tolist()
        matcher._allowed = {number: row.tobytes() for number, row in zip(numbers, sha256, strict=True)}
        matcher._allowed_sha256 = Counter(matcher._allowed.values())
        matcher._codes = _kept(_under("codes", arrays), arrays["roster/numbers"])
        matcher._allowed_codes = _kept(_under("allowed codes", arrays), arrays["allowed numbers"])
        given = (arrays[name] for name in ("roster/numbers", "allowed numbers", "codes/ids", "allowed codes/ids"))
        matcher._next = max(int(np.max(each, initial=0)) for each in given)
        return matcher

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that the matcher consists of, in arrays of int64 and uint64 (and what `HammingIndex.arrays` gives).

        What is added or removed while they are taken may be in them, not at all or in part: whoever keeps them goes on
        with every change since the call, and throws them away where something was removed.
        """
        allowed = dict(self._allowed)
        sha256 = np.frombuffer(b"".join(allowed.values()), dtype=np.uint64).reshape(len(allowed), 4)
        return {
            "made": np.array([_FORM, self._thresholds.near_quality], dtype=np.int64),
            "allowed": sha256,
            "allowed numbers": np.array(list(allowed), dtype=np.int64),
            **_named("roster", self._roster.arrays()),
            **_named("codes", self._codes.arrays()),
            **_named("allowed codes", self._allowed_codes.arrays()),
        }

    def __len__(self) -> int:
        return len(self._roster)

    def add(self, protected: Protected, *, near: bool = True) -> None:
        """Adds a protection; with `near=False` (quarantine) only its exact tier is active.

        Again: replaces it. Where the file is the same, only `near` changes, and the exact tier is never interrupted.
        """
        entry = Entry(protected.case, protected.protection, protected.fingerprint.sha256)
        number = self._roster.number(protected.protection)
        if number is None or self._roster.entry(number) != entry:
            self.remove(protected.protection)
            number = self._new_number()
            self._roster.add(number, entry)
        parts = protected.parts if near else None
        near = near and self._comparable(protected.fingerprint.pdq)
        if near and number not in self._codes:
            self._codes.add([number], _code(protected.fingerprint))
        elif not near and number in self._codes:
            self._codes.remove([number])
        self._set_parts(number, protected.fingerprint, parts)

    def add_parts(self, protection: ProtectionId, fingerprint: Fingerprint, parts: CodedParts) -> None:
        """Gives a protection that is there its parts; an unknown one is no error."""
        number = self._roster.number(protection)
        if number is not None:
            self._set_parts(number, fingerprint, parts)

    def remove(self, protection: ProtectionId) -> None:
        """Forgets a protection and overwrites its code; an unknown one is no error."""
        number = self._roster.number(protection)
        if number is None:
            return
        self._roster.remove(number)
        if number in self._codes:
            self._codes.remove([number])
        self._drop_parts(number)

    @property
    def crowded(self) -> bool:
        """Whether `compact` is worth it."""
        return self._roster.crowded

    @property
    def allowed(self) -> frozenset[int]:
        """The numbers of the allowlist."""
        return frozenset(self._allowed)

    def compact(self) -> None:
        """Puts later protections into columns once they are many. For one thread at a time; others go on meanwhile."""
        if self.crowded:
            self._roster.compact()

    def allow(self, fingerprint: Fingerprint) -> int:
        """Puts a picture on the allowlist; returns the number that `disallow` takes."""
        number = self._new_number()
        self._allowed[number] = fingerprint.sha256
        self._allowed_sha256[fingerprint.sha256] += 1
        if self._comparable(fingerprint.pdq):
            self._allowed_codes.add([number], _code(fingerprint))
        return number

    def disallow(self, number: int) -> None:
        """Takes a picture off the allowlist."""
        self._allowed_sha256 -= Counter([self._allowed.pop(number)])
        if number in self._allowed_codes:
            self._allowed_codes.remove([number])

    def match(self, fingerprint: Fingerprint) -> list[Match]:
        """Every protection that reappears in the media, surest first.

        The allowlist wins: the same bytes as an allowed picture match nothing, and a near match counts only where no
        allowed picture is as close as the protected one.
        """
        exact: dict[int, None] = {}
        if fingerprint.sha256 != NO_FILE:
            if fingerprint.sha256 in self._allowed_sha256:
                return []
            exact = dict.fromkeys(self._roster.same_file(fingerprint.sha256))  # in their order, and quickly asked
        near = {number: found for number, found in self._nearest(fingerprint).items() if number not in exact}
        entries = {number: entry for number in (*exact, *near) if (entry := self._roster.entry(number)) is not None}
        matches = [
            self._near(entry, *near[number]) if number in near else self._exact(entry)
            for number, entry in entries.items()
        ]
        surest = sorted(matches, key=lambda m: (m.distance or 0, m.protection))
        return surest + list(self._made_from(fingerprint, entries.keys()))

    def _made_from(self, fingerprint: Fingerprint, known: Container[int]) -> Iterator[Match]:
        """The derived tier: nothing where the media has no parts, or is as near to an allowed picture as copies are."""
        if self._derived is None or fingerprint.parts is None or self._is_allowed(fingerprint):
            return
        seen = fingerprint.width, fingerprint.height
        for found in self._derived.match(*seen, fingerprint.parts, fingerprint.look):
            entry = self._roster.entry(found.number)
            if found.number not in known and entry is not None:
                yield self._derived_match(entry, found)

    def _is_allowed(self, fingerprint: Fingerprint) -> bool:
        if not self._comparable(fingerprint.pdq):
            return False
        return bool(_closest(self._allowed_codes, fingerprint, self._thresholds.near_distance))

    def _derived_match(self, entry: Entry, found: "Derived") -> Match:
        from tutela.matching.derived import explained

        why = f"Made from the protected picture: {explained(found.derivation)}."
        confidence = self._thresholds.derived(found.score)
        return Match(
            entry.case, entry.protection, Tier.DERIVED, None, None, confidence, why, derivation=found.derivation
        )

    def _set_parts(self, number: int, fingerprint: Fingerprint, parts: CodedParts | None) -> None:
        self._drop_parts(number)
        if parts is None or not len(parts) or self._parts_key is None:
            return
        if self._derived is None:
            from tutela.matching.derived import DerivedMatcher  # it loads a compiler, which few commands need

            self._derived = DerivedMatcher(self._parts_key(), self._thresholds)
        self._derived.add(number, parts, self._owner(number, fingerprint, self._derived))

    def _drop_parts(self, number: int) -> None:
        if self._derived is not None and number in self._derived:
            self._derived.remove(number)

    def _owner(self, number: int, fingerprint: Fingerprint, derived: "DerivedMatcher") -> int:
        """Who counts once in what recurs: a case, or all the cases that protect copies of one picture."""
        if self._comparable(fingerprint.pdq):
            for copy in _closest(self._codes, fingerprint, self._thresholds.near_distance):
                if copy in derived:
                    return derived.owner(copy)
        entry = self._roster.entry(number)
        return -1 - number if entry is None else hash(entry.case)

    def _nearest(self, fingerprint: Fingerprint) -> dict[int, tuple[int, int]]:
        """Protection number → (distance, orientation of the media) of its closest orientation, allowlist applied."""
        if not self._comparable(fingerprint.pdq):
            return {}
        closest = _closest(self._codes, fingerprint, self._thresholds.near_distance)
        allowed = _closest(self._allowed_codes, fingerprint, self._thresholds.near_distance) if closest else {}
        limit = min((distance for distance, _ in allowed.values()), default=257)
        return {number: found for number, found in closest.items() if found[0] < limit}

    def _exact(self, entry: Entry) -> Match:
        return Match(entry.case, entry.protection, Tier.EXACT, None, None, 1.0, "The same file, byte for byte.")

    def _near(self, entry: Entry, distance: int, orientation: int) -> Match:
        laid = ORIENTATIONS[orientation]
        transform = _UNDONE_BY.get(laid, laid)
        how = "" if transform == "as-is" else f", {transform.replace('-', ' by ')}" + ("°" if "-" in transform else "")
        why = f"The same picture{how}; its bytes differ."
        confidence = self._thresholds.confidence(distance)
        return Match(entry.case, entry.protection, Tier.NEAR, transform, distance, confidence, why)

    def _comparable(self, pdq: Pdq | None) -> bool:
        return pdq is not None and pdq.quality >= self._thresholds.near_quality

    def _new_number(self) -> int:
        self._next += 1
        return self._next


def _closest(index: HammingIndex, fingerprint: Fingerprint, distance: int) -> dict[int, tuple[int, int]]:
    limits, ids, distances = index.search(_all_codes(fingerprint), distance)
    if not len(ids):
        return {}
    closest: dict[int, tuple[int, int]] = {}
    for orientation in range(len(limits) - 1):
        span = slice(limits[orientation], limits[orientation + 1])
        for number, far in zip(ids[span].tolist(), distances[span].tolist(), strict=True):
            closest[number] = min(closest.get(number, (257, 0)), (far, orientation))
    return closest


def _all_codes(fingerprint: Fingerprint) -> NDArray[np.uint8]:
    """All orientations that the fingerprint holds: (1, 32) or (8, 32)."""
    codes = fingerprint.pdq.codes if fingerprint.pdq else b""
    return np.frombuffer(codes, dtype=np.uint8).reshape(-1, CODE_BYTES)


def _code(fingerprint: Fingerprint) -> NDArray[np.uint8]:
    return _all_codes(fingerprint)[:1]


def _named(part: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{part}/{name}": array for name, array in arrays.items()}


def _under(part: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays that `_named` named."""
    return {name.removeprefix(f"{part}/"): array for name, array in arrays.items() if name.startswith(f"{part}/")}


def _kept(arrays: Mapping[str, NDArray[Any]], numbers: NDArray[np.int64]) -> HammingIndex:
    """The index without codes that came after the numbers were taken."""
    index, ids = HammingIndex.from_arrays(arrays), arrays["ids"]
    if len(unknown := ids[~np.isin(ids, numbers)]):
        index.remove(unknown)
    return index
