"""What recurs in pictures of many owners says nothing, however poor the copy: frames, screens, marks."""

import numpy as np
import pytest
from PIL import Image

from tutela.fingerprints.parts import kept_parts, looked_up_parts, parts_at
from tutela.index.parts import PartsIndex
from tutela.index.rotation import Rotation
from tutela.matching.coding import coded
from tutela.matching.derived import DerivedMatcher
from tutela.matching.laid import both_ways, sides_of
from tutela.simulate.pictures import draw

KEY = bytes(32)
OWNERS = 10
FRAME = draw(400).resize((960, 720))
MOST = (800, 600)


def luma(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def framed(number: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """A drawing in the middle of the frame, by default a quarter of its area."""
    picture = FRAME.copy()
    picture.paste(draw(number).resize(size), ((960 - size[0]) // 2, (720 - size[1]) // 2))
    return picture


def protecting(owners: list[int], pictures: list[Image.Image] | None = None) -> DerivedMatcher:
    made = DerivedMatcher(KEY)
    for number, owner in enumerate(owners):
        picture = framed(number) if pictures is None else pictures[number]
        made.add(number, coded(kept_parts(luma(picture)), *picture.size, Rotation(KEY)), owner)
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


def test_what_two_owners_pictures_hold_beside_something_else_finds_nothing() -> None:
    two = protecting([0, 1], [framed(number, MOST) for number in range(2)])
    assert found(two, framed(500, MOST).resize((480, 360))) == []
    assert found(two, framed(1, MOST).resize((480, 360))) == [1]


def test_what_two_sections_of_one_photograph_share_still_counts() -> None:
    whole = draw(7).resize((960, 720), Image.Resampling.LANCZOS)
    sections = [whole.crop((0, 0, 720, 600)), whole.crop((200, 100, 960, 720))]
    copy = whole.copy()
    copy.paste(draw(8), (0, 300))
    assert sorted(found(protecting([0, 1], sections), copy.resize((480, 360)))) == [0, 1]
    assert sorted(found(protecting([0, 1], [whole, whole.crop((240, 180, 720, 540))]), copy)) == [0, 1]


def test_what_is_kept_of_a_shared_frame_is_known_as_common_where_its_poor_copy_is_not(matcher: DerivedMatcher) -> None:
    index = PartsIndex(Rotation(KEY))
    pictures = [matcher.picture(number) for number in range(OWNERS)]
    for picture in pictures:
        index.add(picture.number, picture.view_of(np.arange(len(picture.parts))), picture.number)
    mine, sides = pictures[3].parts[:, :2], sides_of(*pictures[3].size)
    inside = (np.abs(mine / sides - 0.5) < 0.22).all(axis=1)
    around = (np.abs(mine / sides - 0.5) > 0.28).any(axis=1)
    (common,) = index.recurring([pictures[3].view_of(np.arange(len(mine)))])
    assert inside.sum() > 20 < around.sum()
    assert common[around].mean() > 0.9 > 0.1 > common[inside].mean()
    small = framed(3).resize((160, 120), Image.Resampling.LANCZOS)
    (seen,) = index.recurring([next(both_ways(*small.size, looked_up_parts(luma(small)), Rotation(KEY))).view()])
    assert seen.mean() < 0.5
