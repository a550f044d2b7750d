"""A second look: what a media shows at the places where a protected picture foretells something.

In a picture that was made smaller and compressed, most parts are not found again as key points, since others stand out
there. What is in their places can be described all the same, as long as the media is at hand. Beside what looks
alike, it says how exactly: a copy is most alike right at the place, two photographs of one floor somewhere around it.

Of a part there is a code, the signs of 128 numbers. Of what is seen there are the numbers themselves, and a number near
nought says little of its sign: so it is the numbers that are compared with the code (Gordo, Perronnin, Gong and
Lazebnik: Asymmetric distances for binary embeddings, PAMI 2014).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutela.index.parts import PartsIndex, View
from tutela.index.rotation import Rotation, signs
from tutela.matching import geometry
from tutela.matching.laid import Flags, Floats, Laid, kept_as, moved, sides_of
from tutela.matching.thresholds import SecondLook
from tutela.model import Look
from tutela.model.parts import DESCRIPTION_BYTES, LOOKED_AT, POINT_BYTES

LOOKS = 6
"""Protected pictures that one media is looked at again for."""

ALIKE = 40
"""Bits below which a key point in the place of a part is what was foretold: a chance of one in a thousand elsewhere."""

LIKE = 0.6
"""How like a part what is seen must be (`likeness`) to be what was foretold: a chance of one in 20,000 elsewhere."""

_AROUND, _RARE = 25.0, 0.2
"""Parts go by the points found around them, within some 25 pixels; by so much they are taken to be rare beforehand."""

_LIKELY_OFF, _PRIOR = 0.6, 3.0
"""How far off things are beforehand, in the weight of three parts."""

_FLAT = 0.04
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

    def view_of(self, rows: Rows) -> View:
        """Some of its parts, as they are kept: what others have as well is seen better there than in a poor copy."""
        return kept_as(self.codes[rows].view(np.uint8), self.parts[rows], sides_of(*self.size))


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """That a media was made from a protected picture by some similarity, and how much speaks for it.

    Of the picture's parts `again` says which reappear; `alike`, which points of `laid` they are very like, −1 for none;
    `rarity`, how rare what was found in their places is, from 0 to 1 (any number where nothing was); `reasons`, what
    the second look weighs (`SecondLook.score`), once it was taken.
    """

    picture: Picture
    laid: Laid
    similarity: Floats
    score: float
    again: Flags
    alike: Rows
    rarity: Floats
    reasons: tuple[float, ...] = ()

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
    and how like the parts it is."""

    rows: Rows
    places: Floats
    codes: NDArray[np.uint8]
    like: Floats


def looked_again(
    some: Sequence[Hypothesis],
    shared: Sequence[Flags],
    look: Look,
    rotation: Rotation,
    index: PartsIndex,
    weights: SecondLook,
) -> list[Hypothesis]:
    """Hypotheses as the second look leaves them, with other scores. None where the media is not at hand any more.

    `shared` says of each which of its parts other people's pictures show in the same places of the media.
    """
    close = _close(some, look, rotation)
    if close is None:
        return []
    around = [_beside(each, there.places) for each, there in zip(some, close, strict=True)]
    beside = _seen(some, around, look, rotation)
    if beside is None:
        return []
    seen = [one.laid.view_of(each.codes, each.places) for one, each in zip(some, close, strict=True)]
    kept = [one.picture.view_of(each.rows) for one, each in zip(some, close, strict=True)]
    recurring = index.recurring(seen + kept)
    known = [a | b for a, b in zip(recurring[: len(seen)], recurring[len(seen) :], strict=True)]
    return [
        _judged(each, there, _off(each, there, numbers), common | others[there.rows], weights)
        for each, there, numbers, common, others in zip(some, close, beside, known, shared, strict=True)
    ]


def likeness(numbers: Floats, codes: Codes) -> Floats:
    """How like codes (n, 2) what is seen is, row by row, by its numbers (n, 128; `Rotation.turned`): from −1 to 1.

    It is the mean of the numbers, those with the other sign counted against it, in shares of their root mean square:
    0 where nothing is alike, 0.8 about where all signs are the same.
    """
    positive = np.unpackbits(codes.view(np.uint8), axis=1)
    size = np.sqrt(np.square(numbers).mean(axis=1))
    return np.asarray(np.where(positive, numbers, -numbers).mean(axis=1) / np.maximum(size, 1.0))


