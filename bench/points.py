"""Whether parts are the same parts, as the conformance set (`tests/vectors/parts.json`) has it."""

import numpy as np
from numpy.typing import NDArray

from tutela.model import Parts

_RECORD = np.dtype([("place", "<u2", 2), ("size", "u1"), ("direction", "u1")])


def found_again(expected: Parts, found: Parts, size: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which of the expected points have one of the same place, size and direction, and its description's difference.

    The same is: within a pixel of the working `size` (width, height), 10 % of the blur, and 2 % of a turn.
    """
    mine, theirs = (np.frombuffer(each.points, _RECORD) for each in (expected, found))
    apart = np.abs(mine["place"][:, None] / 65536 - theirs["place"][None] / 65536) * size
    same = (apart.max(axis=2) <= 1) & (2 ** (np.abs(mine["size"][:, None] / 16 - theirs["size"][None] / 16)) < 1.1)
    turn = (mine["direction"][:, None].astype(int) - theirs["direction"][None] + 128) % 256 - 128
    same &= np.abs(turn) < 0.02 * 256
    levels = [np.frombuffer(each.descriptions, np.int8).reshape(-1, 64).astype(np.int16) for each in (expected, found)]
    differences = np.full(same.shape, 255)
    differences[same] = np.abs(levels[0][same.nonzero()[0]] - levels[1][same.nonzero()[1]]).max(axis=1)
    return same.any(axis=1), differences.min(axis=1, initial=255)
