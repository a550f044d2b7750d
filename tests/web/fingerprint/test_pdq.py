"""PDQ in the page is that of Python, for the same luma."""

import numpy as np
import pytest
from browser import of_luma
from browser_page import FingerprintPage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tutela.fingerprints.pdq import pdq
from tutela.model import ORIENTATIONS
from tutela.simulate.pictures import draw
from web.fingerprint.luma import Grey, compared

pytestmark = pytest.mark.browser

TEXTURED = 80
ROUNDING = 2
"""Bits by which a coefficient next to the median may turn over: Python adds 32-bit floats, the page 64-bit ones."""

PICKED = 64
"""Pixels that PDQ picks along a side: of a smaller picture it picks some twice, and coefficients that should be alike
differ by rounding alone, some of them across the median."""


def field(seed: int, height: int, width: int, grain: int) -> Grey:
    """Blotches of about `grain` pixels, over the whole range of levels."""
    coarse = np.random.default_rng(seed).integers(0, 256, (2 + height // grain, 2 + width // grain), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


fields = st.builds(field, st.integers(0, 2**32), st.integers(5, 300), st.integers(5, 300), st.integers(1, 40))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(grey=fields, scale=st.sampled_from([1, 2, 4, 8]), cut=st.tuples(st.integers(0, 7), st.integers(0, 7)))
def test_all_orientations_of_any_picture_at_any_scale_are_those_of_python(
    page: FingerprintPage, grey: Grey, scale: int, cut: tuple[int, int]
):
    size = tuple(blocks * scale - pixels % scale for blocks, pixels in zip(grey.shape, cut, strict=True))
    expected, found, apart = compared(page, grey, size, scale)
    assert abs(found.quality - expected.quality) <= 1
    if expected.quality >= TEXTURED and min(size) >= PICKED:
        assert max(apart) <= ROUNDING


@pytest.mark.parametrize("seed", range(4))
def test_the_codes_of_drawn_pictures_are_the_very_same(page: FingerprintPage, seed: int):
    grey = np.asarray(draw(seed).convert("L"))
    expected, found, _ = compared(page, grey, grey.shape)
    assert found == expected


@pytest.mark.parametrize("size", [(1, 1), (4, 300), (300, 4)])
def test_a_side_under_five_pixels_has_the_zero_code(page: FingerprintPage, size: tuple[int, int]):
    found, _ = of_luma(page, field(1, *size, 2), size)
    assert found.codes == bytes(len(ORIENTATIONS) * 32)
    assert found.quality == 0


def test_a_flat_picture_has_no_quality(page: FingerprintPage):
    found, _ = of_luma(page, np.full((200, 300), 90, np.uint8), (200, 300))
    assert found.quality == pdq(np.full((200, 300), 90, np.uint8), 200, 300).quality == 0
