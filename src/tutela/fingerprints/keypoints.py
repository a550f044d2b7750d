"""Key points: blobs that stand out in place and in size (Lowe, "Distinctive image features from scale-invariant
keypoints", IJCV 2004, sections 3 and 4), in kernels compiled by numba.

A picture is blurred more and more; where the difference of one blur and the next is largest (or least) among its 26
neighbours in place and size, there is a key point. Arithmetic is plain IEEE in a fixed order, so that all machines find
the same points.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled

LAYERS = 3
"""Sizes that are told apart between one octave and the next."""

FIRST = 1.6
"""Blur of the first layer, in pixels (standard deviation); `_GIVEN` is what a picture is taken to have already."""

_GIVEN = 0.5
_REACH = 3.5
_EDGE = 5
_ROUNDS = 5
_RIDGE = 10.0
"""A point on an edge moves along it: the greater curvature is at most so many times the smaller one."""

_LEAST_SIDE = 12

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
"""One point a row: x and y in pixels of its octave (0 is the middle of the first), blur, strength, layer."""


def octaves(luma: NDArray[np.uint8]) -> Iterator[Floats]:
    """The picture at more and more blur: of each octave `LAYERS` + 3 layers; the next has half of the pixels a side."""
    base = blurred(luma.astype(np.float32) / np.float32(255), _weights(math.sqrt(FIRST**2 - _GIVEN**2)))
    steps = [_weights(FIRST * 2 ** (i / LAYERS) * math.sqrt(1 - 2 ** (-2 / LAYERS))) for i in range(1, LAYERS + 3)]
    while True:
        layers = np.empty((LAYERS + 3, *base.shape), np.float32)
        layers[0] = base
        for number, weights in enumerate(steps):
            layers[number + 1] = blurred(layers[number], weights)
        yield layers
        if min(base.shape) < 2 * _LEAST_SIDE:
            return
        base = np.ascontiguousarray(layers[LAYERS, ::2, ::2])


def _weights(sigma: float) -> Floats:
    """Half of a Gaussian, from its middle on; the whole sums to 1."""
    bell = np.exp(-(np.arange(math.ceil(_REACH * sigma) + 1) ** 2) / (2 * sigma**2))
    return np.asarray(bell / (bell[0] + 2 * bell[1:].sum()), np.float32)


@compiled()
def blurred(picture: Floats, weights: Floats) -> Floats:
    """The picture under a symmetric, separable filter; outside it goes on as at its edge."""
    height, width = picture.shape
    reach = len(weights) - 1
    out, padded = np.empty_like(picture), np.empty(width + 2 * reach, np.float32)
    for y in range(height):
        row = padded[reach : reach + width]
        for x in range(width):
            row[x] = weights[0] * picture[y, x]
        for k in range(1, reach + 1):
            above, below, weight = picture[max(y - k, 0)], picture[min(y + k, height - 1)], weights[k]
            for x in range(width):
                row[x] += weight * (above[x] + below[x])
        padded[:reach], padded[reach + width :] = row[0], row[width - 1]
        done = out[y]
        for x in range(width):
            done[x] = weights[0] * row[x]
        for k in range(1, reach + 1):
            left, right, weight = padded[reach - k :], padded[reach + k :], weights[k]
            for x in range(width):
                done[x] += weight * (left[x] + right[x])
    return out


@compiled()
def extrema(layers: Floats, least: float) -> Points:
    """The key points of one octave whose strength is at least `least`, row by row."""
    count, height, width = layers.shape
    rises = np.empty((count - 1, height, width), np.float32)
    for layer in range(count - 1):
        for y in range(height):
            above, below, rise = layers[layer + 1, y], layers[layer, y], rises[layer, y]
            for x in range(width):
                rise[x] = above[x] - below[x]
    found, size = np.empty((256, 5)), 0
    point, marks = np.empty(5), np.zeros(width, np.bool_)
    for layer in range(1, count - 2):
        for y in range(_EDGE, height - _EDGE):
            _mark(rises, layer, y, 0.5 * least, marks)
            for place in np.flatnonzero(marks):  # not `if marks[x] and …`, which costs five times as much
                if _settled(rises, layer, y, int(place), least, point):
                    if size == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[size] = point
                    size += 1
    return found[:size]


@compiled()
def _mark(rises: Floats, layer: int, y: int, least: float, marks: NDArray[np.bool_]) -> None:
    """Which pixels of a row are at least as strong as `least` and as all their 26 neighbours.

    The most and the least of a pixel's column of nine is found first: so processors take many pixels at a time.
    """
    width = rises.shape[2]
    most, fewest = np.empty((2, width), np.float32)
    most[:], fewest[:] = rises[layer, y], rises[layer, y]
    for k in range(layer - 1, layer + 2):
        for j in range(y - 1, y + 2):
            row = rises[k, j]
            for x in range(width):
                value = row[x]
                most[x] = value if value > most[x] else most[x]
                fewest[x] = value if value < fewest[x] else fewest[x]
    row = rises[layer, y]
    for x in range(_EDGE, width - _EDGE):
        value = row[x]
        top = (value >= most[x - 1]) & (value >= most[x]) & (value >= most[x + 1]) & (value > 0)
        bottom = (value <= fewest[x - 1]) & (value <= fewest[x]) & (value <= fewest[x + 1]) & (value <= 0)
        marks[x] = (top | bottom) & (abs(value) >= least)


@compiled()
def _settled(rises: Floats, layer: int, y: int, x: int, least: float, point: Points) -> bool:
    """Between the pixels: where a parabola through the neighbours has its top. False where it is weak or an edge."""
    layers, height, width = rises.shape
    for _ in range(_ROUNDS):
        here = np.float64(rises[layer, y, x])
        right, left = np.float64(rises[layer, y, x + 1]), np.float64(rises[layer, y, x - 1])
        down, up = np.float64(rises[layer, y + 1, x]), np.float64(rises[layer, y - 1, x])
        over, under = np.float64(rises[layer + 1, y, x]), np.float64(rises[layer - 1, y, x])
        dx, dy, ds = (right - left) / 2, (down - up) / 2, (over - under) / 2
        xx, yy, ss = right + left - 2 * here, down + up - 2 * here, over + under - 2 * here
        xy = _mixed(rises[layer, y + 1, x + 1], rises[layer, y + 1, x - 1],
                    rises[layer, y - 1, x + 1], rises[layer, y - 1, x - 1])  # fmt: skip
        xs = _mixed(rises[layer + 1, y, x + 1], rises[layer + 1, y, x - 1],
                    rises[layer - 1, y, x + 1], rises[layer - 1, y, x - 1])  # fmt: skip
        ys = _mixed(rises[layer + 1, y + 1, x], rises[layer + 1, y - 1, x],
                    rises[layer - 1, y + 1, x], rises[layer - 1, y - 1, x])  # fmt: skip
        a, b, c = yy * ss - ys * ys, xs * ys - xy * ss, xy * ys - xs * yy
        whole = xx * a + xy * b + xs * c
        if whole == 0:
            return False
        d, e, f = xx * ss - xs * xs, xy * xs - xx * ys, xx * yy - xy * xy
        across, along = -(a * dx + b * dy + c * ds) / whole, -(b * dx + d * dy + e * ds) / whole
        deeper = -(c * dx + e * dy + f * ds) / whole
        if abs(across) > 3 or abs(along) > 3 or abs(deeper) > 3:
            return False
        if abs(across) < 0.6 and abs(along) < 0.6 and abs(deeper) < 0.6:
            strength = abs(here + (dx * across + dy * along + ds * deeper) / 2)
            sharp = f > 0 and (xx + yy) ** 2 * _RIDGE < (_RIDGE + 1) ** 2 * f
            point[0], point[1], point[2] = x + across, y + along, FIRST * 2.0 ** ((layer + deeper) / LAYERS)
            point[3], point[4] = strength, layer
            return bool(strength >= least and sharp)
        x, y, layer = x + round(across), y + round(along), layer + round(deeper)
        inside = _EDGE <= x < width - _EDGE and _EDGE <= y < height - _EDGE
        if not inside or layer < 1 or layer > layers - 2:
            return False
    return False


@compiled(inline="always")
def _mixed(first: float, second: float, third: float, fourth: float) -> float:
    return (np.float64(first) - second - third + fourth) / 4
