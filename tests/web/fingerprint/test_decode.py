"""Whatever the file holds, the page sees the luma that Python sees; and it refuses what it cannot read."""

import base64
import struct
import zlib

import numpy as np
import pytest
from browser_page import FingerprintPage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from media.pictures import MIMES, drawn, encoded, oriented, swapped_profile
from tutela.media import Limits
from tutela.media.decode import decode
from tutela.media.formats import FORMATS, recognise
from tutela.simulate.pictures import draw

pytestmark = pytest.mark.browser

READ = ["JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "AVIF"]
"""Formats that Chromium decodes; TIFF and HEIC it does not."""


def seen(page: FingerprintPage, data: bytes, *, parts: bool = False) -> dict:
    """The raster that the page makes, its luma as an array."""
    raster = page.call("luma", page.served.put(data), parts)
    page.served.clear()
    luma = np.frombuffer(base64.b64decode(raster["luma"]), np.uint8)
    return raster | {"luma": luma.reshape(raster["rows"], raster["columns"])}


def apart(page: FingerprintPage, data: bytes, shortest: int = 240) -> float:
    """Mean absolute difference from Python's luma, in levels; everything else has to be the same."""
    expected, found = decode(data, Limits(), shortest=shortest), seen(page, data)
    assert (found["width"], found["height"]) == (expected.width, expected.height)
    assert found["scale"] == expected.scale
    assert found["luma"].shape == expected.luma.shape
    return float(np.abs(found["luma"].astype(float) - expected.luma).mean())


def with_alpha() -> Image.Image:
    picture = draw(4).convert("RGBA")
    picture.putalpha(draw(6).convert("L"))
    return picture


@pytest.mark.parametrize("name", READ)
def test_every_format_that_the_browser_reads_gives_pythons_luma(page: FingerprintPage, name: str):
    assert apart(page, encoded(draw(4), name)) < 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_orientation_is_applied_once(page: FingerprintPage, name: str, orientation: int):
    assert apart(page, oriented(drawn(), orientation, name)) < 0.5


def test_an_orientation_that_makes_no_sense_is_ignored(page: FingerprintPage):
    for value in (0, 9, 77):
        assert apart(page, oriented(drawn(), value, "WEBP")) < 0.5


@pytest.mark.parametrize("size", [(1999, 1501), (2000, 1500), (2571, 2057)])
@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_large_pictures_are_reduced_as_in_python(page: FingerprintPage, name: str, size: tuple[int, int]):
    assert apart(page, encoded(draw(2).resize(size, Image.Resampling.BICUBIC), name)) < 0.7


def test_for_parts_more_pixels_are_kept(page: FingerprintPage):
    data = encoded(draw(2).resize((2600, 2000), Image.Resampling.BICUBIC), "JPEG")
    assert seen(page, data)["scale"] == 8
    assert seen(page, data, parts=True)["scale"] == 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(draw(4).convert("CMYK"), "JPEG"), id="CMYK"),
        pytest.param(encoded(draw(4), "JPEG", icc_profile=swapped_profile()), id="profile, JPEG"),
        pytest.param(encoded(draw(4), "PNG", icc_profile=swapped_profile()), id="profile, PNG"),
        pytest.param(encoded(with_alpha(), "PNG"), id="alpha, PNG"),
        pytest.param(encoded(with_alpha(), "WEBP", lossless=True, exact=True), id="alpha, WebP"),
        pytest.param(encoded(with_alpha().convert("LA"), "PNG"), id="grey with alpha"),
        pytest.param(encoded(draw(4).convert("P"), "PNG"), id="palette"),
        pytest.param(encoded(draw(4).convert("L"), "JPEG"), id="grey"),
        pytest.param(encoded(draw(4).convert("1"), "PNG"), id="one bit"),
        pytest.param(encoded(Image.fromarray(np.asarray(draw(4).convert("L")).astype(np.uint16) * 257)), id="16 bits"),
    ],
)
def test_every_colour_mode_gives_pythons_luma(page: FingerprintPage, data: bytes):
    assert apart(page, data) < 1


def test_transparency_lies_on_white(page: FingerprintPage):
    clear = encoded(Image.new("RGBA", (30, 20), (200, 10, 60, 0)), "PNG")
    assert (seen(page, clear)["luma"] == 255).all()


