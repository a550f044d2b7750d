"""Parts: key points and their descriptions, from one small network (`parts.onnx`, XFeat, CVPR 2024).

Everything around the network is written so that another language can do the same (`docs/parts.md` has the steps and a
conformance set). The network runs in one thread: the pool keeps the cores busy.
"""

import os
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.model import Parts, View
from tutela.model.parts import FULL, HALF, KEPT, LARGE

AREAS = (320 * 208, 640 * 416, 960 * 624)
"""Pixels that a picture is brought to, by `View.size`."""

AS_IS = ((FULL, 700), (LARGE, 900), (HALF, 300))
TURNED = 300
"""Key points of a picture that is looked up: as it is, and in each of the seven other orientations at half size."""

LONGEST = 4
"""A picture more than so many times as long as wide is not squeezed further than this (`working_size`)."""

_CELL, _STEP = 8, 32
_FLOOR = 0.02
_SUPPRESS, _MARGIN = 2, 4
_GRID = 8
_QUANTUM = 256.0
_EPSILON = 1e-5

Floats = NDArray[np.float32]


def kept_parts(luma: NDArray[np.uint8]) -> Parts:
    """What is needed to protect a picture. `luma` is uint8, (rows, columns), upright."""
    return Parts(tuple(_view(luma, size, 0, most) for size, most in KEPT))


def looked_up_parts(luma: NDArray[np.uint8]) -> Parts:
    """What is needed to look a picture up; what is needed to protect it can be taken from it, too."""
    views = [_view(luma, size, 0, most) for size, most in AS_IS]
    return Parts((*views, *(_view(luma, HALF, orientation, TURNED) for orientation in range(1, 8))))


def working_size(width: int, height: int, area: int) -> tuple[int, int]:
    """Width and height with about `area` pixels and nearly the same shape, both multiples of 32."""
    shape = min(max(width / height, 1 / LONGEST), LONGEST)
    sides = (np.sqrt(area * shape), np.sqrt(area / shape))
    return tuple(max(2 * _STEP, _STEP * int(side / _STEP + 0.5)) for side in sides)  # type: ignore[return-value]


def turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The picture laid as `ORIENTATIONS` says."""
    if orientation < 4:
        return np.rot90(pixels, orientation)
    mirrored = pixels[:, ::-1]
    return np.rot90(mirrored, (0, 2, 1, 3)[orientation - 4])


def _view(luma: NDArray[np.uint8], size: int, orientation: int, most: int) -> View:
    laid = turned(luma, orientation)
    width, height = working_size(laid.shape[1], laid.shape[0], AREAS[size])
    picture = Image.fromarray(np.ascontiguousarray(laid)).resize((width, height), Image.Resampling.BILINEAR)
    descriptors, heat, reliability = _seen(np.asarray(picture, np.float32))
    rows, columns = _peaks(heat)
    down, across = ((places + 0.5) / _CELL - 0.5 for places in (rows, columns))
    scores = heat[rows, columns] * _between(reliability, down, across)[0]
    chosen = _spread(rows / height, columns / width, scores, most)
    rows, columns = rows[chosen], columns[chosen]
    places = np.stack([(columns + 0.5) / width, (rows + 0.5) / height], axis=1) * 65536
    described = _unit(_between(descriptors, down[chosen], across[chosen]))
    levels = np.clip(np.floor(described.T * _QUANTUM + 0.5), -127, 127).astype(np.int8)
    return View(size, orientation, places.astype("<u2").tobytes(), levels.tobytes())


def _seen(grey: Floats) -> tuple[Floats, Floats, Floats]:
    """Descriptors of unit length, (64, rows, columns) at an eighth of the size; the likelihood that each pixel is a key
    point; and how reliable each block is, (1, rows, columns)."""
    values = grey.astype(np.float64) / 255
    image = ((values - values.mean()) / np.sqrt(values.var() + _EPSILON)).astype(np.float32)
    descriptors, keypoints, reliability = (output[0] for output in _network().run(None, {"image": image[None, None]}))
    shares = np.exp(keypoints - keypoints.max(axis=0))
    shares /= shares.sum(axis=0)
    rows, columns = shares.shape[1:]
    heat = shares[:64].reshape(_CELL, _CELL, rows, columns).transpose(2, 0, 3, 1)
    return _unit(descriptors), heat.reshape(_CELL * rows, _CELL * columns), reliability


def _unit(vectors: Floats) -> Floats:
    """Along the first axis."""
    return np.asarray(vectors / np.maximum(np.sqrt((vectors**2).sum(axis=0)), _EPSILON))


def _peaks(heat: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of all key points: likely pixels that none within two pixels surpasses, none at the edge."""
    rows, columns = np.nonzero(heat[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] >= _FLOOR)
    rows, columns = rows + _MARGIN, columns + _MARGIN
    flat, place = heat.ravel(), rows * heat.shape[1] + columns
    for down in range(-_SUPPRESS, _SUPPRESS + 1):
        for across in range(-_SUPPRESS, _SUPPRESS + 1):
            place = place[flat[place + (down * heat.shape[1] + across)] <= flat[place]]
    return np.divmod(place, heat.shape[1])


def _spread(down: NDArray[np.float64], across: NDArray[np.float64], scores: Floats, most: int) -> NDArray[np.intp]:
    """Which points to take: the best of every one of 8 × 8 regions, then every second best, and so on.

    By score alone, a pasted region could take them all.
    """
    region = (down * _GRID).astype(np.intp) * _GRID + (across * _GRID).astype(np.intp)
    order = np.lexsort((-scores, region))
    starts = np.searchsorted(region[order], np.arange(_GRID * _GRID))
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order)) - starts[region[order]]
    return np.lexsort((-scores, rank))[:most]


def _between(maps: Floats, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Floats:
    """Values between the pixels of (channels, rows, columns), bilinear; (channels, n)."""
    corners: list[tuple[tuple[NDArray[np.intp], Any], ...]] = []
    for places, size in ((rows, maps.shape[1]), (columns, maps.shape[2])):
        places = np.clip(places, 0, size - 1)
        before = np.floor(places).astype(np.intp)
        share = (places - before).astype(np.float32)
        corners.append(((before, 1 - share), (np.minimum(before + 1, size - 1), share)))
    (top, bottom), (left, right) = corners
    return np.asarray(sum(maps[:, y[0], x[0]] * (y[1] * x[1]) for y in (top, bottom) for x in (left, right)))


@cache
def _network() -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # later versions report their use, unless told so before they load
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    data = resources.files(__package__).joinpath("parts.onnx").read_bytes()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
