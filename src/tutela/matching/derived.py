"""The derived tier: pictures made from a protected one, found by their parts and explained by geometry."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.index.parts import Candidate, PartsIndex, View
from tutela.index.rotation import Rotation
from tutela.matching import geometry
from tutela.matching.again import ALIKE, LOOKS, Hypothesis, Picture, looked_again
from tutela.matching.laid import Floats, Laid, both_ways, moved, sides_of, working
from tutela.matching.regions import regions_of
from tutela.matching.sections import photographs, shared
from tutela.matching.thresholds import THRESHOLDS, Thresholds
from tutela.model import Box, CodedParts, Derivation, Look, Parts, Similarity

CANDIDATES = 30
"""Pictures that geometry looks at, for the picture as it is and mirrored."""


@dataclass(frozen=True, slots=True)
class Derived:
    """One protected picture that was found again: its number, how sure that is, and what was done to it."""

    number: int
    score: float
    derivation: Derivation


@dataclass(frozen=True, slots=True)
class _Kept:
    """What geometry needs of a protected picture beside its parts."""

    width: int
    height: int
    owner: int


class DerivedMatcher:
    """Protected pictures by number, with their parts. Pure; as safe for threads as `PartsIndex`."""

    def __init__(self, key: bytes, thresholds: Thresholds = THRESHOLDS) -> None:
        """`key` is that of the bank's rotation, 32 bytes."""
        self.rotation = Rotation(key)
        self._index = PartsIndex(self.rotation)
        self._kept: dict[int, _Kept] = {}
        self._thresholds = thresholds
        self._weights = np.array(thresholds.derived_weights, np.float64)
        self._costs = thresholds.derived_bending, thresholds.derived_tilt

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def add(self, number: int, parts: CodedParts, owner: int | None = None) -> None:
        """Adds a protected picture. Raises ValueError for a number that is there.

        Points that pictures of many owners have count for none of them; by default each picture has its own.
        """
        owner = -1 - number if owner is None else owner
        codes = np.frombuffer(parts.codes, np.uint8).reshape(-1, 16)
        self._index.add(number, View(codes, parts.points, sides_of(parts.width, parts.height)), owner)
        self._kept[number] = _Kept(parts.width, parts.height, owner)

    def owner(self, number: int) -> int:
        """Whom a protected picture was added for. Raises KeyError."""
        return self._kept[number].owner

    def remove(self, number: int) -> None:
        """Forgets a protected picture. Raises KeyError for a number that is not there."""
        self._index.remove(number)
        del self._kept[number]

    def match(self, width: int, height: int, parts: Parts, look: Look | None = None) -> list[Derived]:
        """Every protected picture that this one was made from, surest first. `width` and `height` are its own.

        What the parts leave in doubt, `look` decides where there is one: a second look at the media.
        """
        size, least = (width, height), self._thresholds.derived_score
        return [self.derived(each, size) for each in self.weighed(*size, parts, look) if each.score >= least]

    def weighed(self, width: int, height: int, parts: Parts, look: Look | None = None) -> list[Hypothesis]:
        """Every protected picture that anything speaks for, surest first, however little; `look` as in `match`."""
        if not self._kept or not len(parts):
            return []
        best: dict[int, Hypothesis] = {}
        for each in self._hypotheses(list(both_ways(width, height, parts, self.rotation))):
            if each.picture.number not in best or best[each.picture.number].score < each.score:
                best[each.picture.number] = each
        ranked = sorted(best.values(), key=_surest_first)
        weights, sure = self._thresholds.derived_again, self._thresholds.derived_score
        doubtful = [each for each in ranked if weights.start <= each.score < sure][:LOOKS]
        if look is None or not doubtful:
            return ranked
        likely = [each for each in ranked if each.score >= weights.start][: 2 * LOOKS]
        common = shared(doubtful, likely)
        looked = {
            each.picture.number: each
            for each in looked_again(doubtful, common, look, self.rotation, self._index, weights)
        }
        return sorted((looked.get(each.picture.number, each) for each in ranked), key=_surest_first)

    def candidates(self, views: Sequence[Laid]) -> list[tuple[list[Candidate], Floats]]:
        """For each view of a media the pictures that geometry has to look at, and what each of its points weighs."""
        found = self._index.search([laid.view() for laid in views], CANDIDATES)
        return [
            (candidates, geometry.rarities(laid.points, laid.voting, common))
            for laid, (candidates, common) in zip(views, found, strict=True)
        ]

    def picture(self, number: int) -> Picture:
        """A protected picture as geometry sees it. Raises KeyError for a number that is not there."""
        kept, (codes, points) = self._kept[number], self._index.parts(number)
        parts = working(points, kept.width, kept.height)
        return Picture(number, kept.owner, (kept.width, kept.height), parts, codes)

    def judged(
        self, picture: Picture, candidate: Candidate, laid: Laid, rarity: Floats
    ) -> tuple[float, Floats, NDArray[np.int64], NDArray[np.int64], Floats]:
        """What `geometry.verified` says of a candidate, which is that `picture`."""
        parts, codes = picture.parts, picture.codes
        seeds = np.argsort(candidate.bits, kind="stable")[: geometry.SEEDS]
        points = laid.voting[candidate.points[seeds]]
        alike = rarity[points] * (geometry.UNLIKE - candidate.bits[seeds]) ** 2
        proposals = geometry.proposed(parts[candidate.parts[seeds]], laid.points[points], alike)
        return geometry.verified(
            parts, codes, laid.points, laid.codes.view(np.uint64), rarity, proposals, self._weights, *self._costs
        )

    def _hypotheses(self, views: Sequence[Laid]) -> Iterator[Hypothesis]:
        """All that something speaks for, by what does not recur."""
        for laid, (candidates, rarity) in zip(views, self.candidates(views), strict=True):
            found = list(self._supported(candidates, laid, rarity))
            specific = self._specific(found, laid, rarity)
            if specific is not None:
                numbers = {each.picture.number for each in found}
                found = list(self._supported([each for each in candidates if each.number in numbers], laid, specific))
            yield from found

    def _supported(self, candidates: Iterable[Candidate], laid: Laid, rarity: Floats) -> Iterator[Hypothesis]:
        """The candidates that something speaks for."""
        for candidate in candidates:
            with suppress(KeyError):  # removed meanwhile
                picture = self.picture(candidate.number)
                score, similarity, rows, bits, _ = self.judged(picture, candidate, laid, rarity)
                if score > 0:
                    alike = np.where(bits < ALIKE, rows, -1)
                    yield Hypothesis(picture, laid, similarity, score, rows >= 0, alike, rarity[rows])

    def _specific(self, found: Sequence[Hypothesis], laid: Laid, rarity: Floats) -> Floats | None:
        """What points weigh without those found in the places of several owners' pictures; None where none was.

        In a poor copy of a frame, points are not near enough to those of other frames to be known as common beforehand.
        """
        likely = [each for each in found if each.score >= self._thresholds.derived_again.start]
        if len({each.picture.owner for each in likely}) < 2:
            return None
        places = [each.alike[each.alike >= 0] for each in likely]
        owners = np.repeat(photographs(likely), list(map(len, places)))
        pairs = np.unique(np.column_stack([np.concatenate(places), owners]), axis=0)
        points, counts = np.unique(pairs[:, 0], return_counts=True)
        common = counts > 1
        if not common.any():
            return None
        return np.minimum(rarity, geometry.rarities(laid.points, points, common))

    def derived(self, found: Hypothesis, size: tuple[int, int]) -> Derived:
        """What a person is told of it; `size` is the width and height of the media."""
        shown = found.laid.shows(moved(found.similarity, found.picture.parts))
        copied, altered = regions_of(found.picture.parts[:, :2] / sides_of(*found.picture.size), found.again, shown)
        where = _similarity(found, size)
        return Derived(found.picture.number, found.score, Derivation(int(found.again.sum()), where, copied, altered))


