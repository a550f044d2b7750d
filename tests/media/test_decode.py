"""Whatever the file holds, the luma is that of the picture as a viewer would see it on a white page."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media.pictures import MIMES, drawn, encoded, oriented, swapped_profile
from tutela.media import Limits
from tutela.media.decode import Raster, Refused, decode
from tutela.model import SkipCode

LIMITS = Limits()


def luma_of(data: bytes, shortest: int = 10**9) -> Raster:
    return decode(data, LIMITS, shortest=shortest)


def plain(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB").convert("L"), dtype=float)


def apart(raster: Raster, picture: Image.Image) -> float:
    """Mean absolute difference of two lumas, in levels of 255."""
    return float(np.abs(raster.luma.astype(float) - plain(picture)).mean())


def refusal(data: bytes, limits: Limits = LIMITS) -> SkipCode:
    with pytest.raises(Refused) as caught:
        decode(data, limits, shortest=240)
    return caught.value.code


@pytest.mark.parametrize("name", MIMES)
def test_every_format_decodes_to_the_same_luma(name: str):
    raster = luma_of(encoded(drawn(), name))
    assert (raster.mime, raster.width, raster.height, raster.scale) == (MIMES[name], 360, 300, 1)
    assert raster.luma.dtype == np.uint8
    assert apart(raster, drawn()) < (6 if name == "GIF" else 2)


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_give_luma_by_itu_r_bt_601(name: str):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(pixels), name, **({"lossless": True} if name == "WEBP" else {}))
    expected = pixels.astype(float) @ (0.299, 0.587, 0.114)
    assert np.abs(luma_of(data).luma - expected).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_exif_orientation_is_applied_once(name: str, orientation: int):
    raster = luma_of(oriented(drawn(), orientation, name))
    assert (raster.width, raster.height) == (360, 300)
    assert apart(raster, drawn()) < 3


def test_in_heic_the_turn_of_the_container_counts_and_not_that_of_exif():
    """ISO/IEC 23008-12, 6.5.10: `irot` and `imir` turn the picture; EXIF's orientation is for information."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(drawn(), "HEIF", exif=exif)  # given as an object, the encoder writes no `irot` for it
    assert b"irot" not in data
    assert apart(luma_of(data), drawn()) < 2


def test_an_orientation_that_makes_no_sense_is_ignored():
    for value in (0, 9, 77):
        assert apart(luma_of(oriented(drawn(), value)), drawn()) < 3


def cmyk() -> bytes:
    return encoded(drawn().convert("CMYK"), "JPEG")


def sixteen_bit(top: float = 257.0, name: str = "PNG") -> bytes:
    return encoded(Image.fromarray((np.asarray(drawn(mode="L")) * top).astype(np.uint16)), name)


def floating() -> bytes:
    return encoded(Image.fromarray((np.asarray(drawn(mode="L")) / 255).astype(np.float32)), "TIFF")


def signed() -> bytes:
    return encoded(Image.fromarray(np.asarray(drawn(mode="L")).astype(np.int32)), "TIFF")


@pytest.mark.parametrize(
    ("make", "bound"),
    [
        (cmyk, 3),
        (sixteen_bit, 1),
        (lambda: sixteen_bit(name="TIFF"), 1),
        (floating, 1),
        (signed, 1),
        (lambda: encoded(drawn(mode="L"), "PNG"), 1),
        (lambda: encoded(drawn(mode="L"), "JPEG"), 2),
        (lambda: encoded(drawn(mode="LA"), "PNG"), 1),
        (lambda: encoded(drawn(mode="P"), "PNG"), 15),
        (lambda: encoded(drawn().quantize(256), "PNG"), 6),
        (lambda: encoded(drawn().quantize(256), "GIF"), 6),
        (lambda: encoded(drawn(mode="LAB"), "TIFF"), 4),
        (lambda: encoded(drawn(mode="YCbCr"), "TIFF", compression="jpeg", quality=95), 3),
        (lambda: encoded(drawn(), "JPEG", progressive=True), 2),
        (lambda: encoded(drawn(), "JPEG", keep_rgb=True), 2),
        (lambda: encoded(drawn(), "TIFF", compression="tiff_lzw"), 1),
    ],
)
def test_every_colour_mode_decodes_to_the_same_luma(make: Callable[[], bytes], bound: float):
    assert apart(luma_of(make()), drawn()) < bound


def test_two_colours_stay_two_colours():
    picture = drawn(mode="L").point(lambda level: 255 * (level > 127)).convert("1")
    assert apart(luma_of(encoded(picture)), picture) == 0


def test_infinite_and_undefined_pixels_do_not_darken_the_others():
    values = np.full((10, 10), 0.5, dtype=np.float32)
    values[0, :3] = np.inf, -np.inf, np.nan
    luma = luma_of(encoded(Image.fromarray(values), "TIFF")).luma
    assert luma[0, :3].tolist() == [255, 0, 0]
    assert (luma[1:] == 128).all()


