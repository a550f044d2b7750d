"""Parts: the conformance set, and what every implementation must keep to."""

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from points import found_again

from tutela.fingerprints import Detail, Fingerprinter
from tutela.fingerprints.answer import decode_answer, encode
from tutela.fingerprints.descriptions import direction
from tutela.fingerprints.keypoints import LAYERS, blurred, extrema, octaves
from tutela.fingerprints.parts import LOOKED_UP, PROTECTED, SEEN, kept_parts, looked_up_parts, working_size
from tutela.fingerprints.projection import mirrored, mirrored_order, projection
from tutela.media import Limits
from tutela.media.decode import decode
from tutela.model import Fingerprint, Parts, Pdq
from tutela.model.parts import KEPT
from tutela.simulate.pictures import draw, jpeg

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "parts.json").read_text("utf-8"))
some_parts = st.integers(0, 5).flatmap(
    lambda count: st.builds(
        Parts,
        st.binary(min_size=6 * count, max_size=6 * count),
        st.binary(min_size=64 * count, max_size=64 * count),
    )
)
RECORD = np.dtype([("place", "<u2", 2), ("size", "u1"), ("direction", "u1")])


def luma(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"))


def points(parts: Parts) -> np.ndarray:
    """Rows of x, y, in shares of the sides, blur in 1024ths of the size, and direction in turns."""
    raw = np.frombuffer(parts.points, RECORD)
    return np.column_stack([raw["place"] / 65536, 2 ** (raw["size"] / 16), raw["direction"] / 256])


def descriptions(parts: Parts) -> np.ndarray:
    return np.frombuffer(parts.descriptions, np.int8).reshape(-1, 64).astype(int)


def turned_by(angles: np.ndarray) -> np.ndarray:
    """From 0 to half a turn."""
    return np.abs((angles + 0.5) % 1 - 0.5)


@pytest.mark.parametrize("entry", VECTORS)
def test_the_conformance_set_is_found_again(entry: dict) -> None:
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(entry["png"]))))
    for name, area, find in (("protect", PROTECTED, kept_parts), ("lookup", LOOKED_UP, looked_up_parts)):
        expected = Parts(*(base64.b64decode(entry[name][each]) for each in ("points", "descriptions")))
        again, difference = found_again(expected, find(pixels), working_size(*pixels.shape[::-1], area))
        assert len(expected) > 100
        assert again.mean() >= 0.95
        assert np.median(difference[again]) <= 4


def test_what_looks_up_finds_what_protects() -> None:
    """Most points of the smaller view are there in the larger one, with descriptions that are much alike."""
    picture = luma(draw(5))
    kept, looked_up = points(kept_parts(picture)), points(looked_up_parts(picture))
    apart = np.abs((kept[:, None, :2] - looked_up[None, :, :2]) * [480, 360]).max(axis=2)
    alike = (apart < 1.5) & (np.abs(np.log(kept[:, None, 2] / looked_up[None, :, 2])) < 0.3)
    assert alike.any(axis=1).mean() > 0.6


def test_there_are_never_more_points_than_agreed() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (150, 200), dtype=np.uint8)
    noise = np.asarray(Image.fromarray(noise).resize((2000, 1500), Image.Resampling.BICUBIC))
    assert len(kept_parts(noise)) == KEPT
    assert SEEN <= len(looked_up_parts(noise)) <= 2 * SEEN


def test_points_come_from_all_regions_before_the_second_of_any() -> None:
    first = points(kept_parts(luma(draw(2))))[:64]
    regions = np.floor(first[:, :2] * 8).astype(int)
    assert len(np.unique(regions, axis=0)) >= 60


def test_a_mirrored_picture_has_mirrored_descriptions() -> None:
    picture = draw(7)
    as_is, swapped = looked_up_parts(luma(picture)), looked_up_parts(luma(ImageOps.mirror(picture)))
    mine, theirs = points(as_is), points(swapped)
    mine[:, 0], mine[:, 3] = 1 - mine[:, 0], 0.5 - mine[:, 3]
    apart = np.abs((mine[:, None, :2] - theirs[None, :, :2]) * [480, 360]).max(axis=2)
    same = (apart < 0.7) & (turned_by(mine[:, None, 3] - theirs[None, :, 3]) < 0.03)
    same &= np.abs(np.log(mine[:, None, 2] / theirs[None, :, 2])) < 0.1
    there = same.any(axis=1)
    assert there.mean() > 0.6
    turned_round = mirrored(descriptions(as_is).astype(np.int8)).astype(int)
    nearest = [
        np.abs(turned_round[row] - descriptions(swapped)[same[row]]).mean(axis=1).min() for row in there.nonzero()[0]
    ]
    assert np.median(nearest) < 3


def test_the_axes_stay_or_turn_round_when_a_picture_is_mirrored() -> None:
    mean, axes = projection()
    order = mirrored_order()
    assert np.array_equal(np.sort(order), np.arange(128))
    assert np.array_equal(order[order], np.arange(128))
    assert np.allclose(mean, mean[order], atol=1e-6)
    signs = np.sign((axes * axes[:, order]).sum(axis=1, keepdims=True))
    assert np.allclose(axes[:, order], signs * axes, atol=1e-6)
    assert np.linalg.matrix_rank(axes) == 64


