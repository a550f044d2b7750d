"""Grey pixels as the page's functions take them."""

import numpy as np
from browser import distances, of_luma
from browser_page import FingerprintPage
from numpy.typing import NDArray

from tutela.fingerprints.pdq import pdq
from tutela.model import Pdq

Grey = NDArray[np.uint8]


def compared(page: FingerprintPage, grey: Grey, size: tuple[int, int], scale: int = 1) -> tuple[Pdq, Pdq, list[int]]:
    """Python's code, the page's, and the bits between them in each orientation."""
    expected, (found, _) = pdq(grey, *size, scale), of_luma(page, grey, size, scale)
    return expected, found, distances(expected, found)
