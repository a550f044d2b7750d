"""PDQ against the plain oracle, in all eight orientations, and at reduced scales."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media.pictures import drawn
from oracles import pdq as oracle
from tutela.fingerprints.pdq import pdq
from tutela.model import ORIENTATIONS, Pdq

LAID = {
    "as-is": lambda a: a,
    "rotated-90": lambda a: np.rot90(a, 1),
    "rotated-180": lambda a: np.rot90(a, 2),
    "rotated-270": lambda a: np.rot90(a, 3),
    "mirrored": np.fliplr,
    "flipped": np.flipud,
    "transposed": np.transpose,
    "transversed": lambda a: np.rot90(a, 2).T,
}
"""How NumPy lays a picture in each orientation; `numpy.rot90` turns counter-clockwise."""

sides = st.integers(5, 140)
seeds = st.integers(0, 10**6)


def smooth(seed: int, height: int, width: int) -> np.ndarray:
    return np.asarray(drawn(seed, width, height, "L"))


def noisy(seed: int, height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 12, (height, width))
    return np.clip(smooth(seed, height, width) + noise, 0, 255).astype(np.uint8)


def hashed(luma: np.ndarray) -> Pdq:
    return pdq(np.ascontiguousarray(luma), *luma.shape)


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@settings(max_examples=25, deadline=None)
@given(seeds, sides, sides)
def test_the_hash_is_the_oracles_but_where_a_coefficient_is_all_but_the_median(seed: int, height: int, width: int):
    luma = smooth(seed, height, width)
    small = oracle.reduced(luma.astype(float).tolist())
    transformed, found = oracle.transform(small), hashed(luma)
    coefficients = [value for row in transformed for value in row]
    median = sorted(coefficients)[127]
    differing = int.from_bytes(found.code) ^ int.from_bytes(oracle.bits(transformed))
    assert all(abs(value - median) < 0.005 for place, value in enumerate(coefficients) if differing >> place & 1)
    assert abs(found.quality - oracle.quality(small)) <= 1


def test_the_hash_of_a_larger_picture_is_the_oracles():
    for height, width in ((300, 517), (768, 129)):
        luma = noisy(5, height, width)
        assert distance(hashed(luma).code, oracle.pdq(luma.astype(float).tolist())[0]) <= 2


@given(st.integers(0, 4), st.integers(0, 30))
def test_a_side_under_five_pixels_has_no_hash(short: int, long: int):
    for shape in ((short, long), (long, short)):
        assert pdq(np.zeros(shape, np.uint8), *shape) == Pdq(bytes(256), 0)


def test_a_picture_of_one_colour_has_quality_zero():
    assert hashed(np.full((100, 80), 77, np.uint8)).quality == 0


def test_quality_grows_with_texture_up_to_a_hundred():
    faint = (smooth(1, 200, 200) // 24 + 100).astype(np.uint8)
    qualities = [hashed(luma).quality for luma in (faint, smooth(1, 200, 200), noisy(1, 64, 64))]
    assert qualities == sorted(qualities)
    assert qualities[0] < 50
    assert qualities[-1] == 100


def test_the_orientations_named_by_the_vocabulary_are_these_eight():
    assert tuple(LAID) == ORIENTATIONS


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(64, 700), st.integers(64, 700))
def test_each_code_is_that_of_the_picture_laid_so(seed: int, height: int, width: int):
    """Not what the signs of the coefficients predict: PDQ's windows lean to one side, which costs up to 56 bits."""
    luma = noisy(seed, height, width)
    codes = hashed(luma).codes
    for place, lay in enumerate(LAID.values()):
        assert distance(codes[32 * place :][:32], hashed(lay(luma)).code) <= 2


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(480, 1000), st.integers(480, 1000), st.sampled_from([2, 4]), st.booleans(), st.booleans())
def test_means_of_blocks_hash_like_the_full_picture(
    seed: int, height: int, width: int, scale: int, top: bool, left: bool
):
    """Also where the blocks that an edge cuts off come first."""
    luma = noisy(seed, height, width)
    turned = luma[:: -1 if top else 1, :: -1 if left else 1]
    blocks = np.asarray(Image.fromarray(turned).reduce(scale))[:: -1 if top else 1, :: -1 if left else 1]
    found, full = pdq(np.ascontiguousarray(blocks), height, width, scale, (top, left)), hashed(luma)
    assert distance(found.code, full.code) <= 10
    assert abs(found.quality - full.quality) <= 2


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("side", [5, 63, 64, 127, 128, 129, 1001])
def test_brightness_is_kept_whatever_the_side(side: int, scale: int, cut: bool):
    """Every pick is a mean: no weight is lost or counted twice, or an even picture would not stay even."""
    size = -(-side // scale)
    level = np.full((size, size), 200, np.uint8)
    assert pdq(level, side, side, scale, (cut, cut)).quality == 0
