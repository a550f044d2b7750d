"""Parts in the page: the conformance set, with the tolerances of Python's own test."""

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from browser import of_luma, parts_of
from browser_page import FingerprintPage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from points import found_again

from tutela.fingerprints.parts import LOOKED_UP, PROTECTED, kept_parts, working_size
from tutela.model.parts import KEPT

pytestmark = pytest.mark.browser

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "parts.json").read_text("utf-8"))


@pytest.mark.parametrize("number", range(len(VECTORS)))
@pytest.mark.parametrize(("name", "area"), [("protect", PROTECTED), ("lookup", LOOKED_UP)])
def test_the_conformance_set_is_found_again(page: FingerprintPage, number: int, name: str, area: int):
    entry = VECTORS[number]
    grey = np.asarray(Image.open(BytesIO(base64.b64decode(entry["png"]))))
    expected = parts_of(entry[name])
    _, found = of_luma(page, grey, grey.shape, detail=name.upper())
    assert found is not None
    again, difference = found_again(expected, found, working_size(*grey.shape[::-1], area))
    assert len(expected) > 100
    assert again.mean() >= 0.95
    assert np.median(difference[again]) <= 4


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(1, 120), st.integers(1, 120), st.integers(0, 2**32))
def test_pictures_of_any_shape_have_the_parts_that_python_finds(
    page: FingerprintPage, height: int, width: int, seed: int
):
    grey = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    expected, (_, found) = kept_parts(grey), of_luma(page, grey, grey.shape, detail="PROTECT")
    assert found is not None
    assert len(found) == pytest.approx(len(expected), abs=2 + 0.02 * len(expected))
    if len(expected) > 50:
        again, difference = found_again(expected, found, working_size(width, height, PROTECTED))
        assert again.mean() >= 0.95
        assert np.median(difference[again]) <= 4


def test_there_are_never_more_points_than_agreed(page: FingerprintPage):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (150, 200), np.uint8))
    grey = np.asarray(noise.resize((2000, 1500), Image.Resampling.BICUBIC))
    _, found = of_luma(page, grey, grey.shape, detail="PROTECT")
    assert found is not None
    assert len(found) == KEPT
