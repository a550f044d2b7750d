"""What two protected pictures that a media may be made from have in common: a mark, a floor, or one photograph.

What different people's pictures share speaks for neither, unless they are sections of one photograph, as two people may
protect of it what shows them.
"""

from collections.abc import Sequence
from functools import cache
from itertools import combinations

import numpy as np

from tutela.matching.again import ALIKE, LOOKS, Hypothesis
from tutela.matching.laid import Flags, Floats, moved

SECTION = 0.5
"""Two pictures are of one photograph if of what one shows of the other so much is in its place there. Sections that
overlap reach 0.59 to 0.80, pictures in one screen 0.37 at the most, with one mark 0.34."""

_NEAR = 12.0
"""How far off what is in its place may be, in working pixels: similarities were found in a copy, maybe a poor one."""

_FEW = 5


def photographs(some: Sequence[Hypothesis]) -> list[int]:
    """For each hypothesis the owner of its picture, or one owner for all whose pictures are of one photograph.

    Of more than `LOOKS` owners none are compared: so many share a screen.
    """
    whose = [each.picture.owner for each in some]
    if len(set(whose)) > LOOKS:
        return whose
    for one, other in combinations(range(len(some)), 2):
        if whose[one] == whose[other]:
            continue
        if _are_sections(_shown(some[one], some[other]), _shown(some[other], some[one])):
            old, new = whose[other], whose[one]
            whose = [new if owner == old else owner for owner in whose]
    return whose


def shared(some: Sequence[Hypothesis], others: Sequence[Hypothesis]) -> list[Flags]:
    """For each of some which parts of its picture those of other owners show as well, where the media shows them.

    Sections of one photograph are the owner's own.
    """
    numbered = {each.picture.number: each for each in (*some, *others)}
    shown = cache(lambda one, other: _shown(numbered[one], numbered[other]))  # of two in doubt each asks for both ways
    found = []
    for one in some:
        parts = np.zeros(len(one.picture.parts), np.bool_)
        for other in others:
            if other.picture.owner == one.picture.owner or other.laid.mirrored != one.laid.mirrored:
                continue
            pair = one.picture.number, other.picture.number
            if not _are_sections(shown(*pair), shown(*reversed(pair))):
                parts |= shown(*pair)[1]
        found.append(parts)
    return found


def _are_sections(there: tuple[Flags, Flags], back: tuple[Flags, Flags]) -> bool:
    """Whether so much of either picture is in its place in the other, by what `_shown` says both ways."""
    return max(_share(*there), _share(*back)) >= SECTION


def _share(inside: Flags, there: Flags) -> float:
    """How much of what one picture has inside another is in its place there; 0 where that is next to nothing."""
    count = int(inside.sum())
    return int(there.sum()) / count if count >= _FEW else 0.0


def _shown(one: Hypothesis, other: Hypothesis) -> tuple[Flags, Flags]:
    """Which parts of one picture lie inside the other, and which of these are in their place there."""
    places, there = _moved_back(other.similarity, moved(one.similarity, one.picture.parts)), other.picture.parts[:, :2]
    inside = ((places >= there.min(axis=0)) & (places <= there.max(axis=0))).all(axis=1)
    away = np.square(places[:, 0, None] - there[None, :, 0]) + np.square(places[:, 1, None] - there[None, :, 1])
    rows, columns = np.nonzero(inside[:, None] & (away < _NEAR**2))
    bits = np.bitwise_count(one.picture.codes[rows] ^ other.picture.codes[columns]).sum(axis=1)
    found = np.zeros(len(places), np.bool_)
    found[rows[bits < ALIKE]] = True
    return inside, found


def _moved_back(similarity: Floats, places: Floats) -> Floats:
    """Where a similarity (a, b, x, y) takes places from: (n, 2)."""
    a, b, x, y = similarity
    return np.asarray((places - [x, y]) @ np.array([[a, -b], [b, a]]) / (a * a + b * b))