def _surest_first(hypothesis: Hypothesis) -> tuple[float, int]:
    return -hypothesis.score, hypothesis.picture.number


def explained(derivation: Derivation) -> str:
    """How a picture was made, for the person who decides: shares of the protected picture in steps of 5 %."""
    copied, altered = (round(20 * sum(map(_area, boxes))) * 5 for boxes in (derivation.copied, derivation.altered))
    what = f"about {copied} % of it reappears" + (f", {altered} % was replaced" if altered else "")
    turn = round(derivation.similarity.rotation)
    how = [word for word, true in (("mirrored", derivation.similarity.mirrored), (f"turned by {turn}°", turn)) if true]
    return ", ".join([what, *how])


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _similarity(found: Hypothesis, size: tuple[int, int]) -> Similarity:
    """In the media as it is, in its own pixels."""
    laid, corners = found.laid, np.array([[0.5, 0.5], [1.0, 0.5]]) * sides_of(*found.picture.size)
    units = moved(found.similarity, corners) / laid.sides
    if laid.mirrored:
        units[:, 0] = 1 - units[:, 0]
    across = (units[1] - units[0]) * size / (found.picture.size[0] / 2)
    if laid.mirrored:
        across = -across
    scale, rotation = float(np.hypot(*across)), float(np.degrees(np.arctan2(-across[1], across[0])))
    return Similarity(scale, rotation, laid.mirrored, float(units[0, 0]), float(units[0, 1]))
