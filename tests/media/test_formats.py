"""A file is what its first bytes say, whatever its name claims."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.pictures import MIMES, drawn, encoded
from tutela.media import FORMATS, recognise
from tutela.media.formats import webp_pixels


@pytest.mark.parametrize("name", MIMES)
def test_each_format_is_recognised_by_its_content(name: str):
    form = recognise(encoded(drawn(), name)[:64])
    assert form is not None
    assert form.mime == MIMES[name]


def test_every_format_in_the_table_is_drawn_somewhere_above():
    assert {form.mime for form in FORMATS.values()} == set(MIMES.values())


@pytest.mark.parametrize(
    "head",
    [b"", b"PK\3\4", b"<svg xmlns=", b"%PDF-1.7", b"RIFF\0\0\0\0WAVEfmt ", b"\0\0\0\x1cftypisom\0\0\2\0isomiso2mp41"],
)
def test_what_is_no_picture_is_not_recognised(head: bytes):
    assert recognise(head) is None


@pytest.mark.parametrize(
    ("brands", "mime"),
    [
        ((b"mif1", b"heic"), "image/heic"),
        ((b"mif1", b"avif"), "image/avif"),
        ((b"avis", b"msf1"), "image/avif"),
        ((b"isom", b"mp41"), None),
    ],
)
def test_brands_tell_heic_from_avif(brands: tuple[bytes, ...], mime: str | None):
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands)
    form = recognise((len(body) + 4).to_bytes(4, "big") + body)
    assert (form.mime if form else None) == mime


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda rest: b"\0\0\0\x20ftyp" + rest))
def test_no_bytes_upset_recognition(head: bytes):
    form = recognise(head)
    assert form is None or form in FORMATS.values()


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["lossy", "lossless", "extended"]))
def test_a_webp_file_tells_its_pixels_before_it_is_opened(width: int, height: int, kind: str):
    options: dict[str, object] = {"lossless": True} if kind == "lossless" else {}
    if kind == "extended":
        options = {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}
    assert webp_pixels(encoded(drawn(1, width, height), "WEBP", method=0, **options)[:64]) == width * height


@given(st.binary(max_size=64))
def test_no_bytes_upset_the_count_of_pixels(head: bytes):
    assert 0 <= webp_pixels(head) <= 2**48
    assert webp_pixels(b"RIFF" + struct.pack("<I", 0) + b"WEBPVP8X" + head) >= 1