def bomb(side: int) -> bytes:
    """A PNG that declares side × side pixels and has none."""
    body = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unsupported"),
        (b"no picture at all", "unsupported"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "unsupported"),
        (encoded(drawn(), "TIFF"), "unsupported"),
        (encoded(drawn(), "HEIF"), "unsupported"),
        (encoded(drawn(), "JPEG")[:3000], "damaged"),
        (encoded(drawn(), "PNG")[:3000], "damaged"),
        (encoded(drawn(), "WEBP")[:300], "damaged"),
        (encoded(drawn(), "GIF")[:3000], "damaged"),
        (encoded(drawn(), "BMP")[:3000], "damaged"),
        (encoded(drawn(), "PNG")[:20], "damaged"),
        (bomb(30_000), "too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_by_a_code(page: FingerprintPage, data: bytes, code: str):
    (answer,) = page.fingerprints([data], parts=True)
    assert answer["code"] == code
    assert answer["message"]


def test_a_browser_that_scrambles_what_scripts_read_is_refused(page: FingerprintPage):
    """As Tor's browser does against telling people apart: a fingerprint of noise would protect nobody."""
    path = page.served.put(encoded(drawn()))
    code = page.page.evaluate(
        """async (path) => {
          const kind = OffscreenCanvasRenderingContext2D.prototype;
          const plain = kind.getImageData;
          kind.getImageData = function (...where) {
            const read = plain.apply(this, where);
            read.data.forEach((_, at) => { read.data[at] = Math.random() * 256; });
            return read;
          };
          const code = await tutela.luma(path, false).catch(({code}) => code);
          kind.getImageData = plain;
          return code;
        }""",
        path,
    )
    assert code == "hidden"


def declared(page: FingerprintPage, data: bytes) -> dict:
    return page.call("declared", base64.b64encode(data).decode())


@pytest.mark.parametrize("name", ["JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP"])
def test_a_file_that_is_cut_off_is_noticed_before_it_is_decoded(page: FingerprintPage, name: str):
    """Firefox and WebKit would show the rest in grey, and say nothing."""
    data = encoded(drawn(), name)
    assert declared(page, data)["whole"]
    assert declared(page, data + b"\xff\xd9 and more behind it")["whole"]
    for end in (0.01, 0.3, 0.49 if name == "MPO" else 0.99):
        assert not declared(page, data[: int(end * len(data))])["whole"], end


@pytest.mark.parametrize("options", [{"progressive": True}, {"exif": encoded(drawn(2, 40, 30), "JPEG")}])
def test_an_end_within_a_jpeg_is_not_its_end(page: FingerprintPage, options: dict):
    """Of a small picture in what EXIF holds, and of one scan of several."""
    data = encoded(drawn(), "JPEG", **options)
    assert declared(page, data)["whole"]
    assert not declared(page, data[: int(0.9 * len(data))])["whole"]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF"])
def test_the_orientation_that_a_file_states_is_read(page: FingerprintPage, name: str, orientation: int):
    """For browsers that do not heed it themselves: Chromium in a WebP, WebKitGTK in a PNG and an AVIF."""
    assert declared(page, oriented(drawn(1, 40, 30), orientation, name))["orientation"] == orientation


@pytest.mark.parametrize("name", [name for name in MIMES if name != "TIFF"])
def test_files_declare_their_pixels(page: FingerprintPage, name: str):
    said = declared(page, encoded(drawn(1, 36, 30), name))
    assert said["media"] == MIMES[name]
    assert said["pixels"] >= 36 * 30


def test_webp_declares_its_pixels_in_all_three_ways(page: FingerprintPage):
    for options in ({}, {"lossless": True}, {"exif": b"MM\0*\0\0\0\x08\0\0"}):
        data = encoded(drawn(1, 36, 30), "WEBP", **options)
        assert declared(page, data)["pixels"] == 36 * 30


heads = st.sampled_from(
    [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"\0\0\0\x18ftypavif",
        b"",
    ]
    + [b"\0\0\0\x1cftypmif1\0\0\0\0" + brand for brand in (b"avif", b"heic", b"heix", b"mp41")]
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(heads, st.binary(max_size=90))
def test_any_bytes_are_recognised_as_python_does(page: FingerprintPage, head: bytes, rest: bytes):
    expected = recognise((head + rest)[:64])
    said = declared(page, head + rest)
    assert said["media"] == (expected.mime if expected else None)
    assert said["pixels"] >= 0
    assert said["whole"] in (True, False)
    assert 1 <= said["orientation"] <= 8
    assert {form.mime for form in FORMATS.values()} >= {said["media"]} - {None}
