"""Exact, then near. A protection is reported once, in its surest tier."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.index import HammingIndex
from tutela.matching.thresholds import THRESHOLDS, Thresholds
from tutela.model import CODE_BYTES, ORIENTATIONS, CaseRef, Fingerprint, Match, Pdq, ProtectionId, Tier

_UNDONE_BY = {"rotated-90": "rotated-270", "rotated-270": "rotated-90"}


@dataclass(frozen=True, slots=True)
class Protected:
    """One active protection, as the matcher holds it."""

    case: CaseRef
    protection: ProtectionId
    fingerprint: Fingerprint


class Matcher:
    """All active protections and the allowlist, in memory. Pure: it reads and writes nothing else."""

    def __init__(self, thresholds: Thresholds = THRESHOLDS) -> None:
        self._thresholds = thresholds
        self._entries: dict[int, Protected] = {}
        self._numbers: dict[ProtectionId, int] = {}
        self._by_sha256: dict[bytes, set[int]] = {}
        self._codes = HammingIndex()
        self._allowed: dict[int, bytes] = {}
        self._allowed_sha256: Counter[bytes] = Counter()
        self._allowed_codes = HammingIndex()
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, protected: Protected, *, near: bool = True) -> None:
        """Adds a protection; with `near=False` (quarantine) only its exact tier is active. Again: replaces it."""
        self.remove(protected.protection)
        number = self._new_number()
        self._entries[number] = protected
        self._numbers[protected.protection] = number
        self._by_sha256.setdefault(protected.fingerprint.sha256, set()).add(number)
        if near and self._comparable(protected.fingerprint.pdq):
            self._codes.add([number], _code(protected.fingerprint))

    def remove(self, protection: ProtectionId) -> None:
        """Forgets a protection; an unknown one is no error."""
        number = self._numbers.pop(protection, None)
        if number is None:
            return
        sha256 = self._entries.pop(number).fingerprint.sha256
        self._by_sha256[sha256].discard(number)
        if not self._by_sha256[sha256]:
            del self._by_sha256[sha256]
        if number in self._codes:
            self._codes.remove([number])

    def get(self, protection: ProtectionId) -> Protected | None:
        """The protection under this id, if it is active."""
        number = self._numbers.get(protection)
        return None if number is None else self._entries[number]

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
        if fingerprint.sha256 in self._allowed_sha256:
            return []
        exact = self._by_sha256.get(fingerprint.sha256, set())
        matches = [self._exact(self._entries[number]) for number in sorted(exact)]
        matches += [
            self._near(self._entries[number], orientation, distance)
            for number, (distance, orientation) in self._nearest(fingerprint).items()
            if number not in exact
        ]
        return sorted(matches, key=lambda m: (m.distance or 0, m.protection))

    def _nearest(self, fingerprint: Fingerprint) -> dict[int, tuple[int, int]]:
        """Protection number → (distance, orientation of the media) of its closest orientation, allowlist applied."""
        if not self._comparable(fingerprint.pdq):
            return {}
        closest = _closest(self._codes, fingerprint, self._thresholds.near_distance)
        allowed = _closest(self._allowed_codes, fingerprint, self._thresholds.near_distance) if closest else {}
        limit = min((distance for distance, _ in allowed.values()), default=257)
        return {number: found for number, found in closest.items() if found[0] < limit}

    def _exact(self, entry: Protected) -> Match:
        return Match(entry.case, entry.protection, Tier.EXACT, None, None, 1.0, "The same file, byte for byte.")

    def _near(self, entry: Protected, orientation: int, distance: int) -> Match:
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
    if len(index) == 0:
        return {}
    limits, ids, distances = index.search(_all_codes(fingerprint), distance)
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
