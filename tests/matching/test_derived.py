"""The derived tier on drawn pictures: found, explained, never mixed up, gone when removed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tutela.fingerprints.parts import kept_parts, looked_up_parts
from tutela.index.rotation import Rotation
from tutela.matching.coding import coded
from tutela.matching.derived import Derived, DerivedMatcher
from tutela.matching.regions import CELLS, boxes
from tutela.simulate.pictures import draw

KEY, OTHER_KEY = bytes(32), bytes(range(32))
Picture = Image.Image


def luma(picture: Picture) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def protect(matcher: DerivedMatcher, number: int, picture: Picture, key: bytes = KEY) -> None:
    matcher.add(number, coded(kept_parts(luma(picture)), picture.width, picture.height, Rotation(key)))


def look_up(matcher: DerivedMatcher, picture: Picture) -> list[Derived]:
    return matcher.match(picture.width, picture.height, looked_up_parts(luma(picture)))


def pasted(number: int, other: int, box: tuple[int, int, int, int]) -> Picture:
    """A drawing with another one over a part of it."""
    picture = draw(number)
    picture.paste(draw(other).crop(box), box[:2])
    return picture


@pytest.fixture(scope="module")
def matcher() -> DerivedMatcher:
    made = DerivedMatcher(KEY)
    for number in range(12):
        protect(made, number, draw(number))
    return made


LEFT_HALF = (0, 0, 240, 360)


@pytest.mark.parametrize("number", range(0, 12, 3))
def test_a_picture_of_which_half_was_replaced_is_found_and_explained(matcher: DerivedMatcher, number: int) -> None:
    found = look_up(matcher, pasted(number, 100 + number, LEFT_HALF))
    assert [each.number for each in found] == [number]
    derivation = found[0].derivation
    placed = derivation.similarity
    assert placed.scale == pytest.approx(1, abs=0.02)
    assert placed.rotation == pytest.approx(0, abs=1)
    assert not placed.mirrored
    assert (placed.x, placed.y) == pytest.approx((0.5, 0.5), abs=0.02)
    right = sum(
        (box.right - max(box.left, 0.5)) * (box.bottom - box.top) for box in derivation.copied if box.right > 0.5
    )
    left = sum(
        (min(box.right, 0.5) - box.left) * (box.bottom - box.top) for box in derivation.altered if box.left < 0.5
    )
    assert right > 0.35
    assert left > 0.3


@pytest.mark.parametrize(
    ("turn", "rotation", "mirrored"),
    [
        (None, 0, True),
        (Image.Transpose.ROTATE_90, 90, False),
        (Image.Transpose.ROTATE_180, 180, False),
        (Image.Transpose.ROTATE_270, -90, False),
    ],
)
def test_mirrored_and_turned_copies_say_so(
    matcher: DerivedMatcher, turn: Image.Transpose | None, rotation: int, mirrored: bool
) -> None:
    picture = pasted(3, 103, LEFT_HALF)
    laid = ImageOps.mirror(picture) if turn is None else picture.transpose(turn)
    found = look_up(matcher, laid)
    assert [each.number for each in found] == [3]
    placed = found[0].derivation.similarity
    assert placed.mirrored is mirrored
    assert abs((placed.rotation - rotation + 180) % 360 - 180) < 2
    assert placed.scale == pytest.approx(1, abs=0.05)


def test_a_crop_and_a_frame_say_where_the_picture_lies(matcher: DerivedMatcher) -> None:
    canvas = draw(140).resize((900, 700))
    canvas.paste(draw(6), (300, 200))
    (found,) = look_up(matcher, canvas)
    assert found.number == 6
    assert (found.derivation.similarity.x, found.derivation.similarity.y) == pytest.approx(
        ((300 + 240) / 900, (200 + 180) / 700), abs=0.02
    )


def test_other_pictures_are_not_found(matcher: DerivedMatcher) -> None:
    assert [found for number in range(200, 216) for found in look_up(matcher, draw(number))] == []


def test_flat_pictures_match_nothing(matcher: DerivedMatcher) -> None:
    assert look_up(matcher, Image.new("RGB", (500, 400), (90, 90, 90))) == []


def test_what_is_removed_is_not_found_and_what_is_added_is() -> None:
    made = DerivedMatcher(KEY)
    picture = pasted(1, 101, LEFT_HALF)
    assert look_up(made, picture) == []
    for number in range(3):
        protect(made, number, draw(number))
    assert [found.number for found in look_up(made, picture)] == [1]
    made.remove(1)
    assert look_up(made, picture) == []
    assert len(made) == 2
    protect(made, 9, draw(1))
    assert [found.number for found in look_up(made, picture)] == [9]


def test_parts_of_two_banks_cannot_be_joined() -> None:
    """Codes of one picture under two keys are as far apart as those of two pictures: half of all bits."""
    parts = kept_parts(luma(draw(1)))
    mine, theirs = (
        np.frombuffer(coded(parts, 480, 360, Rotation(key)).codes, np.uint8).reshape(-1, 16) for key in (KEY, OTHER_KEY)
    )
    away = np.bitwise_count(mine[:, None] ^ theirs[None]).sum(axis=2, dtype=np.int64)
    assert away.diagonal().mean() == pytest.approx(64, abs=4)
    right = (away.argmin(axis=1) == np.arange(len(away))).mean()
    assert right < 0.03
    made = DerivedMatcher(OTHER_KEY)
    made.add(1, coded(parts, 480, 360, Rotation(KEY)))
    assert look_up(made, draw(1)) == []


def test_the_same_key_gives_the_same_codes() -> None:
    descriptions = np.random.default_rng(0).integers(-127, 128, (50, 64)).astype(np.int8)
    assert np.array_equal(Rotation(KEY).codes(descriptions), Rotation(KEY).codes(descriptions))


@given(st.lists(st.lists(st.booleans(), min_size=CELLS, max_size=CELLS), min_size=CELLS, max_size=CELLS))
def test_boxes_cover_just_the_cells_that_are_set(rows: list[list[bool]]) -> None:
    cells = np.array(rows)
    covered = np.zeros(cells.shape, int)
    for box in boxes(cells):
        top, bottom, left, right = (round(each * CELLS) for each in (box.top, box.bottom, box.left, box.right))
        covered[top:bottom, left:right] += 1
    assert np.array_equal(covered, cells.astype(int))
