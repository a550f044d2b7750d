"""Directions and descriptions of key points (Lowe 2004, sections 5 and 6), as square roots (Arandjelović and Zisserman,
"Three things everyone should know to improve object retrieval", CVPR 2012), in kernels compiled by numba.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled
from tutela.fingerprints.keypoints import Floats, Points
from tutela.fingerprints.projection import LENGTH

_DIRECTIONS = 36
_NEARLY = 0.8
"""A second direction counts from this share of the strongest."""

_SQUARE = 3.0
"""Side of one of the 4 × 4 squares, in blurs of the point."""

_MOST, _NOTHING = 0.2, 1e-12
_TURN = 2 * math.pi


@compiled(inline="always")
def direction(y: float, x: float) -> float:
    """The angle of (x, y) from −π to π, within 0.0003: a polynomial that every language computes alike."""
    wide, high = abs(x), abs(y)
    most = max(wide, high)
    if most == 0:
        return 0.0
    part = min(wide, high) / most
    square = part * part
    angle = ((-0.0464964749 * square + 0.15931422) * square - 0.327622764) * square * part + part
    if high > wide:
        angle = math.pi / 2 - angle
    if x < 0:
        angle = math.pi - angle
    return -angle if y < 0 else angle


@compiled()
def _rises(picture: Floats) -> tuple[Points, Floats]:
    """The angle at which the brightness rises at each pixel, and by how much; along the edges nothing is known."""
    height, width = picture.shape
    angles, amounts = np.empty((height, width)), np.empty((height, width), np.float32)
    for row in range(1, height - 1):
        above, here, below = picture[row - 1], picture[row], picture[row + 1]
        for column in range(1, width - 1):
            across, down = here[column + 1] - here[column - 1], below[column] - above[column]
            angles[row, column] = direction(down, across)
            amounts[row, column] = math.sqrt(across * across + down * down)
    return angles, amounts


@compiled()
def described(picture: Floats, points: Points, most: int) -> tuple[NDArray[np.int64], Points, Floats]:
    """Descriptions of points in their layer of an octave: for each up to `most` directions.

    Returns the row of the point, the direction, and a unit vector of `LENGTH`.
    """
    rows, angles = np.empty(len(points) * most, np.int64), np.empty(len(points) * most)
    found, size = np.empty((len(points) * most, LENGTH), np.float32), 0
    if not len(points):
        return rows[:0], angles[:0], found[:0]
    some, (turns, amounts) = np.empty(most), _rises(picture)
    for row in range(len(points)):
        x, y, blur = points[row, 0], points[row, 1], points[row, 2]
        for number in range(_directions(turns, amounts, x, y, blur, some)):
            rows[size], angles[size] = row, some[number]
            _describe(turns, amounts, x, y, blur, some[number], found[size])
            size += 1
    return rows[:size], angles[:size], found[:size]


@compiled()
def described_along(picture: Floats, points: Points, angles: Points) -> Floats:
    """Descriptions of points in a layer of an octave, each turned to its angle."""
    found = np.empty((len(points), LENGTH), np.float32)
    turns, amounts = _rises(picture)
    for row in range(len(points)):
        _describe(turns, amounts, points[row, 0], points[row, 1], points[row, 2], angles[row], found[row])
    return found


@compiled()
def _directions(turns: Points, amounts: Floats, x: float, y: float, blur: float, out: Points) -> int:
    """The main directions of brightness around a point, strongest first; how many there are."""
    height, width = turns.shape
    spread = 1.5 * blur
    reach = round(3 * spread)
    bell = np.empty(reach + 1)
    for k in range(reach + 1):
        bell[k] = math.exp(-k * k / (2 * spread * spread))
    counts, smooth = np.zeros(_DIRECTIONS), np.empty(_DIRECTIONS)
    left, top = round(x), round(y)
    for row in range(max(top - reach, 1), min(top + reach + 1, height - 1)):
        for column in range(max(left - reach, 1), min(left + reach + 1, width - 1)):
            weight = bell[abs(row - top)] * bell[abs(column - left)]
            place = math.floor(turns[row, column] * (_DIRECTIONS / _TURN) + 0.5) % _DIRECTIONS
            counts[place] += weight * amounts[row, column]
    for k in range(_DIRECTIONS):
        near = counts[k - 1] + counts[(k + 1) % _DIRECTIONS]
        smooth[k] = (counts[k - 2] + counts[(k + 2) % _DIRECTIONS] + 4 * near + 6 * counts[k]) / 16
    strongest, size = smooth.max(), 0
    for k in np.argsort(-smooth, kind="mergesort"):
        before, here, after = smooth[k - 1], smooth[k], smooth[(k + 1) % _DIRECTIONS]
        if size == len(out) or here < _NEARLY * strongest or here <= 0:
            break
        if here > before and here >= after:
            out[size] = (k + (before - after) / (2 * (before - 2 * here + after))) * _TURN / _DIRECTIONS
            size += 1
    return size


@compiled()
def _describe(turns: Points, amounts: Floats, x: float, y: float, blur: float, angle: float, out: Floats) -> None:
    """How much the brightness rises in each of 8 directions in each of 4 × 4 squares, turned to `angle`."""
    height, width = turns.shape
    side = _SQUARE * blur
    reach = round(side * math.sqrt(2.0) * 2.5)
    cos, sin = math.cos(angle) / side, math.sin(angle) / side
    left, top = round(x), round(y)
    counts = np.zeros((6, 6, 8))
    bell_x, bell_y = np.empty(2 * reach + 1), np.empty(2 * reach + 1)
    for k in range(2 * reach + 1):
        bell_x[k] = math.exp(-(((k - reach + left - x) / side) ** 2) / 8)
        bell_y[k] = math.exp(-(((k - reach + top - y) / side) ** 2) / 8)
    for row in range(max(top - reach, 1), min(top + reach + 1, height - 1)):
        for column in range(max(left - reach, 1), min(left + reach + 1, width - 1)):
            u = cos * (column - x) + sin * (row - y) + 2.5
            v = cos * (row - y) - sin * (column - x) + 2.5
            if u <= 0 or u >= 5 or v <= 0 or v >= 5:
                continue
            weight = bell_x[column - left + reach] * bell_y[row - top + reach] * amounts[row, column]
            turn = (turns[row, column] - angle) * (8 / _TURN)
            turn -= math.floor(turn / 8) * 8
            first, i, j = int(turn), int(u), int(v)
            later, right, below = turn - first, u - i, v - j
            first &= 7
            second = (first + 1) & 7
            for down_, share in ((0, 1 - below), (1, below)):
                near, far = weight * share * (1 - right), weight * share * right
                counts[j + down_, i, first] += near * (1 - later)
                counts[j + down_, i, second] += near * later
                counts[j + down_, i + 1, first] += far * (1 - later)
                counts[j + down_, i + 1, second] += far * later
    inner = counts[1:5, 1:5].copy().ravel()
    inner = np.minimum(inner, _MOST * math.sqrt((inner * inner).sum()))
    out[:] = np.sqrt(inner / (inner.sum() + _NOTHING))
