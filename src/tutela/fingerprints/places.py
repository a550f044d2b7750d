"""Where key points lie, as numbers and as the six bytes that `tutela.model.Parts` holds of each. Loads no compiler."""

import numpy as np
from numpy.typing import NDArray

from tutela.model.parts import POINT_BYTES

Floats = NDArray[np.float64]

_RECORD = np.dtype([("place", "<u2", 2), ("size", "u1"), ("direction", "u1")])


def packed(places: Floats) -> bytes:
    """Rows of x and y in shares of the width and height, blur in shares of √(width × height), and direction in radians.

    What lies outside of the picture, or is too large or too small to be told, is moved to the nearest that can be.
    """
    records = np.empty(len(places), _RECORD)
    records["place"] = np.clip(places[:, :2] * 65536, 0, 65535)
    records["size"] = np.clip(np.floor(16 * np.log2(1024 * places[:, 2]) + 0.5), 0, 255)
    records["direction"] = np.floor(places[:, 3] * (128 / np.pi) + 0.5).astype(np.int64) % 256
    return records.tobytes()


def unpacked(points: bytes) -> Floats:
    """The rows that `packed` took, as exactly as the bytes tell. Raises ValueError where the last one is cut off."""
    if len(points) % POINT_BYTES:
        raise ValueError(f"points take {POINT_BYTES} bytes each")
    records = np.frombuffer(points, _RECORD)
    blur = np.exp2(records["size"] / 16.0) / 1024
    return np.column_stack([(records["place"] + 0.5) / 65536.0, blur, records["direction"] * (np.pi / 128)])
