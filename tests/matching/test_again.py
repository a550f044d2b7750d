"""The second look on drawn pictures: what the first leaves in doubt is found, and nothing else."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tutela.fingerprints.parts import kept_parts, looked_up_parts, parts_at
from tutela.index.rotation import Rotation, signs
from tutela.matching import THRESHOLDS
from tutela.matching.again import ALIKE, LIKE, LOOKS, Hypothesis, likeness
from tutela.matching.coding import coded
from tutela.matching.derived import DerivedMatcher
from tutela.model import Look, Parts
from tutela.model.parts import KEPT, LOOKED_AT, POINT_BYTES
from tutela.simulate.pictures import draw

KEY = bytes(32)
PICTURES = 12
Picture = Image.Image


def luma(picture: Picture) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def poor(number: int, other: int | None = None, *, mirrored: bool = False) -> Picture:
    """A drawing of which five eighths are replaced, at a quarter of its size, compressed until little is left."""
    picture = draw(number)
    if other is not None:
        picture.paste(draw(other).crop((0, 0, 300, 360)), (0, 0))
    buffer = BytesIO()
    picture.resize((120, 90), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=20)
    again = Image.open(buffer)
    return ImageOps.mirror(again) if mirrored else again


@pytest.fixture(scope="module")
def matcher() -> DerivedMatcher:
    made = DerivedMatcher(KEY)
    for number in range(PICTURES):
        made.add(number, coded(kept_parts(luma(draw(number))), 480, 360, Rotation(KEY)))
    return made


def looking(picture: Picture) -> Look:
    return lambda points: parts_at(luma(picture), points)


def found(matcher: DerivedMatcher, picture: Picture, look: Look | None) -> list[int]:
    return [each.number for each in matcher.match(*picture.size, looked_up_parts(luma(picture)), look)]


def weighed(matcher: DerivedMatcher, picture: Picture, look: Look | None = None) -> list[Hypothesis]:
    return matcher.weighed(*picture.size, looked_up_parts(luma(picture)), look)


def test_more_is_found_at_a_second_look_and_nothing_else(matcher: DerivedMatcher) -> None:
    """Every other picture is mirrored; half of these and half of the others are found."""
    first, again = {}, {}
    for number in range(PICTURES):
        picture = poor(number, 100 + number, mirrored=number % 2 == 1)
        parts = looked_up_parts(luma(picture))
        first[number], again[number] = (
            [each.number for each in matcher.match(*picture.size, parts, look)] for look in (None, looking(picture))
        )
    assert sum(numbers == [number] for number, numbers in first.items()) <= 1
    for side in (0, 1):
        assert sum(again[number] == [number] for number in range(side, PICTURES, 2)) >= PICTURES / 4
    assert all(numbers in ([], [number]) for number, numbers in again.items())


def test_what_is_found_again_is_explained(matcher: DerivedMatcher) -> None:
    picture = poor(5, 105)
    (first,) = weighed(matcher, picture)
    (derived,) = matcher.match(*picture.size, looked_up_parts(luma(picture)), looking(picture))
    placed = derived.derivation.similarity
    assert (placed.scale, placed.rotation) == pytest.approx((0.25, 0), abs=0.5)
    assert (placed.x, placed.y) == pytest.approx((0.5, 0.5), abs=0.02)
    assert derived.derivation.inliers > first.again.sum()
    assert sum(box.right > 0.65 for box in derived.derivation.copied) > 0
    assert all(box.left < 0.65 for box in derived.derivation.altered)


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda points: None, id="not at hand any more"),
        pytest.param(lambda points: Parts(points[:-6], bytes(64 * (len(points) // 6 - 1))), id="cut off"),
    ],
)
def test_a_media_that_cannot_be_looked_at_again_is_judged_by_the_first_look(
    matcher: DerivedMatcher, look: Callable[[bytes], Parts | None]
) -> None:
    picture = poor(5, 105)
    assert [each.score for each in weighed(matcher, picture, look)] == [
        each.score for each in weighed(matcher, picture)
    ]


def test_another_picture_in_its_place_speaks_against_it(matcher: DerivedMatcher) -> None:
    picture = poor(5, 105)
    (before,), (after,) = weighed(matcher, picture), weighed(matcher, picture, looking(poor(205, 305)))
    assert after.score < before.score < THRESHOLDS.derived_score


def test_where_nothing_is_alike_it_is_not_found(matcher: DerivedMatcher) -> None:
    picture = poor(5, 105)

    def nothing(points: bytes) -> Parts:
        return Parts(points, bytes(64 * (len(points) // POINT_BYTES)))

    (after,) = weighed(matcher, picture, nothing)
    assert after.score < THRESHOLDS.derived_score


def test_nothing_is_looked_at_again_without_doubt(matcher: DerivedMatcher) -> None:
    def look(points: bytes) -> Parts | None:
        raise AssertionError("a second look")

    assert found(matcher, draw(3), look) == [3]
    assert found(matcher, draw(303), look) == []


def test_no_more_is_asked_for_at_once_than_a_look_takes(matcher: DerivedMatcher) -> None:
    asked: list[int] = []
    picture = poor(5, 105)

    def look(points: bytes) -> Parts | None:
        asked.append(len(points) // POINT_BYTES)
        return parts_at(luma(picture), points)

    weighed(matcher, picture, look)
    assert len(asked) == 2
    assert 0 < asked[1] <= 4 * asked[0]
    assert LOOKS * KEPT < LOOKED_AT
    assert max(asked) <= LOOKED_AT


def test_a_chance_match_elsewhere_is_rare() -> None:
    picture, other = draw(1), draw(2)
    points = kept_parts(luma(picture)).points
    turned = [
        Rotation(KEY).turned(np.frombuffer(parts_at(luma(each), points).descriptions, np.int8).reshape(-1, 64))
        for each in (picture, other)
    ]
    codes = [signs(numbers) for numbers in turned]
    assert (np.bitwise_count(codes[0] ^ codes[1]).sum(axis=1) < ALIKE).mean() < 0.02
    assert (likeness(turned[1], codes[0].view(np.uint64)) > LIKE).mean() < 0.01
    assert (likeness(turned[0], codes[0].view(np.uint64)) > LIKE).all()


@given(seed=st.integers(0, 2**32), count=st.integers(0, 20), scale=st.floats(1e2, 1e6))
def test_likeness_is_what_the_numbers_say_of_the_signs(seed: int, count: int, scale: float) -> None:
    chance = np.random.default_rng(seed)
    numbers = scale * chance.normal(size=(count, 128))
    codes = signs(chance.normal(size=(count, 128)))
    told = likeness(numbers, codes.view(np.uint64))
    agreeing = [
        sum(abs(number) * (1 if (number > 0) == bool(sign) else -1) for number, sign in zip(*each, strict=True))
        for each in zip(numbers, np.unpackbits(codes, axis=1), strict=True)
    ]
    assert told == pytest.approx(np.array(agreeing) / 128 / np.sqrt((numbers**2).mean(axis=1)))
    assert likeness(-numbers, codes.view(np.uint64)) == pytest.approx(-told)
    assert (np.abs(told) <= 1).all()


def test_what_has_no_numbers_is_like_nothing() -> None:
    assert likeness(np.zeros((3, 128)), signs(np.ones((3, 128))).view(np.uint64)).tolist() == [0, 0, 0]
