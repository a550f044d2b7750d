"""PDQ: a 256-bit code that survives re-encoding and resizing (Meta, "The TMK+PDQF video-hashing algorithm and the PDQ
image-hashing algorithm", 2019).

Everything up to the 64 × 64 picture is linear and separable: two passes of a box filter, then picking every n-th value.
So it is one small matrix for the rows and one for the columns, and a picture that was decoded at 1/2, 1/4 or 1/8 needs
no approximation beyond the decoder's own: the matrices are projected onto its blocks, and the windows stay those of the
full picture (`docs/decisions/0002-scaled-decoding.md` has the measured gain).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tutela.model import Pdq

SIDE = 64
"""Side of the reduced picture that the transform sees."""

SHORTEST = 240
"""A picture may be decoded at a reduced scale as long as its shorter side keeps this many pixels."""

_COEFFICIENTS = 16
_WINDOWS = 128
_SMALLEST = 5
_BAND = 8

_FREQUENCIES = np.arange(1, _COEFFICIENTS + 1)
_TRANSFORM = (np.sqrt(2 / SIDE) * np.cos(np.pi / (2 * SIDE) * np.outer(_FREQUENCIES, 2 * np.arange(SIDE) + 1))).astype(
    np.float32
)
_SIGNS = np.where(_FREQUENCIES % 2 == 1, -1, 1).astype(np.float32)
"""Mirroring a picture changes the sign of every coefficient of odd frequency along that axis."""


def pdq(luma: NDArray[np.uint8], height: int, width: int, scale: int = 1) -> Pdq:
    """The PDQ hash, in all eight orientations, of a picture of `height` × `width` pixels.

    `luma` is uint8 of shape (rows, columns), each value the mean of a `scale` × `scale` block of the picture. Pictures
    with a side under 5 pixels have the zero hash with quality 0, as in the reference.
    """
    if min(height, width) < _SMALLEST:
        return Pdq(bytes(8 * 32), 0)
    small = _reduce(_reduce(luma, height, scale).T, width, scale).T
    return Pdq(_codes(_TRANSFORM @ small @ _TRANSFORM.T), _quality(small))


def _quality(small: NDArray[np.float32]) -> int:
    """Sum of absolute gradients, each quantised to hundredths of the range; 100 is plenty of texture."""
    total = sum(int(np.abs(np.trunc(np.diff(small, axis=axis) * np.float32(100 / 255))).sum()) for axis in (0, 1))
    return min(100, total // 90)


def _codes(coefficients: NDArray[np.float32]) -> bytes:
    """Eight codes of 32 bytes, in the order of `tutela.model.ORIENTATIONS`; bit set where above the lower median."""
    b, t = coefficients, coefficients.T
    rows, columns = _SIGNS[:, None], _SIGNS[None, :]
    stack = np.stack(
        [b, t * rows, b * rows * columns, t * columns, b * columns, b * rows, t, t * rows * columns]
    ).reshape(8, -1)
    middle = stack.shape[1] // 2 - 1
    medians = np.partition(stack, middle, axis=1)[:, middle, None]
    return np.packbits((stack > medians)[:, ::-1], axis=1).tobytes()


def _reduce(values: NDArray[np.uint8] | NDArray[np.float32], full: int, scale: int) -> NDArray[np.float32]:
    """Filters and picks along the first axis: (n, m) → (64, m). Eight picks at a time touch only the rows they need."""
    bands = _bands(full, scale, values.shape[0])
    return np.concatenate([weights @ values[start:stop].astype(np.float32) for start, stop, weights in bands])


@lru_cache(maxsize=256)
def _bands(full: int, scale: int, size: int) -> tuple[tuple[int, int, NDArray[np.float32]], ...]:
    """`_weights` cut into bands of eight picks, without the columns that are zero in the whole band."""
    weights = _weights(full, scale, size)
    bands = []
    for first in range(0, SIDE, _BAND):
        band = weights[first : first + _BAND]
        used = np.flatnonzero(band.any(axis=0))
        start, stop = int(used[0]), int(used[-1]) + 1
        bands.append((start, stop, np.ascontiguousarray(band[:, start:stop], dtype=np.float32)))
    return tuple(bands)


def _weights(full: int, scale: int, size: int) -> NDArray[np.float64]:
    """What each of `size` blocks along one axis of `full` pixels adds to each of the 64 picks; rows sum to 1."""
    window = (full + _WINDOWS - 1) // _WINDOWS
    ahead = (window + 2) // 2 - 1
    centres = np.arange(full)
    low = np.maximum(0, centres - (window - ahead - 1))
    high = np.minimum(full, centres + ahead + 1)
    share = 1.0 / (high - low)
    weights = np.zeros((SIDE, full))
    for pick in range(SIDE):
        centre = (2 * pick + 1) * full // (2 * SIDE)
        for at in range(low[centre], high[centre]):
            weights[pick, low[at] : high[at]] += share[centre] * share[at]
    if scale == 1:
        return weights
    return np.add.reduceat(weights, np.minimum(np.arange(size) * scale, full - 1), axis=1)