@pytest.mark.parametrize(("x", "y", "sigma"), [(100.0, 80.0, 4.0), (61.3, 90.7, 6.0), (150.5, 40.25, 9.0)])
def test_a_blob_is_a_key_point_where_it_lies_and_as_large_as_it_is(x: float, y: float, sigma: float) -> None:
    """The difference of two blurs answers most to a Gaussian blob of the same size (Lindeberg 1998)."""
    down, across = np.mgrid[:160, :220]
    blob = 40 + 180 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * sigma**2))
    found = [
        (px * 2**o, py * 2**o, blur * 2**o, strength)
        for o, layers in enumerate(octaves(blob.astype(np.uint8)))
        for px, py, blur, strength, _ in extrema(layers, 0.01).tolist()
    ]
    strongest = max(found, key=lambda point: point[3])
    assert strongest[:2] == pytest.approx((x, y), abs=0.2)
    assert strongest[2] == pytest.approx(sigma, rel=0.2)


def test_blur_is_that_of_a_whole_gaussian() -> None:
    """Against numpy's convolution along each axis, with edges that go on."""
    picture = np.random.default_rng(1).random((40, 50)).astype(np.float32)
    half = np.array([0.4, 0.2, 0.1], np.float32)
    whole = np.concatenate([half[:0:-1], half]).astype(np.float64)
    expected = np.pad(picture.astype(np.float64), 2, mode="edge")
    for axis in (0, 1):
        expected = np.apply_along_axis(np.convolve, axis, expected, whole, mode="valid")
    assert np.allclose(blurred(picture, half), expected, atol=1e-6)


def test_every_octave_has_half_of_the_last_ones_pixels() -> None:
    shapes = [layers.shape for layers in octaves(np.zeros((100, 130), np.uint8))]
    assert shapes == [(LAYERS + 3, 100, 130), (LAYERS + 3, 50, 65), (LAYERS + 3, 25, 33), (LAYERS + 3, 13, 17)]


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_directions_are_those_of_the_arctangent(y: float, x: float) -> None:
    turn = (direction(y, x) - np.arctan2(y, x)) / (2 * np.pi)
    assert x == y == 0 or turned_by(turn) < 1e-4


@pytest.mark.parametrize("shape", [(1, 1), (5, 900), (900, 5), (64, 64)])
def test_flat_pictures_of_any_shape_have_hardly_any_points(shape: tuple[int, int]) -> None:
    for find in (kept_parts, looked_up_parts):
        assert len(find(np.full(shape, 90, np.uint8))) < 10


@given(st.integers(1, 30_000), st.integers(1, 30_000))
def test_working_sizes_keep_the_shape_and_the_area(width: int, height: int) -> None:
    for area in (PROTECTED, LOOKED_UP):
        across, down = working_size(width, height, area)
        assert min(across, down) >= 16
        if min(across, down) > 16:
            assert across * down == pytest.approx(area, rel=0.05)
            assert across / down == pytest.approx(width / height, rel=0.07)


@given(some_parts | st.none())
def test_answers_carry_parts_over_the_border(parts: Parts | None) -> None:
    answer = encode("image/png", 3, 4, Pdq(bytes(256), 7), parts)
    assert decode_answer(answer, b"a", b"b").parts == parts


@given(some_parts, st.integers(1, 40))
def test_an_answer_that_is_cut_off_is_refused(parts: Parts, cut: int) -> None:
    answer = encode("image/png", 3, 4, Pdq(bytes(256), 7), parts)
    if len(answer) - cut != len(encode("image/png", 3, 4, Pdq(bytes(256), 7))):
        with pytest.raises(ValueError, match=r"cut off|at least"):
            decode_answer(answer[:-cut], b"", b"")


@pytest.mark.parametrize("detail", Detail)
def test_the_confined_worker_computes_what_was_asked_for(detail: Detail) -> None:
    data = jpeg(draw(3))
    with Fingerprinter(1, detail=detail) as computer:
        found = computer.fingerprint(data)
    assert isinstance(found, Fingerprint)
    picture = decode(data, Limits(), shortest=1000).luma
    find = {Detail.PLAIN: lambda _: None, Detail.PROTECT: kept_parts, Detail.LOOKUP: looked_up_parts}[detail]
    assert found.parts == find(picture)


def test_parts_appear_in_no_repr() -> None:
    parts = Parts(b"\1\2\3\4\5\6", bytes(range(64)))
    assert "\\x01" not in repr(Fingerprint("image/png", 1, 1, b"", b"", None, parts))


def test_the_same_file_again_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data, other = jpeg(draw(3)), jpeg(draw(4))
    with Fingerprinter(1, detail=Detail.PROTECT) as computer:
        first, asked = computer.fingerprint(data), []
        real = computer._pool.process
        monkeypatch.setattr(computer._pool, "process", lambda item, then: asked.append(item) or real(item, then))
        assert computer.fingerprint(data) is first
        assert asked == []
        assert computer.fingerprint(other) != first
        assert asked == [other]
