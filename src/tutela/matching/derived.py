"""The derived tier: pictures made from a protected one, found by their parts and explained by geometry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tutela.index.parts import PartsIndex
from tutela.index.rotation import Rotation
from tutela.matching import geometry
from tutela.matching.coding import descriptors_of
from tutela.matching.regions import regions_of
from tutela.matching.thresholds import THRESHOLDS, Thresholds
from tutela.model import Box, CodedParts, Derivation, Parts, Similarity, View

SIZES = (2.0, 1.0, 1 / 1.5)
"""Working pixels for each pixel in which a view was seen, by `View.size`."""

CANDIDATES = np.array([12, 3, 3, 3, 3, 3, 3, 3])
"""Pictures that geometry looks at, by orientation of the media."""

_GRID = 8
_MIRRORED = (4, 5, 6, 7)
_QUARTERS = (0, 1, 2, 3, 0, 2, 1, 3)
"""How many quarter turns make each of `ORIENTATIONS`, after mirroring for the last four."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Derived:
    """One protected picture that was found again: its number, how sure that is, and what was done to it."""

    number: int
    score: float
    derivation: Derivation


@dataclass(frozen=True)
class _Kept:
    """What geometry needs of a protected picture beside its codes."""

    width: int
    height: int
    coarse: int
    units: Floats

    @cached_property
    def places(self) -> Floats:
        return np.asarray(self.units * working(self.width, self.height))

    @cached_property
    def sizes(self) -> Floats:
        sizes = np.ones(len(self.units))
        sizes[len(sizes) - self.coarse :] = SIZES[0]
        return sizes

    @cached_property
    def regions(self) -> NDArray[np.int64]:
        cells = np.minimum((self.units * _GRID).astype(np.int64), _GRID - 1)
        return np.asarray(cells[:, 1] * _GRID + cells[:, 0])


@dataclass(frozen=True, slots=True)
class _Laid:
    """The points of a media in one orientation, from left to right, in working pixels of the media laid so."""

    orientation: int
    width: float
    height: float
    places: Floats
    sizes: Floats
    codes: NDArray[np.uint8]


class DerivedMatcher:
    """Protected pictures by number, with their parts. Pure; as safe for threads as `PartsIndex`."""

    def __init__(self, key: bytes, thresholds: Thresholds = THRESHOLDS) -> None:
        """`key` is that of the bank's rotation, 32 bytes."""
        self._rotation = Rotation(key)
        self._index = PartsIndex(self._rotation)
        self._kept: dict[int, _Kept] = {}
        self._thresholds = thresholds
        self._weights = np.array(thresholds.derived_weights, np.float64)

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def add(self, number: int, parts: CodedParts) -> None:
        """Adds a protected picture. Raises ValueError for a number that is there."""
        codes = np.frombuffer(parts.codes, np.uint8).reshape(-1, 32)
        self._kept[number] = _Kept(parts.width, parts.height, parts.coarse, _units(parts.places))
        self._index.add(number, codes)

    def remove(self, number: int) -> None:
        """Forgets a protected picture. Raises KeyError for a number that is not there."""
        self._index.remove(number)
        del self._kept[number]

    def match(self, width: int, height: int, parts: Parts) -> list[Derived]:
        """Every protected picture that this one was made from, surest first. `width` and `height` are its own."""
        if not self._kept:
            return []
        laid = list(_laid(width, height, parts.views, self._rotation))
        groups = np.repeat([each.orientation for each in laid], [len(each.codes) for each in laid])
        found = self._index.search(np.concatenate([each.codes for each in laid]), groups, CANDIDATES)
        ends = np.cumsum([len(each.codes) for each in laid])
        recurs = dict(zip((each.orientation for each in laid), np.split(found.recurs, ends[:-1]), strict=True))
        by_orientation = {each.orientation: each for each in laid}
        best: dict[int, Derived] = {}
        for number, group in zip(found.numbers.tolist(), found.groups.tolist(), strict=True):
            seen = by_orientation[group]
            derived = self._verified(number, seen, recurs[group], (width, height))
            if derived is not None and (number not in best or best[number].score < derived.score):
                best[number] = derived
        return sorted(best.values(), key=lambda each: (-each.score, each.number))

    def _verified(self, number: int, seen: _Laid, recurs: NDArray[np.int32], size: tuple[int, int]) -> Derived | None:
        kept = self._kept.get(number)
        if kept is None:
            return None  # removed meanwhile
        codes = self._index.codes(number)
        rarity = 1 / np.maximum(1.0, recurs / self._thresholds.derived_recurring)
        score, similarity, found = geometry.verified(
            kept.places, kept.sizes, codes, kept.regions,
            seen.places, seen.sizes, seen.codes.view(np.uint64), rarity, self._weights,
        )  # fmt: skip
        if score < self._thresholds.derived_score:
            return None
        copied, altered = regions_of(kept.units, found > 0, _inside(similarity, kept, seen))
        inliers = int(np.count_nonzero(found > 0))
        return Derived(number, score, Derivation(inliers, _similarity(similarity, kept, seen, size), copied, altered))


