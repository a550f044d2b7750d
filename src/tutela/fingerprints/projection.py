"""Descriptions of 128 numbers → 64 signed bytes, and what mirroring a picture does to them. Loads no compiler."""

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

LENGTH = 128
"""Numbers in a description: 4 × 4 squares with 8 directions each."""

_QUANTUM = 256.0

Floats = NDArray[np.float32]


def projected(descriptions: Floats) -> NDArray[np.int8]:
    """Descriptions (n, 128) → (n, 64), 256 levels for a length of one."""
    mean, axes = projection()
    return np.clip(np.floor((descriptions - mean) @ axes.T * _QUANTUM + 0.5), -127, 127).astype(np.int8)


@cache
def projection() -> tuple[Floats, Floats]:
    """The mean description, and the 64 axes along which descriptions differ most (`tools/train_parts.py`).

    Each axis is the same, or its negative, for a mirrored description: `mirrored` relies on that.
    """
    with resources.files(__package__).joinpath("projection.npy").open("rb") as file:
        rows = np.load(file, allow_pickle=False)
    return rows[0], rows[1:]


def mirrored_order() -> NDArray[np.intp]:
    """Where each number of a description stands in that of the mirrored picture."""
    square_down, square_across, turn = np.unravel_index(np.arange(LENGTH), (4, 4, 8))
    return np.ravel_multi_index((3 - square_down, square_across, -turn % 8), (4, 4, 8))


def mirrored(descriptions: NDArray[np.int8]) -> NDArray[np.int8]:
    """Projected descriptions of the mirrored picture: some of their numbers become the negative."""
    return np.asarray(descriptions * _signs())


@cache
def _signs() -> NDArray[np.int8]:
    _, axes = projection()
    return np.asarray(np.sign((axes * axes[:, mirrored_order()]).sum(axis=1)), np.int8)
