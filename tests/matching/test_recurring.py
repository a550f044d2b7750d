"""What recurs in pictures of many owners says nothing, however poor the copy: frames, screens, marks."""

import numpy as np
import pytest
from PIL import Image

from tutela.fingerprints.parts import kept_parts, looked_up_parts, parts_at
from tutela.index.rotation import Rotation
from tutela.matching.coding import coded
from tutela.matching.derived import DerivedMatcher
from tutela.simulate.pictures import draw

KEY = bytes(32)
OWNERS = 10
FRAME = draw(400).resize((960, 720))


def luma(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def framed(number: int) -> Image.Image:
    """A drawing in the middle of the frame, a quarter of its area."""
    picture = FRAME.copy()
    picture.paste(draw(number), (240, 180))
    return picture


def protecting(owners: list[int]) -> DerivedMatcher:
    made = DerivedMatcher(KEY)
    for number, owner in enumerate(owners):
        made.add(number, coded(kept_parts(luma(framed(number))), 960, 720, Rotation(KEY)), owner)
    return made


@pytest.fixture(scope="module")
def matcher() -> DerivedMatcher:
    return protecting(list(range(OWNERS)))


def found(matcher: DerivedMatcher, picture: Image.Image) -> list[int]:
    pixels = luma(picture)
    parts = looked_up_parts(pixels)
    return [each.number for each in matcher.match(*picture.size, parts, lambda points: parts_at(pixels, points))]


@pytest.mark.parametrize("smaller", [1, 2, 4, 6])
@pytest.mark.parametrize("number", [500, 501])
def test_a_frame_that_many_share_finds_nothing_however_small(
    matcher: DerivedMatcher, number: int, smaller: int
) -> None:
    small = framed(number).resize((960 // smaller, 720 // smaller), Image.Resampling.LANCZOS)
    assert found(matcher, small) == []


@pytest.mark.parametrize("smaller", [1, 2])
def test_what_it_holds_is_found_all_the_same(matcher: DerivedMatcher, smaller: int) -> None:
    small = framed(3).resize((960 // smaller, 720 // smaller), Image.Resampling.LANCZOS)
    assert found(matcher, small) == [3]


def test_what_few_owners_share_still_counts() -> None:
    assert len(found(protecting([0] * 4 + [1] * 3 + [2] * 3), framed(500).resize((480, 360)))) > 0
