"""Pictures drawn for the tests: smooth colour fields with a pattern that no orientation maps to itself."""

from io import BytesIO

import numpy as np
import pi_heif
import pillow_heif
from PIL import Image, ImageCms, ImageDraw

pillow_heif.register_heif_opener()  # writes HEIC files, which the program never does
pi_heif.register_heif_opener()  # reads them, as the program does: the later one counts

MIMES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}
"""Pillow's name of every format that Tutela reads, with the MIME type it should be recognised as."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How to lay an upright picture so that the EXIF orientation of that number describes it (each undone by the tag)."""


def drawn(seed: int = 1, width: int = 360, height: int = 300, mode: str = "RGB") -> Image.Image:
    """A smooth random picture with two shapes in it, the same for the same seed."""
    rng = np.random.default_rng(seed)
    field = rng.integers(0, 256, (6, 7, 3), dtype=np.uint8)
    picture = Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((width // 8, height // 6, width // 3, height // 2), fill=(240, 230, 40))
    pen.rectangle((width // 2, height // 2, width * 9 // 10, height * 3 // 5), fill=(20, 30, 90))
    return picture.convert(mode)


def encoded(picture: Image.Image, name: str = "PNG", **options: object) -> bytes:
    """The picture as a file of one of `MIMES`."""
    buffer = BytesIO()
    if name == "MPO":
        options |= {"save_all": True, "append_images": [Image.new("RGB", picture.size, "red")]}
    if name in ("JPEG", "MPO"):
        options = {"quality": 92, **options}
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def oriented(picture: Image.Image, orientation: int, name: str = "JPEG", **options: object) -> bytes:
    """A file whose pixels lie otherwise and whose EXIF orientation makes them upright again."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = picture.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else picture
    return encoded(turned, name, exif=exif.tobytes(), **options)


def swapped_profile() -> bytes:
    """A colour profile whose red is sRGB's blue and whose blue is sRGB's red."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    return data.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