@pytest.mark.parametrize("name", ["PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_transparency_lies_on_white_and_hides_what_is_under_it(name: str):
    alpha = Image.linear_gradient("L").resize((360, 300))
    shown = Image.composite(drawn(), Image.new("RGB", (360, 300), "white"), alpha)
    picture = drawn()
    picture.putalpha(alpha)
    hidden = drawn(seed=9)
    hidden.putalpha(0)
    assert apart(luma_of(encoded(picture, name)), shown) < 3
    assert (luma_of(encoded(hidden, name)).luma >= 254).all()


def test_transparent_palette_entries_lie_on_white_even_when_the_picture_shrinks():
    picture = Image.new("P", (1200, 1200), 0)
    picture.putpalette([0, 0, 0, 200, 10, 10])
    picture.paste(1, (0, 0, 600, 1200))
    for name in ("PNG", "GIF"):
        raster = luma_of(encoded(picture, name, transparency=0), shortest=240)
        assert raster.scale == 4
        assert (raster.luma[:, 150:] == 255).all()
        assert (raster.luma[:, :150] < 80).all()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF"])
def test_a_colour_profile_is_followed(name: str):
    red, green, blue = drawn().split()
    data = encoded(Image.merge("RGB", (blue, green, red)), name, icc_profile=swapped_profile())
    assert apart(luma_of(data), drawn()) < 3


def test_a_colour_profile_counts_at_a_reduced_scale_too():
    red, green, blue = drawn(1, 1200, 1000).split()
    data = encoded(Image.merge("RGB", (blue, green, red)), "JPEG", icc_profile=swapped_profile())
    raster = luma_of(data, shortest=240)
    assert raster.scale == 4
    assert apart(raster, drawn(1, 1200, 1000).reduce(4)) < 3


@pytest.mark.parametrize("profile", [b"x" * 40, b"x" * 400, swapped_profile()[:300]])
def test_a_broken_colour_profile_is_ignored(profile: bytes):
    assert apart(luma_of(encoded(drawn(), "PNG", icc_profile=profile)), drawn()) < 1


def test_a_colour_profile_for_another_mode_is_ignored():
    data = encoded(drawn(mode="L"), "PNG", icc_profile=swapped_profile())
    assert apart(luma_of(data), drawn()) < 1


@settings(max_examples=40, deadline=None)
@given(
    st.integers(5, 700),
    st.integers(5, 700),
    st.integers(5, 120),
    st.sampled_from(["JPEG", "PNG"]),
    st.integers(1, 8),
)
def test_a_reduced_picture_is_made_of_the_means_of_blocks(width: int, height: int, shortest: int, name: str, turn: int):
    """The cut-off blocks stand where `cut` says, and the scale is the largest that keeps the shorter side."""
    picture = drawn(2, width, height, "L")
    raster = luma_of(oriented(picture, turn, name), shortest)
    scale = raster.scale
    assert (raster.height, raster.width) == (height, width)
    assert scale == max(s for s in (1, 2, 4, 8) if s == 1 or min(width, height) // s >= shortest)
    top, left = (-side % scale if cut else 0 for side, cut in zip((height, width), raster.cut, strict=True))
    padded = np.pad(plain(picture), ((top, -(height + top) % scale), (left, -(width + left) % scale)), "edge")
    means = padded.reshape(padded.shape[0] // scale, scale, -1, scale).mean(axis=(1, 3))
    assert raster.luma.shape == means.shape
    assert np.abs(raster.luma - means).mean() < (4 if name == "JPEG" else 3)


def test_of_an_animation_the_first_frame_counts():
    frames = [drawn(seed) for seed in (1, 2)]
    for name in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], name, save_all=True, append_images=frames[1:])
        assert apart(luma_of(data), frames[0]) < 6


def test_names_of_refusals():
    assert refusal(b"") == SkipCode.EMPTY
    assert refusal(b"hello") == SkipCode.UNSUPPORTED
    assert refusal(encoded(drawn(), "JPEG")[:2000]) == SkipCode.DAMAGED
    assert refusal(bytes(100), Limits(file_bytes=99)) == SkipCode.TOO_LARGE


@pytest.mark.parametrize("name", MIMES)
def test_the_limit_on_pixels_comes_before_decoding(name: str, monkeypatch: pytest.MonkeyPatch):
    picture = encoded(drawn(), name)
    size = 360 * 300
    limits = {"scaled_pixels" if MIMES[name] == "image/jpeg" else "pixels": size}
    decode(picture, Limits(**limits), shortest=240)
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    assert refusal(picture, Limits(**dict.fromkeys(limits, size - 1))) == SkipCode.TOO_MANY_PIXELS


def test_a_webp_file_is_not_even_opened_beyond_the_limit(monkeypatch: pytest.MonkeyPatch):
    data = encoded(drawn(), "WEBP")
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("opened"))
    assert refusal(data, Limits(pixels=1000)) == SkipCode.TOO_MANY_PIXELS


def test_a_decoder_never_sees_a_format_that_the_first_bytes_do_not_name():
    """Pillow would read this as EPS or PSD; the list of decoders is ours."""
    assert refusal(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n") == SkipCode.UNSUPPORTED
    assert refusal(b"8BPS\0\1" + bytes(60)) == SkipCode.UNSUPPORTED


@given(
    st.binary(max_size=200), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b""])
)
@settings(deadline=None)
def test_arbitrary_bytes_are_a_picture_or_refused(data: bytes, head: bytes):
    try:
        assert decode(head + data, Limits(pixels=10**6, scaled_pixels=10**6), shortest=240).luma.size > 0
    except Refused as refused:
        assert refused.code in SkipCode
