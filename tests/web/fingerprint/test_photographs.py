"""Real photographs in the page: PDQ as near to Python's as implementations are asked to be, parts found again."""

from pathlib import Path

import numpy as np
import pytest
from browser import FORMS, TEXTURED, agreement, distances, in_python, read
from browser_page import FingerprintPage

from tutela.fingerprints import Detail

pytestmark = [pytest.mark.browser, pytest.mark.corpora]

CONFORMING = 10
"""Bits that implementations may lie apart at quality 80 or more."""


@pytest.mark.parametrize("form", FORMS)
def test_photographs_in_every_form_have_pythons_fingerprint(page: FingerprintPage, corpora: Path, form: str):
    photographs = sorted((corpora / "photos").rglob("*.jpg"))[:: 300 if "MP" in form else 50]
    files = [FORMS[form](path) for path in photographs]
    found = page.fingerprints(files, parts=True)
    near = list(map(agreement, in_python(files, Detail.PROTECT), map(read, found)))
    assert len(near) == len(photographs) > 3
    assert max(each.turned_bits for each in near if each.quality >= TEXTURED) <= CONFORMING
    assert np.mean([each.again for each in near]) >= (0.9 if "MP" in form else 0.95)  # Python decodes those reduced
    assert np.median([each.difference for each in near]) <= 4


@pytest.mark.parametrize("folder", ["pdq", "orientation"])
def test_modes_and_orientations_of_the_reference_pictures_have_pythons_code(
    page: FingerprintPage, corpora: Path, folder: str
):
    """Meta's CMYK, palette and turned files, and the examples of every EXIF orientation."""
    paths = [path for path in sorted((corpora / folder).rglob("*")) if path.suffix in (".jpg", ".png", ".webp")]
    files = [path.read_bytes() for path in paths]
    far = {}
    answers = page.fingerprints(files)
    for path, expected, answer in zip(paths, in_python(files, Detail.PLAIN), answers, strict=True):
        found = read(answer)
        assert (found.width, found.height) == (expected.width, expected.height)
        if expected.pdq.quality >= TEXTURED and max(apart := distances(expected.pdq, found.pdq)) > CONFORMING:
            far[path.name] = apart
    assert len(paths) > 15
    assert far == {}
