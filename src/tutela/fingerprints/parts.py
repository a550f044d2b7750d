"""Parts: a picture's key points and their descriptions, spread over all of it.

Everything here is written so that another language can do the same (`docs/parts.md` has the steps and a conformance
set).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.fingerprints.descriptions import described, described_along
from tutela.fingerprints.keypoints import FIRST, LAYERS, Points, extrema, octaves
from tutela.fingerprints.places import packed, unpacked
from tutela.fingerprints.projection import LENGTH, projected
from tutela.model import Parts
from tutela.model.parts import KEPT

PROTECTED, LOOKED_UP = 400_000, 1_000_000
"""Pixels that a picture is brought to, larger or smaller, to protect it and to look it up."""

SEEN = 1500
"""The most key points of a picture that is looked up; one that has two directions counts once."""

_LEAST = 0.0015
"""Strength of the weakest key points, of a brightness from 0 to 1."""

_LARGEST = 0.5
"""Blur in shares of √(width × height) that no key point reaches; what is said to be larger counts as that large."""

_SHORTEST = 16
_GRID = 8

Floats = NDArray[np.float32]


def kept_parts(luma: NDArray[np.uint8]) -> Parts:
    """What is needed to protect a picture. `luma` is uint8, (rows, columns), upright."""
    return _parts(luma, PROTECTED, KEPT, 1)


def looked_up_parts(luma: NDArray[np.uint8]) -> Parts:
    """What is needed to look a picture up; what is needed to protect it can be taken from it, too."""
    return _parts(luma, LOOKED_UP, SEEN, 2)


def parts_at(luma: NDArray[np.uint8], points: bytes) -> Parts:
    """Descriptions at given points (as in `Parts`) of a picture that is looked up, whether or not any stands out there.

    Each is taken from the layer whose blur is nearest to the point's.
    """
    (width, height), layers = _layers(luma, LOOKED_UP)
    places = unpacked(points)
    blur = np.minimum(places[:, 2], _LARGEST) * np.sqrt(width * height)
    step = np.rint(LAYERS * np.log2(np.maximum(blur, FIRST) / FIRST)).astype(np.intp)
    octave = np.clip((step - 1) // LAYERS, 0, len(layers) - 1)
    layer = np.clip(step - LAYERS * octave, 0, LAYERS + 2)
    scale = 2.0**octave
    there = np.column_stack([(places[:, 0] * width - 0.5) / scale, (places[:, 1] * height - 0.5) / scale, blur / scale])
    descriptions = np.zeros((len(places), LENGTH), np.float32)
    for number, which in sorted(set(zip(octave.tolist(), layer.tolist(), strict=True))):
        rows = np.flatnonzero((octave == number) & (layer == which))
        descriptions[rows] = described_along(layers[number][which], there[rows], places[rows, 3])
    return Parts(points, projected(descriptions).tobytes())


def working_size(width: int, height: int, area: int) -> tuple[int, int]:
    """Width and height with about `area` pixels and nearly the same shape, at least 16 each."""
    factor = (area / (width * height)) ** 0.5
    return max(_SHORTEST, int(width * factor + 0.5)), max(_SHORTEST, int(height * factor + 0.5))


def raw_parts(luma: NDArray[np.uint8], area: int, most: int, directions: int) -> tuple[Points, Floats]:
    """x and y in shares of the width and height, blur in shares of √(width × height), direction; descriptions."""
    (width, height), layers = _layers(luma, area)
    some = [extrema(each, _LEAST) for each in layers]
    octave = np.repeat(np.arange(len(some)), list(map(len, some)))
    points, scale = np.concatenate(some), 2.0**octave
    x, y, blur = (points[:, 0] * scale + 0.5) / width, (points[:, 1] * scale + 0.5) / height, points[:, 2] * scale
    chosen = _spread(x, y, points[:, 3] * np.sqrt(blur), most)
    rank, angles, found = [], [], []
    for number in range(len(layers)):
        for layer in range(1, LAYERS + 1):
            rows = chosen[(octave[chosen] == number) & (points[chosen, 4] == layer)]
            which, angle, description = described(layers[number][layer], points[rows], directions)
            rank.append(rows[which])
            angles.append(angle)
            found.append(description)
    rows = np.concatenate(rank)
    place = np.empty(len(points), np.intp)
    place[chosen] = np.arange(len(chosen))
    order = np.argsort(place[rows], kind="stable")
    rows = rows[order]
    share = blur[rows] / np.sqrt(width * height)
    return np.stack([x[rows], y[rows], share, np.concatenate(angles)[order]], axis=1), np.concatenate(found)[order]


def _layers(luma: NDArray[np.uint8], area: int) -> tuple[tuple[int, int], list[Floats]]:
    """Width and height that a picture is brought to, and the octaves of that."""
    size = working_size(luma.shape[1], luma.shape[0], area)
    return size, list(octaves(np.asarray(Image.fromarray(luma).resize(size, Image.Resampling.BILINEAR))))


def _parts(luma: NDArray[np.uint8], area: int, most: int, directions: int) -> Parts:
    points, descriptions = raw_parts(luma, area, most, directions)
    return Parts(packed(points), projected(descriptions).tobytes())


def _spread(
    across: NDArray[np.float64], down: NDArray[np.float64], scores: NDArray[np.float64], most: int
) -> NDArray[np.intp]:
    """Which points to take: the best of every one of 8 × 8 regions, then every second best, and so on.

    By score alone, a pasted region could take them all.
    """
    region = (down * _GRID).astype(np.intp) * _GRID + (across * _GRID).astype(np.intp)
    order = np.lexsort((-scores, region))
    starts = np.searchsorted(region[order], np.arange(_GRID * _GRID))
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order)) - starts[region[order]]
    return np.lexsort((-scores, rank))[:most]
