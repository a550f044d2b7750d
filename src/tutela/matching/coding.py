"""Descriptions of key points → what one bank keeps of them. Loads no compiler: protecting needs none."""

import numpy as np
from numpy.typing import NDArray

from tutela.index.rotation import Rotation
from tutela.model import CodedParts, Parts
from tutela.model.parts import KEPT

_SMALLEST = 22
"""Of a picture that is looked up, points of less blur (a point's fifth byte) are too fine to protect by."""


def coded(parts: Parts, width: int, height: int, rotation: Rotation) -> CodedParts:
    """What a bank keeps of a picture's parts: the first `KEPT` of sufficient size, each in one direction, coded."""
    points = points_of(parts.points)
    first = np.ones(len(points), np.bool_)
    first[1:] = (points[1:, :5] != points[:-1, :5]).any(axis=1)
    chosen = np.flatnonzero(first & (points[:, 4] >= _SMALLEST))[:KEPT]
    codes = rotation.codes(descriptions_of(parts)[chosen])
    return CodedParts(width, height, points[chosen].tobytes(), codes.tobytes())


def points_of(points: bytes) -> NDArray[np.uint8]:
    """Points as they are kept, (n, 6)."""
    return np.frombuffer(points, np.uint8).reshape(-1, 6)


def descriptions_of(parts: Parts) -> NDArray[np.int8]:
    """All descriptions, (n, 64)."""
    return np.frombuffer(parts.descriptions, np.int8).reshape(-1, 64)
