"""PDQ: a 256-bit code that survives re-encoding and resizing (Meta, "The TMK+PDQF video-hashing algorithm and the PDQ
image-hashing algorithm", 2019).

Everything up to the 64 × 64 picture is linear and separable: two passes of a box filter, then picking every n-th value.
So it is one small matrix for the rows and one for the columns, and a picture that was decoded at 1/2, 1/4 or 1/8 needs
no approximation beyond the decoder's own: the matrices are projected onto its blocks, and the windows stay those of the
full picture (`docs/decisions/0002-scaled-decoding-for-pdq.md` has the measured gain).
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


def _transform() -> NDArray[np.float32]:
    """The discrete cosine transform without its first row, shape (32, 128): of the picks, then of the reversed ones."""
    phases = np.outer(np.arange(1, _COEFFICIENTS + 1), 2 * np.arange(SIDE) + 1)
    waves = (np.sqrt(2 / SIDE) * np.cos(np.pi / (2 * SIDE) * phases)).reshape(_COEFFICIENTS, -1, _BAND)
    both = np.zeros((2, _COEFFICIENTS, SIDE // _BAND, 2, _BAND), np.float32)
    both[0, :, :, 0], both[1, :, :, 1] = waves, waves[:, ::-1, ::-1]
    return both.reshape(2 * _COEFFICIENTS, 2 * SIDE)


_TRANSFORM = _transform()


def pdq(
    luma: NDArray[np.uint8], height: int, width: int, scale: int = 1, cut: tuple[bool, bool] = (False, False)
) -> Pdq:
    """The PDQ hash, in all eight orientations, of a picture of `height` × `width` pixels.

    `luma` is uint8 of shape (rows, columns), each value the mean of a `scale` × `scale` block of the picture; a block
    that the edge cuts off is the last row or column, or the first where `cut` (of rows, of columns) says so. Pictures
    with a side under 5 pixels have the zero hash with quality 0, as in the reference.
    """
    if min(height, width) < _SMALLEST:
        return Pdq(bytes(8 * 32), 0)
    top, left = cut
    picks = _reduce(_reduce(luma, height, scale, top).T, width, scale, left)
    waves = _TRANSFORM @ picks.T @ _TRANSFORM.T
    laid = waves.reshape(2, _COEFFICIENTS, 2, _COEFFICIENTS).swapaxes(1, 2)
    plain = picks.reshape(-1, 2, _BAND, SIDE // _BAND, 2, _BAND)[:, 0, :, :, 0].reshape(SIDE, SIDE)
    return Pdq(_codes(laid), _quality(plain))


def _quality(small: NDArray[np.float32]) -> int:
    """Sum of absolute gradients, each quantised to hundredths of the range; 100 is plenty of texture."""
    total = sum(int(np.abs(np.trunc(np.diff(small, axis=axis) * np.float32(100 / 255))).sum()) for axis in (0, 1))
    return min(100, total // 90)


def _codes(laid: NDArray[np.floating]) -> bytes:
    """Eight codes of 32 bytes, in the order of `tutela.model.ORIENTATIONS`; bit set where above the lower median.

    `laid` holds the coefficients, shape (16, 16), of the picture as [flipped][mirrored].
    """
    (plain, mirrored), (flipped, turned) = laid
    stack = np.stack([plain, mirrored.T, turned, flipped.T, mirrored, flipped, plain.T, turned.T]).reshape(8, -1)
    middle = stack.shape[1] // 2 - 1
    medians = np.partition(stack, middle, axis=1)[:, middle, None]
    return np.packbits((stack > medians)[:, ::-1], axis=1).tobytes()


def _reduce(
    values: NDArray[np.uint8] | NDArray[np.float32], full: int, scale: int, cut_first: bool
) -> NDArray[np.float32]:
    """Filters and picks along the first axis: (n, m) → (128, m), bands of eight picks and eight reversed ones in turn.

    The windows of even length lean to one side, so the picks of a reversed picture are not the reversed picks. A band
    touches only the rows it needs.
    """
    floats = np.asarray(values, np.float32)
    return np.concatenate([band @ floats[start:stop] for start, stop, band in _bands(full, scale, cut_first)])


@lru_cache(maxsize=64)
def _bands(full: int, scale: int, cut_first: bool) -> tuple[tuple[int, int, NDArray[np.float32]], ...]:
    """Weights in bands of eight picks and the eight of the reversed picture that lie there, without unused columns."""
    forth, back = _weights(full, scale, cut_first), _weights(full, scale, not cut_first)[::-1, ::-1]
    bands = []
    for first in range(0, SIDE, _BAND):
        band = np.concatenate([forth[first : first + _BAND], back[first : first + _BAND]])
        used = np.flatnonzero(band.any(axis=0))
        start, stop = int(used[0]), int(used[-1]) + 1
        bands.append((start, stop, np.ascontiguousarray(band[:, start:stop])))
    return tuple(bands)


def _weights(full: int, scale: int, cut_first: bool) -> NDArray[np.float32]:
    """What each block of `scale` values along an axis of `full` adds to each of the 64 picks; rows sum to 1.

    A pick is the mean over its window of means over windows. Each inner window is added as a step up and a step down,
    and the running sum of the steps is the weight.
    """
    window = (full + _WINDOWS - 1) // _WINDOWS
    ahead = (window + 2) // 2 - 1
    behind = window - ahead - 1

    def low(at: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.maximum(0, at - behind)

    def high(at: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.minimum(full, at + ahead + 1)

    centre = (2 * np.arange(SIDE)[:, None] + 1) * full // (2 * SIDE)
    inner = np.minimum(low(centre) + np.arange(window), full - 1)
    inside = low(centre) + np.arange(window) < high(centre)
    share = inside / ((high(centre) - low(centre)) * (high(inner) - low(inner)))
    start, length = low(low(centre)), 2 * window
    steps = _tally(low(inner) - start, share, length) - _tally(high(inner) - start, share, length)
    places = start + np.arange(length)
    weights = np.where(places < high(high(centre) - 1), steps.cumsum(axis=1), 0)
    blocks = (np.minimum(places, full - 1) + (-full % scale if cut_first else 0)) // scale
    return _tally(blocks, weights, -(-full // scale)).astype(np.float32)


def _tally(columns: NDArray[np.intp], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """(64, size) sums of `values` by row and column."""
    cells = np.arange(SIDE)[:, None] * size + columns
    return np.asarray(np.bincount(cells.ravel(), values.ravel(), SIDE * size), np.float64).reshape(SIDE, size)
