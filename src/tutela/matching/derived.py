"""The derived tier: pictures made from a protected one, found by their parts and explained by geometry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.fingerprints.projection import mirrored
from tutela.index.parts import Candidate, PartsIndex, View
from tutela.index.rotation import Rotation
from tutela.matching import geometry
from tutela.matching.coding import descriptions_of, points_of
from tutela.matching.regions import regions_of
from tutela.matching.thresholds import THRESHOLDS, Thresholds
from tutela.model import Box, CodedParts, Derivation, Parts, Similarity

VOTING = 800
"""Points of a picture that choose candidates, as it is and mirrored; all of them prove."""

CANDIDATES = 30
"""Pictures that geometry looks at, for the picture as it is and mirrored."""

Floats = NDArray[np.float64]
Codes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Derived:
    """One protected picture that was found again: its number, how sure that is, and what was done to it."""

    number: int
    score: float
    derivation: Derivation


@dataclass(frozen=True, slots=True)
class _Kept:
    """What geometry needs of a protected picture beside its codes."""

    width: int
    height: int
    points: NDArray[np.uint8]
    owner: int

    def parts(self) -> Floats:
        return _working(self.points, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Laid:
    """The points of a media as it is or mirrored, from left to right, in working pixels of the media laid so."""

    mirrored: bool
    sides: Floats
    points: Floats
    codes: NDArray[np.uint8]
    voting: NDArray[np.int64]

    def turns(self) -> NDArray[np.uint8]:
        """Directions of the voting points, in 256ths of a turn."""
        turns = np.floor(self.points[self.voting, 3] * (128 / np.pi) + 0.5)
        return np.asarray(turns.astype(np.int64) & 255, np.uint8)


class DerivedMatcher:
    """Protected pictures by number, with their parts. Pure; as safe for threads as `PartsIndex`."""

    def __init__(self, key: bytes, thresholds: Thresholds = THRESHOLDS) -> None:
        """`key` is that of the bank's rotation, 32 bytes."""
        self.rotation = Rotation(key)
        self._index = PartsIndex(self.rotation)
        self._kept: dict[int, _Kept] = {}
        self._thresholds = thresholds
        self._weights, self._bending = np.array(thresholds.derived_weights, np.float64), thresholds.derived_bending

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def add(self, number: int, parts: CodedParts, owner: int | None = None) -> None:
        """Adds a protected picture. Raises ValueError for a number that is there.

        Points that pictures of many owners have count for none of them; by default each picture has its own.
        """
        codes, points = np.frombuffer(parts.codes, np.uint8).reshape(-1, 16), points_of(parts.points)
        owner = -1 - number if owner is None else owner
        self._kept[number] = _Kept(parts.width, parts.height, points, owner)
        self._index.add(number, codes, points[:, 5], owner)

    def owner(self, number: int) -> int:
        """Whom a protected picture was added for. Raises KeyError."""
        return self._kept[number].owner

    def remove(self, number: int) -> None:
        """Forgets a protected picture. Raises KeyError for a number that is not there."""
        self._index.remove(number)
        del self._kept[number]

    def match(self, width: int, height: int, parts: Parts) -> list[Derived]:
        """Every protected picture that this one was made from, surest first. `width` and `height` are its own."""
        if not self._kept or not len(parts):
            return []
        best: dict[int, Derived] = {}
        views = list(both_ways(width, height, parts, self.rotation))
        for laid, (candidates, rarity) in zip(views, self.candidates(views), strict=True):
            for candidate in candidates:
                derived = self._verified(candidate, laid, rarity, (width, height))
                if derived is not None and (
                    candidate.number not in best or best[candidate.number].score < derived.score
                ):
                    best[candidate.number] = derived
        return sorted(best.values(), key=lambda each: (-each.score, each.number))

    def candidates(self, views: Sequence[Laid]) -> list[tuple[list[Candidate], Floats]]:
        """For each view of a media the pictures that geometry has to look at, and what each of its points weighs."""
        found = self._index.search([View(laid.codes[laid.voting], laid.turns()) for laid in views], CANDIDATES)
        return [
            (candidates, geometry.rarities(laid.points, laid.voting, common))
            for laid, (candidates, common) in zip(views, found, strict=True)
        ]

    def parts(self, number: int) -> Floats:
        """A protected picture's parts as geometry sees them. Raises KeyError."""
        return self._kept[number].parts()

    def judged(
        self, candidate: Candidate, laid: Laid, rarity: Floats
    ) -> tuple[float, Floats, NDArray[np.int64], NDArray[np.int64], Floats]:
        """What `geometry.verified` says of a candidate. Raises KeyError where it was removed meanwhile."""
        parts, codes = self.parts(candidate.number), self._index.codes(candidate.number)
        seeds = np.argsort(candidate.bits, kind="stable")[: geometry.SEEDS]
        points = laid.voting[candidate.points[seeds]]
        alike = rarity[points] * (geometry.UNLIKE - candidate.bits[seeds]) ** 2
        proposals = geometry.proposed(parts[candidate.parts[seeds]], laid.points[points], alike)
        return geometry.verified(
            parts, codes, laid.points, laid.codes.view(np.uint64), rarity, proposals, self._weights, self._bending
        )

    def _verified(self, candidate: Candidate, laid: Laid, rarity: Floats, size: tuple[int, int]) -> Derived | None:
        try:
            kept = self._kept[candidate.number]
            score, similarity, rows, _, _ = self.judged(candidate, laid, rarity)
        except KeyError:
            return None  # removed meanwhile
        if score < self._thresholds.derived_score:
            return None
        moved = _moved(similarity, kept.parts())
        inside = np.asarray(((moved >= 0) & (moved < laid.sides)).all(axis=1))
        copied, altered = regions_of(_units(kept.points), rows >= 0, inside)
        where = _similarity(similarity, kept, laid, size)
        return Derived(candidate.number, score, Derivation(int((rows >= 0).sum()), where, copied, altered))


