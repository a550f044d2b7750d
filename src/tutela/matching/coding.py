"""Descriptions of key points → what one bank keeps of them. Loads no compiler: protecting needs none."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tutela.index.rotation import Rotation
from tutela.model import CodedParts, Parts, View


def coded(parts: Parts, width: int, height: int, rotation: Rotation, kept: Iterable[tuple[int, int]]) -> CodedParts:
    """What a bank keeps of a picture's parts: its views as it is, so many points of each size in `kept`, coded."""
    views = {view.size: view for view in parts.views if view.orientation == 0}
    cut = [View(size, 0, views[size].places[: 4 * most], views[size].descriptors[: 64 * most]) for size, most in kept]
    codes = rotation.codes(descriptors_of(cut)).tobytes()
    return CodedParts(width, height, len(cut[-1]), b"".join(view.places for view in cut), codes)


def descriptors_of(views: Iterable[View]) -> NDArray[np.int8]:
    """All descriptions, (n, 64), one view after the other."""
    return np.frombuffer(b"".join(view.descriptors for view in views), np.int8).reshape(-1, 64)
