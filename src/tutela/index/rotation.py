"""Descriptions of key points → 128-bit codes that mean something in one bank only.

A code is the signs of the description after a rotation that a secret key decides: three rounds of random signs and a
Hadamard transform (Andoni et al., NeurIPS 2015), twice over. Whole numbers throughout, so that every machine gets the
same bits. What this protects against, and what not: `docs/privacy.md`.
"""

import hashlib
import hmac
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

LENGTH = 64
"""Numbers in a description."""

_BLOCKS, _ROUNDS = 2, 3

GROUPS, CELLS = 64, 4096

Descriptions = NDArray[np.int8]


@cache
def vocabulary() -> tuple[Descriptions, Descriptions]:
    """64 groups; 4,096 cells, 64 for each group in turn (`tools/train_parts.py`)."""
    with resources.files(__package__).joinpath("cells.npy").open("rb") as file:
        levels = np.load(file, allow_pickle=False)
    return levels[:GROUPS], levels[GROUPS:]


class Rotation:
    """The rotation of one key, 32 bytes."""

    def __init__(self, key: bytes) -> None:
        stream = b"".join(
            hmac.new(key, f"parts/{block}".encode(), hashlib.sha256).digest() for block in range(_BLOCKS * _ROUNDS)
        )
        bits = np.unpackbits(np.frombuffer(stream, np.uint8)).reshape(_BLOCKS * _ROUNDS, 256)[:, :LENGTH]
        signs = 1 - 2 * bits.astype(np.int64).reshape(_BLOCKS, _ROUNDS, LENGTH)
        hadamard = np.ones((1, 1), np.int64)
        while len(hadamard) < LENGTH:
            hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
        whole = []
        for block in signs:
            matrix = np.eye(LENGTH, dtype=np.int64)
            for round_ in block:
                matrix = hadamard @ (round_[:, np.newaxis] * matrix)
            whole.append(matrix)
        self._matrix = np.concatenate(whole).T.astype(np.float64)  # exact: all sums stay far below 2 to the 53rd

    def codes(self, descriptions: Descriptions) -> NDArray[np.uint8]:
        """Codes (n, 16) of descriptions (n, 64)."""
        return signs(self.turned(descriptions))

    def turned(self, descriptions: Descriptions) -> NDArray[np.float64]:
        """The 128 whole numbers of each description, (n, 128), of which its code keeps the signs."""
        return descriptions.astype(np.float64) @ self._matrix


def signs(numbers: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Codes (n, 16) of what `Rotation.turned` makes of descriptions."""
    return np.packbits(numbers > 0, axis=1)