def explained(derivation: Derivation) -> str:
    """How a picture was made, for the person who decides: shares of the protected picture in steps of 5 %."""
    copied, altered = (round(20 * sum(map(_area, boxes))) * 5 for boxes in (derivation.copied, derivation.altered))
    what = f"about {copied} % of it reappears" + (f", {altered} % was replaced" if altered else "")
    turn = round(derivation.similarity.rotation)
    how = [word for word, true in (("mirrored", derivation.similarity.mirrored), (f"turned by {turn}°", turn)) if true]
    return ", ".join([what, *how])


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _sides(width: int, height: int) -> Floats:
    """A picture's width and height in working pixels."""
    return np.asarray(np.array([width, height]) * np.sqrt(geometry.AREA / (width * height)))


def _units(points: NDArray[np.uint8]) -> Floats:
    return np.asarray((np.ascontiguousarray(points[:, :4]).view("<u2") + 0.5) / 65536.0)


def _working(points: NDArray[np.uint8], width: int, height: int) -> Floats:
    """Rows of x, y, blur and direction, in working pixels and radians."""
    places = _units(points) * _sides(width, height)
    blurs = np.exp2(points[:, 4] / 16.0) * (np.sqrt(geometry.AREA) / 1024)
    return np.column_stack([places, blurs, points[:, 5] * (np.pi / 128)])


def both_ways(width: int, height: int, parts: Parts, rotation: Rotation) -> Iterator[Laid]:
    """A media as it is, and mirrored. `width` and `height` are its own."""
    sides, descriptions = _sides(width, height), descriptions_of(parts)
    points = _working(points_of(parts.points), width, height)
    for flip in (False, True):
        if flip:
            points = np.column_stack([sides[0] - points[:, 0], points[:, 1:3], np.pi - points[:, 3]])
            descriptions = mirrored(descriptions)
        order = np.argsort(points[:, 0], kind="stable")
        voting = np.flatnonzero(order < VOTING)
        yield Laid(flip, sides, points[order], rotation.codes(descriptions)[order], voting)


def _moved(similarity: Floats, places: Floats) -> Floats:
    a, b, x, y = similarity
    return np.asarray(places[:, :2] @ np.array([[a, b], [-b, a]]) + [x, y])


def _similarity(similarity: Floats, kept: _Kept, laid: Laid, size: tuple[int, int]) -> Similarity:
    """In the media as it is, in its own pixels."""
    corners = np.array([[0.5, 0.5], [1.0, 0.5]]) * _sides(kept.width, kept.height)
    units = _moved(similarity, corners) / laid.sides
    if laid.mirrored:
        units[:, 0] = 1 - units[:, 0]
    across = (units[1] - units[0]) * size / (kept.width / 2)
    if laid.mirrored:
        across = -across
    scale, rotation = float(np.hypot(*across)), float(np.degrees(np.arctan2(-across[1], across[0])))
    return Similarity(scale, rotation, laid.mirrored, float(units[0, 0]), float(units[0, 1]))