def _close(some: Sequence[Hypothesis], look: Look, rotation: Rotation) -> list[_Close] | None:
    """What the media shows of each hypothesis; None where it is not at hand any more."""
    foretold = [each.foretold() for each in some]
    shown = [np.flatnonzero(each.laid.shows(places[:, :2])) for each, places in zip(some, foretold, strict=True)]
    seen = _seen(some, [places[rows] for places, rows in zip(foretold, shown, strict=True)], look, rotation)
    if seen is None:
        return None
    found = []
    for each, places, rows, numbers in zip(some, foretold, shown, seen, strict=True):
        like = likeness(numbers, each.picture.codes[rows])
        alike = like > LIKE
        found.append(_Close(rows[alike], places[rows[alike]], signs(numbers[alike]), like[alike]))
    return found


def _seen(some: Sequence[Hypothesis], asked: Sequence[Floats], look: Look, rotation: Rotation) -> list[Floats] | None:
    """`Rotation.turned` of what the media shows at some points for each hypothesis."""
    points = b"".join(each.laid.in_media(where) for each, where in zip(some, asked, strict=True))
    step = LOOKED_AT * POINT_BYTES
    looked = [look(points[start : start + step]) for start in range(0, len(points), step)]
    described = b"".join(parts.descriptions for parts in looked if parts is not None)
    ends = np.cumsum([len(where) for where in asked])
    if len(described) != ends[-1] * DESCRIPTION_BYTES:
        return None
    rows = np.split(np.frombuffer(described, np.int8).reshape(-1, DESCRIPTION_BYTES), ends[:-1])
    return [each.laid.turned(mine, rotation) for each, mine in zip(some, rows, strict=True)]


def _beside(hypothesis: Hypothesis, places: Floats) -> Floats:
    """Points to the left, to the right, above and below of some: (4 n, 4).

    As far off as the media tells: in a smaller copy what is in a place is narrower than the part.
    """
    step = geometry.exactness(places[:, 2] / max(1.0, hypothesis.scale), hypothesis.scale)
    steps = _BESIDE[:, None, :] * step[None, :, None]
    return np.concatenate([np.column_stack([places[:, :2] + each, places[:, 2:]]) for each in steps])


def _off(hypothesis: Hypothesis, close: _Close, beside: Floats) -> Floats:
    """How far from its place each part is most alike, from 0 to 1: where a parabola through its likeness is highest."""
    codes = np.tile(hypothesis.picture.codes[close.rows], (len(_BESIDE), 1))
    around = likeness(beside, codes).reshape(len(_BESIDE), -1)
    offs = [
        np.clip((after - before) / 2 / np.maximum(2 * close.like - before - after, _FLAT), -1, 1)
        for before, after in (around[:2], around[2:])
    ]
    return np.asarray(np.minimum(np.hypot(*offs), 1.0))


def _judged(hypothesis: Hypothesis, close: _Close, off: Floats, common: Flags, weights: SecondLook) -> Hypothesis:
    """The hypothesis by what was seen again of it."""
    rows = close.rows
    rarity = _rarity_around(hypothesis, rows) * (1 - _share_around(hypothesis.picture.parts[rows, :2], common))
    says = np.where(common, 0.0, rarity**2)
    speaking = np.zeros(len(hypothesis.picture.parts))
    speaking[rows] = says
    whole = float(says.sum())
    reasons = (
        hypothesis.score,
        float(np.log1p(whole * geometry.breadth(hypothesis.picture.parts, speaking))),
        1 - (float(rarity.mean()) if len(rows) else 1.0),
        (float((says * off).sum()) + _PRIOR * _LIKELY_OFF) / (whole + _PRIOR),
        geometry.tilt(hypothesis.similarity),
    )
    again = hypothesis.again.copy()
    again[rows] = True
    return replace(hypothesis, score=weights.score(reasons), again=again, reasons=reasons)


def _rarity_around(hypothesis: Hypothesis, rows: Rows) -> Floats:
    """How rare what was found around parts is, from 0 to 1: 1 where nothing was found."""
    found = np.flatnonzero(hypothesis.again)
    places = hypothesis.picture.parts[:, :2]
    weight = _nearness(places[rows], places[found])
    return np.asarray((weight @ hypothesis.rarity[found] + _RARE) / (weight.sum(axis=1) + _RARE))


def _share_around(places: Floats, common: Flags) -> Floats:
    """How much of what lies around each place is common, from 0 to 1."""
    weight = _nearness(places, places)
    return np.asarray(weight @ common / np.maximum(weight.sum(axis=1), 1.0))


def _nearness(places: Floats, others: Floats) -> Floats:
    """How much what lies at other places says of some: (n, m), 1 at the place itself."""
    away = ((places[:, None] - others[None]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-away / (2 * _AROUND**2)))
