"""Pictures as geometry sees them: points in working pixels (`geometry.AREA`), of a media as it is and mirrored."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.fingerprints.places import packed, unpacked
from tutela.fingerprints.projection import mirrored
from tutela.index.parts import View
from tutela.index.rotation import Rotation
from tutela.matching import geometry
from tutela.matching.coding import descriptions_of
from tutela.model import Parts

VOTING = 800
"""Points of a picture that choose candidates, as it is and mirrored; all of them prove."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SIDE = float(np.sqrt(geometry.AREA))


@dataclass(frozen=True, slots=True)
class Laid:
    """The points of a media as it is or mirrored, from left to right, in working pixels of the media laid so."""

    mirrored: bool
    sides: Floats
    points: Floats
    codes: NDArray[np.uint8]
    voting: NDArray[np.int64]

    def view(self) -> View:
        """What chooses candidates."""
        return self.view_of(self.codes[self.voting], self.points[self.voting])

    def view_of(self, codes: NDArray[np.uint8], points: Floats) -> View:
        """Some points of the media as it is laid, rows of x, y, blur and direction, and their codes."""
        return kept_as(codes, points, self.sides)

    def shows(self, places: Floats) -> Flags:
        """Which places, (n, 2), lie inside."""
        return np.asarray(((places >= 0) & (places < self.sides)).all(axis=1))

    def in_media(self, points: Floats) -> bytes:
        """Points, rows of x, y, blur and direction, as `Parts` has those of the media as it is."""
        units = _units(points, self.sides)
        return packed(_turned_over(units, 1.0) if self.mirrored else units)

    def turned(self, descriptions: NDArray[np.int8], rotation: Rotation) -> Floats:
        """`Rotation.turned` of descriptions of the media as it is, seen as it is laid."""
        return rotation.turned(mirrored(descriptions) if self.mirrored else descriptions)


def both_ways(width: int, height: int, parts: Parts, rotation: Rotation) -> Iterator[Laid]:
    """A media as it is, and mirrored. `width` and `height` are its own."""
    sides, descriptions = sides_of(width, height), descriptions_of(parts)
    points = working(parts.points, width, height)
    for flip in (False, True):
        if flip:
            points, descriptions = _turned_over(points, sides[0]), mirrored(descriptions)
        order = np.argsort(points[:, 0], kind="stable")
        voting = np.flatnonzero(order < VOTING)
        yield Laid(flip, sides, points[order], rotation.codes(descriptions)[order], voting)


def sides_of(width: int, height: int) -> Floats:
    """A picture's width and height in working pixels."""
    return np.asarray(np.array([width, height]) * np.sqrt(geometry.AREA / (width * height)))


def working(points: bytes, width: int, height: int) -> Floats:
    """Rows of x, y, blur and direction, in working pixels and radians."""
    return np.asarray(unpacked(points) * [*sides_of(width, height), _SIDE, 1.0])


def kept_as(codes: NDArray[np.uint8], points: Floats, sides: Floats) -> View:
    """Points of a picture with such sides, rows of x, y, blur and direction, and their codes, as an index has them."""
    return View(codes, packed(_units(points, sides)), sides)


def _units(points: Floats, sides: Floats) -> Floats:
    return np.asarray(points / [*sides, _SIDE, 1.0])


def moved(similarity: Floats, places: Floats) -> Floats:
    """Where a similarity (a, b, x, y) takes places: the first two columns, (n, 2)."""
    a, b, x, y = similarity
    return np.asarray(places[:, :2] @ np.array([[a, b], [-b, a]]) + [x, y])


def _turned_over(points: Floats, width: float) -> Floats:
    """Points of the mirrored picture, which is so wide."""
    return np.column_stack([width - points[:, 0], points[:, 1:3], np.pi - points[:, 3]])
