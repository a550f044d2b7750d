"""Bytes → one normalised picture. Runs only inside the confined worker.

Whatever the file holds (CMYK, palette, 16 bits, alpha, a colour profile, an EXIF orientation), the result is the same:
8-bit luma (ITU-R BT.601, .299/.587/.114) of the sRGB picture as a viewer would see it on a white page.
**The rule for alpha**: composite over white; what is hidden under full transparency does not count.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from tutela.media.formats import FORMATS, Format, recognise, webp_pixels
from tutela.media.limits import Limits
from tutela.model import SkipCode

Image.MAX_IMAGE_PIXELS = None  # our own limit stands before decoding; Pillow's would only warn

SCALES = (8, 4, 2, 1)
_WHITE = (255, 255, 255, 255)

_LYING, _MIRRORED, _UPSIDE_DOWN = (5, 6, 7, 8), (2, 3, 6, 7), (3, 4, 7, 8)
"""EXIF orientations (Exif 2.32, tag 0x0112) by what makes them upright: transpose, then mirror, then flip."""


class Refused(Exception):  # noqa: N818 - an answer, not an error: it crosses the border as a number
    """The item has no picture; `code` says why."""

    def __init__(self, code: SkipCode) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Raster:
    """A decoded picture, upright.

    `luma` is uint8 of shape (rows, columns), reduced by `scale` (1, 2, 4 or 8) from `height` × `width` pixels: each
    of its values is the mean of a scale × scale block. Where the scale does not divide a side, one block is cut off:
    the last one, or the first one where `cut` (of rows, of columns) says so, which happens in a picture turned upright.
    """

    mime: str
    width: int
    height: int
    scale: int
    luma: NDArray[np.uint8]
    cut: tuple[bool, bool] = (False, False)


def decode(data: bytes, limits: Limits, *, shortest: int) -> Raster:
    """Decodes one picture, reduced as far as its shorter side stays at `shortest` pixels or more.

    Raises `Refused` for everything that is no picture within the limits, `MemoryError` beyond the memory limit.
    """
    if not data:
        raise Refused(SkipCode.EMPTY)
    if len(data) > limits.file_bytes:
        raise Refused(SkipCode.TOO_LARGE)
    form = recognise(data[:64])
    if form is None:
        raise Refused(SkipCode.UNSUPPORTED)
    if form is FORMATS["webp"] and webp_pixels(data[:64]) > limits.pixels:
        raise Refused(SkipCode.TOO_MANY_PIXELS)
    try:
        return _decode(data, form, limits, shortest)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # a damaged file raises anything, from every decoder and every library under it
        raise Refused(SkipCode.DAMAGED) from error


def _decode(data: bytes, form: Format, limits: Limits, shortest: int) -> Raster:
    with Image.open(BytesIO(data), formats=form.decoders) as picture:
        width, height = picture.size
        if min(width, height) < 1:
            raise Refused(SkipCode.DAMAGED)
        if width * height > (limits.scaled_pixels if form.scales else limits.pixels):
            raise Refused(SkipCode.TOO_MANY_PIXELS)
        scale = next(s for s in SCALES if s == 1 or min(width, height) // s >= shortest)
        profile = _foreign_profile(picture)
        if form.scales:
            picture.draft("RGB" if profile else "L", (width // scale, height // scale))
        picture.load()
        reduced = form.scales and picture.size != (width, height)
        if not form.scales:
            width, height = picture.size  # TIFF's decoder turns the picture by itself
        luma = _luma(picture, profile, 1 if reduced else scale)
        orientation = _orientation(picture)
    if orientation in _LYING:
        width, height = height, width
    luma = np.ascontiguousarray(_turn(luma, orientation))
    return Raster(form.mime, width, height, scale, luma, (orientation in _UPSIDE_DOWN, orientation in _MIRRORED))


def _luma(picture: Image.Image, profile: bytes | None, scale: int) -> NDArray[np.uint8]:
    """Luma of the whole picture, reduced by `scale` here where the decoder has not done so already."""
    plain = _plain(picture)
    if scale > 1:
        plain = plain.reduce(scale)
    if plain.mode == "RGBA":
        plain = Image.alpha_composite(Image.new("RGBA", plain.size, _WHITE), plain).convert("RGB")
    if profile:
        plain = _to_srgb(plain, profile)
    return np.asarray(plain if plain.mode == "L" else plain.convert("RGB").convert("L"))


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in a mode of eight bits a channel that averages well: L, RGB, RGBA, CMYK or YCbCr."""
    if picture.mode.startswith(("I", "F")):
        return _from_wide(picture)
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode in ("L", "RGB", "CMYK", "YCbCr"):
        return picture
    if picture.mode == "LAB":
        return _to_srgb(picture, None)
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _from_wide(picture: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating-point grey: white is 1, 255 or 65535, the least that holds the brightest pixel."""
    values = np.asarray(picture).astype(np.float32)
    brightest = float(np.max(values, initial=0.0, where=np.isfinite(values)))
    if picture.mode.startswith("I;16"):
        white = 65535.0
    else:
        white = next((top for top in (1.0, 255.0, 65535.0) if brightest <= top), max(brightest, 1.0))
        if picture.mode == "I" and white == 1.0:
            white = 255.0
    levels = np.nan_to_num(values / white * 255.0, nan=0.0, posinf=255.0, neginf=0.0)
    return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))


def _foreign_profile(picture: Image.Image) -> bytes | None:
    """The embedded colour profile, unless it is sRGB or none at all."""
    profile = picture.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) < 128 or b"sRGB" in profile or b"s\0R\0G\0B" in profile:
        return None
    return profile


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Through the colour profile to sRGB; a profile that is broken or for another mode is ignored, as viewers do."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile)) if profile else ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        converted = None
    return converted or picture.convert("RGB")


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation that is still to be applied, 1 to 8; 1 where the tag is absent or nonsense."""
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - broken EXIF raises anything; a picture without EXIF is still a picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _turn(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Upright pixels for an EXIF orientation."""
    if orientation in _LYING:
        pixels = pixels.T
    if orientation in _MIRRORED:
        pixels = pixels[:, ::-1]
    if orientation in _UPSIDE_DOWN:
        pixels = pixels[::-1]
    return pixels
