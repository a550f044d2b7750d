"""A second look: what a media shows at the places where a protected picture foretells something.

In a picture that was made smaller and compressed, most parts are not found again as key points, since others stand out
there. What is in their places can be described all the same, as long as the media is at hand. Beside what looks
alike, it says how exactly: a copy is most alike right at the place, two photographs of one floor somewhere around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutela.index.parts import PartsIndex, View
from tutela.index.rotation import Rotation
from tutela.matching import geometry
from tutela.matching.laid import Flags, Floats, Laid, moved, turns
from tutela.matching.thresholds import SecondLook
from tutela.model import Look
from tutela.model.parts import DESCRIPTION_BYTES, LOOKED_AT, POINT_BYTES

LOOKS = 6
"""Protected pictures that one media is looked at again for."""

ALIKE = 40
"""Bits below which what is seen is what was foretold: a chance of one in a thousand elsewhere."""

_AROUND, _RARE = 25.0, 0.2
"""Parts go by the points found around them, within some 25 pixels; by so much they are taken to be rare beforehand."""

_LIKELY_OFF, _PRIOR = 0.6, 3.0
"""How far off things are beforehand, in the weight of three parts."""

_FLAT = 4.0
_BESIDE = 1.5 * np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
"""Where it is looked at beside each place: one and a half times as far as places are exactly known."""

Codes = NDArray[np.uint64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Picture:
    """A protected picture: its number and owner, width and height, its parts as geometry sees them, their codes."""

    number: int
    owner: int
    size: tuple[int, int]
    parts: Floats
    codes: Codes


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """That a media was made from a protected picture by some similarity, and how much speaks for it.

    Of the picture's parts `again` says which reappear; `alike`, which points of `laid` they are very like, −1 for none;
    `rarity`, how rare what was found in their places is, from 0 to 1 (any number where nothing was).
    """

    picture: Picture
    laid: Laid
    similarity: Floats
    score: float
    again: Flags
    alike: Rows
    rarity: Floats

    @property
    def scale(self) -> float:
        """Working pixels of the media for one of the picture."""
        return float(np.hypot(*self.similarity[:2]))

    def foretold(self) -> Floats:
        """Where in the media, as it is laid, parts should be: x, y, blur, direction."""
        angle = np.arctan2(self.similarity[1], self.similarity[0])
        places = moved(self.similarity, self.picture.parts)
        return np.column_stack([places, self.picture.parts[:, 2] * self.scale, self.picture.parts[:, 3] + angle])


@dataclass(frozen=True, slots=True)
class _Close:
    """What looks as it was foretold: rows of the picture's parts, their places in the media, codes of what is there
    and the bits between that and the parts."""

    rows: Rows
    places: Floats
    codes: NDArray[np.uint8]
    bits: Rows


def looked_again(
    some: Sequence[Hypothesis], look: Look, rotation: Rotation, index: PartsIndex, weights: SecondLook
) -> list[Hypothesis]:
    """Hypotheses as the second look leaves them, with other scores. None where the media is not at hand any more."""
    close = _close(some, look, rotation)
    if close is None:
        return []
    around = [_beside(each, there.places) for each, there in zip(some, close, strict=True)]
    beside = _codes(some, around, look, rotation)
    if beside is None:
        return []
    common = index.search([View(each.codes, turns(each.places[:, 3])) for each in close], 1)
    return [
        _judged(each, there, _off(each, there, codes), recurring, weights)
        for each, there, codes, (_, recurring) in zip(some, close, beside, common, strict=True)
    ]


def _close(some: Sequence[Hypothesis], look: Look, rotation: Rotation) -> list[_Close] | None:
    """What the media shows of each hypothesis; None where it is not at hand any more."""
    foretold = [each.foretold() for each in some]
    shown = [np.flatnonzero(each.laid.shows(places[:, :2])) for each, places in zip(some, foretold, strict=True)]
    seen = _codes(some, [places[rows] for places, rows in zip(foretold, shown, strict=True)], look, rotation)
    if seen is None:
        return None
    found = []
    for each, places, rows, codes in zip(some, foretold, shown, seen, strict=True):
        bits = _apart(codes, each.picture.codes[rows])
        alike = bits < ALIKE
        found.append(_Close(rows[alike], places[rows[alike]], codes[alike], bits[alike]))
    return found


def _codes(
    some: Sequence[Hypothesis], asked: Sequence[Floats], look: Look, rotation: Rotation
) -> list[NDArray[np.uint8]] | None:
    """Codes of what the media shows at some points for each hypothesis."""
    points = b"".join(each.laid.in_media(where) for each, where in zip(some, asked, strict=True))
    step = LOOKED_AT * POINT_BYTES
    looked = [look(points[start : start + step]) for start in range(0, len(points), step)]
    described = b"".join(parts.descriptions for parts in looked if parts is not None)
    ends = np.cumsum([len(where) for where in asked])
    if len(described) != ends[-1] * DESCRIPTION_BYTES:
        return None
    rows = np.split(np.frombuffer(described, np.int8).reshape(-1, DESCRIPTION_BYTES), ends[:-1])
    return [each.laid.codes_of(mine, rotation) for each, mine in zip(some, rows, strict=True)]


def _apart(codes: NDArray[np.uint8], others: Codes) -> Rows:
    """Bits between codes, row by row."""
    return np.asarray(np.bitwise_count(codes.view(np.uint64) ^ others).sum(axis=1, dtype=np.int64))


def _beside(hypothesis: Hypothesis, places: Floats) -> Floats:
    """Points to the left, to the right, above and below of some: (4 n, 4)."""
    step = geometry.exactness(places[:, 2] / hypothesis.scale, hypothesis.scale)
    steps = _BESIDE[:, None, :] * step[None, :, None]
    return np.concatenate([np.column_stack([places[:, :2] + each, places[:, 2:]]) for each in steps])


def _off(hypothesis: Hypothesis, close: _Close, beside: NDArray[np.uint8]) -> Floats:
    """How far from its place each part is most alike, from 0 to 1: where a parabola through the bits is least."""
    codes = np.tile(hypothesis.picture.codes[close.rows], (len(_BESIDE), 1))
    around = _apart(beside, codes).reshape(len(_BESIDE), -1)
    offs = [
        np.clip((before - after) / 2 / np.maximum(before + after - 2 * close.bits, _FLAT), -1, 1)
        for before, after in (around[:2], around[2:])
    ]
    return np.asarray(np.minimum(np.hypot(*offs), 1.0))


def _judged(hypothesis: Hypothesis, close: _Close, off: Floats, common: Flags, weights: SecondLook) -> Hypothesis:
    """The hypothesis by what was seen again of it."""
    rows = close.rows
    rarity = _rarity_around(hypothesis, rows)
    says = np.where(common, 0.0, rarity**2)
    speaking = np.zeros(len(hypothesis.picture.parts))
    speaking[rows] = says * (geometry.UNLIKE - close.bits) ** 2
    whole = float(says.sum())
    score = (
        weights.constant
        + weights.said * hypothesis.score
        + weights.alike * np.log1p(whole * geometry.breadth(hypothesis.picture.parts, speaking))
        - weights.common * (1 - (float(rarity.mean()) if len(rows) else 1.0))
        - weights.off * (float((says * off).sum()) + _PRIOR * _LIKELY_OFF) / (whole + _PRIOR)
        - weights.tilt * geometry.tilt(hypothesis.similarity)
    )
    again = hypothesis.again.copy()
    again[rows] = True
    return replace(hypothesis, score=float(score), again=again)


def _rarity_around(hypothesis: Hypothesis, rows: Rows) -> Floats:
    """How rare what was found around parts is, from 0 to 1: 1 where nothing was found."""
    found = np.flatnonzero(hypothesis.again)
    places = hypothesis.picture.parts[:, :2]
    away = ((places[rows, None] - places[None, found]) ** 2).sum(axis=2)
    weight = np.exp(-away / (2 * _AROUND**2))
    return np.asarray((weight @ hypothesis.rarity[found] + _RARE) / (weight.sum(axis=1) + _RARE))
