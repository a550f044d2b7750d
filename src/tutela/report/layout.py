"""Where the nodes of a network stand on paper: the same on every machine.

Forces as by Fruchterman and Reingold (1991), in sums, products and square roots of Python's floats alone, whose results
are the same everywhere; places are rounded, so that nothing further down differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

STEPS = 240
_GAP = 34.0  # between the rims of two nodes: a label stands there
_TURN = (-0.7373688780783197, 0.6754902942615238)  # cosine and sine of the golden angle

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The room for the centres of nodes, in units of the drawing."""

    left: float
    top: float
    right: float
    bottom: float


def layout(radii: Sequence[float], links: Sequence[tuple[int, int, float]], frame: Frame) -> list[Point]:
    """The centre of each node, whose radius is given; `links` are pairs of positions with a strength from 0 to 1."""
    places = _spiral(len(radii))
    for step in range(STEPS):
        _move(places, links, 0.12 * (1 - step / STEPS))
    spread = _fitted(places, frame)
    for _ in range(STEPS):
        if not _part(spread, radii, frame):
            break
    return [(round(x), round(y)) for x, y in spread]


def _spiral(count: int) -> list[list[float]]:
    """Each node a golden angle further and a little farther out."""
    places, x, y = [], 1.0, 0.0
    for i in range(count):
        reach = sqrt((i + 0.5) / count)
        places.append([x * reach, y * reach])
        x, y = x * _TURN[0] - y * _TURN[1], x * _TURN[1] + y * _TURN[0]
    return places


def _move(places: list[list[float]], links: Sequence[tuple[int, int, float]], limit: float) -> None:
    """One step: all push each other off, linked ones pull, and the middle pulls a little."""
    room = 1.2 / sqrt(max(len(places), 1))
    forces = [[-0.35 * x, -0.35 * y] for x, y in places]
    for i, (x, y) in enumerate(places):
        for j in range(i):
            across, down = x - places[j][0], y - places[j][1]
            push = room * room / max(across * across + down * down, 1e-4)
            _apply(forces, i, j, across * push, down * push)
    for i, j, strength in links:
        across, down = places[j][0] - places[i][0], places[j][1] - places[i][1]
        pull = (0.3 + strength) * sqrt(across * across + down * down) / room
        _apply(forces, i, j, across * pull, down * pull)
    for place, (across, down) in zip(places, forces, strict=True):
        size = sqrt(across * across + down * down)
        scale = min(limit / size, 1.0) if size > 0 else 0.0
        place[0], place[1] = place[0] + across * scale, place[1] + down * scale


def _apply(forces: list[list[float]], i: int, j: int, across: float, down: float) -> None:
    forces[i][0] += across
    forces[i][1] += down
    forces[j][0] -= across
    forces[j][1] -= down


def _fitted(places: list[list[float]], frame: Frame) -> list[list[float]]:
    """Stretched to the frame; what has no extent stands in the middle."""
    sides = [(min(values), max(values)) for values in zip(*places, strict=True)]
    ends = ((frame.left, frame.right), (frame.top, frame.bottom))
    return [
        [
            start + (end - start) * ((at - low) / (high - low) if high > low else 0.5)
            for at, (low, high), (start, end) in zip(place, sides, ends, strict=True)
        ]
        for place in places
    ]


def _part(places: list[list[float]], radii: Sequence[float], frame: Frame) -> bool:
    """Moves nodes that stand too close apart, within the frame; whether any was moved."""
    moved = False
    for i, one in enumerate(places):
        for j in range(i):
            other = places[j]
            across, down = one[0] - other[0] or 0.01, one[1] - other[1] or 0.01
            apart, wanted = sqrt(across * across + down * down), radii[i] + radii[j] + _GAP
            if apart >= wanted - 0.5:
                continue
            moved = True
            shift = (wanted - apart) / apart / 2
            for place, sign in ((one, 1), (other, -1)):
                place[0] = min(max(place[0] + sign * across * shift, frame.left), frame.right)
                place[1] = min(max(place[1] + sign * down * shift, frame.top), frame.bottom)
    return moved
