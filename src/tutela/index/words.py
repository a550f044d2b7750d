"""Codes as the searches hold them: four 64-bit words instead of 32 bytes, without copying."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

CODE_BYTES = 32
WORDS = CODE_BYTES // 8

Whole = TypeVar("Whole", bound=np.integer[Any])


def as_words(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(n, 32) bytes as (n, 4) words. Raises ValueError for another shape, and for numbers that are no bytes."""
    if isinstance(codes, np.ndarray) and codes.dtype == np.uint8 and codes.flags.c_contiguous and _fits(codes):
        return codes.view(np.uint64)  # as nearly all queries are
    array = np.atleast_2d(whole("codes", codes, np.uint8))
    if array.size == 0:
        return np.empty((0, WORDS), dtype=np.uint64)
    if not _fits(array):
        raise ValueError(f"codes have the shape (n, 32), not {array.shape}")
    return np.ascontiguousarray(array).view(np.uint64)


def whole(what: str, values: ArrayLike, kind: type[Whole]) -> NDArray[Whole]:
    """The values in this type. Raises ValueError, with `what` they are, where one would become another."""
    array = np.asarray(values)
    if array.dtype == kind:
        return array
    if array.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):
            kept = array.astype(kind)
        if np.array_equal(kept, array):
            return kept
    raise ValueError(f"{what} must be whole numbers that fit {kind.__name__}")


def _fits(codes: NDArray[np.uint8]) -> bool:
    return codes.ndim == 2 and codes.shape[1] == CODE_BYTES
