"""Whether two protected pictures are sections of one photograph, as two people may protect of it what shows them.

What such pictures share is no frame and no mark that happens to be in both, though they are different people's.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tutela.matching.again import ALIKE, LOOKS, Hypothesis
from tutela.matching.laid import Floats, moved

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
        if whose[one] != whose[other] and _are_sections(some[one], some[other]):
            old, new = whose[other], whose[one]
            whose = [new if owner == old else owner for owner in whose]
    return whose


def _are_sections(one: Hypothesis, other: Hypothesis) -> bool:
    return max(_share(one, other), _share(other, one)) >= SECTION


def _share(one: Hypothesis, other: Hypothesis) -> float:
    """How much of what one picture has inside the other is in its place there; 0 where that is next to nothing."""
    places, there = _moved_back(other.similarity, moved(one.similarity, one.picture.parts)), other.picture.parts[:, :2]
    inside = ((places >= there.min(axis=0)) & (places <= there.max(axis=0))).all(axis=1)
    if inside.sum() < _FEW:
        return 0.0
    bits = np.bitwise_count(one.picture.codes[inside, None] ^ other.picture.codes[None]).sum(axis=2)
    away = ((places[inside, None] - there[None]) ** 2).sum(axis=2)
    return float(((bits < ALIKE) & (away < _NEAR**2)).any(axis=1).mean())


def _moved_back(similarity: Floats, places: Floats) -> Floats:
    """Where a similarity (a, b, x, y) takes places from: (n, 2)."""
    a, b, x, y = similarity
    return np.asarray((places - [x, y]) @ np.array([[a, -b], [b, a]]) / (a * a + b * b))