def explained(derivation: Derivation) -> str:
    """How a picture was made, for the person who decides: shares of the protected picture in steps of 5 %."""
    copied, altered = (round(20 * sum(map(_area, boxes))) * 5 for boxes in (derivation.copied, derivation.altered))
    what = f"about {copied} % of it reappears" + (f", {altered} % was replaced" if altered else "")
    turn = round(derivation.similarity.rotation)
    how = [word for word, true in (("mirrored", derivation.similarity.mirrored), (f"turned by {turn}°", turn)) if true]
    return ", ".join([what, *how])


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def working(width: int, height: int) -> Floats:
    """A picture's width and height in working pixels."""
    return np.asarray(np.array([width, height]) * np.sqrt(geometry.AREA / (width * height)))


def _laid(width: int, height: int, views: Iterable[View], rotation: Rotation) -> Iterator[_Laid]:
    by_orientation: dict[int, list[View]] = {}
    for view in views:
        by_orientation.setdefault(view.orientation, []).append(view)
    for orientation, some in by_orientation.items():
        sides = working(width, height)[:: -1 if _QUARTERS[orientation] % 2 else 1]
        places = np.concatenate([_units(view.places) for view in some]) * sides
        sizes = np.concatenate([np.full(len(view), SIZES[view.size]) for view in some])
        order = np.argsort(places[:, 0], kind="stable")
        codes = rotation.codes(descriptors_of(some))[order]
        width_, height_ = sides.tolist()
        yield _Laid(orientation, width_, height_, places[order], sizes[order], np.ascontiguousarray(codes))


def _units(places: bytes) -> Floats:
    return np.asarray(np.frombuffer(places, "<u2").reshape(-1, 2) / 65536.0)


def _moved(similarity: Floats, places: Floats) -> Floats:
    a, b, x, y = similarity
    return np.asarray(places @ np.array([[a, b], [-b, a]]) + [x, y])


def _inside(similarity: Floats, kept: _Kept, seen: _Laid) -> NDArray[np.bool_]:
    """Which parts of the protected picture lie inside the media."""
    moved = _moved(similarity, kept.places)
    return np.asarray(((moved >= 0) & (moved < [seen.width, seen.height])).all(axis=1))


def _similarity(similarity: Floats, kept: _Kept, seen: _Laid, size: tuple[int, int]) -> Similarity:
    """In the media as it is, in its own pixels."""
    corners = np.array([[0.5, 0.5], [1.0, 0.5], [0.5, 1.0]]) * working(kept.width, kept.height)
    units = _moved(similarity, corners) / [seen.width, seen.height]
    for _ in range(_QUARTERS[seen.orientation]):
        units = np.stack([1 - units[:, 1], units[:, 0]], axis=1)
    mirrored = seen.orientation in _MIRRORED
    if mirrored:
        units[:, 0] = 1 - units[:, 0]
    across, _ = (units[1:] - units[0]) * size / [[kept.width / 2], [kept.height / 2]]
    if mirrored:
        across = -across
    scale = float(np.hypot(*across))
    rotation = float(np.degrees(np.arctan2(-across[1], across[0])))
    return Similarity(scale, rotation, mirrored, float(units[0, 0]), float(units[0, 1]))
