"""Grey pixels as the page's functions take them."""

import base64
from typing import Any

import numpy as np
from browser import distances
from browser_page import FingerprintPage
from numpy.typing import NDArray

from tutela.fingerprints.pdq import pdq
from tutela.model import Parts, Pdq

Grey = NDArray[np.uint8]


def of_luma(
    page: FingerprintPage, grey: Grey, size: tuple[int, int], scale: int = 1, detail: str | None = None
) -> tuple[Pdq, Parts | None]:
    """What the page finds in `grey`, reduced by `scale` from a picture of `size` (height, width)."""
    raster: dict[str, Any] = {"luma": base64.b64encode(grey.tobytes()).decode(), "scale": scale}
    (raster["rows"], raster["columns"]), (raster["height"], raster["width"]) = grey.shape, size
    found = page.call("ofLuma", raster, detail)
    parts = found["parts"] and Parts(*(base64.b64decode(found["parts"][name]) for name in ("points", "descriptions")))
    return Pdq(bytes.fromhex(found["hash"]), found["quality"]), parts


def compared(page: FingerprintPage, grey: Grey, size: tuple[int, int], scale: int = 1) -> tuple[Pdq, Pdq, list[int]]:
    """Python's code, the page's, and the bits between them in each orientation."""
    expected, (found, _) = pdq(grey, *size, scale), of_luma(page, grey, size, scale)
    return expected, found, distances(expected, found)
