"""Pictures with things in them that must not travel: drawn patterns with telltale names and metadata."""

import io
import random
from dataclasses import dataclass

from PIL import Image, PngImagePlugin
from playwright.sync_api import FilePayload

ARTIST, PLACE = "TELLTALE-ARTIST-7731", "TELLTALE-PLACE-4402"


@dataclass(frozen=True)
class Photo:
    """A file as a person would choose it, and its pixels."""

    name: str
    media: str
    data: bytes
    pixels: bytes

    @property
    def payload(self) -> FilePayload:
        return {"name": self.name, "mimeType": self.media, "buffer": self.data}


def photo(kind: str, seed: int = 1, size: tuple[int, int] = (480, 360)) -> Photo:
    """A patterned picture; `kind` is JPEG, PNG, WEBP or AVIF."""
    noise = random.Random(seed).randbytes(24 * 18 * 3)
    image = Image.frombytes("RGB", (24, 18), noise).resize(size, Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x013B], exif[0x010E] = ARTIST, PLACE
    more: dict[str, object] = {"exif": exif}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", PLACE)
        more["pnginfo"] = texts
    held = io.BytesIO()
    image.save(held, kind, **more)
    data = held.getvalue()
    assert ARTIST.encode() in data
    return Photo(f"telltale-{kind}-jane-doe.{kind.lower()}", f"image/{kind.lower()}", data, image.tobytes())


def flat() -> Photo:
    """A picture with nothing to see in it."""
    held = io.BytesIO()
    image = Image.new("RGB", (200, 200), (90, 90, 90))
    image.save(held, "PNG")
    return Photo("telltale-flat.png", "image/png", held.getvalue(), image.tobytes())


def broken() -> list[FilePayload]:
    """Files that are no pictures: a text, and a picture that was cut off."""
    return [
        {"name": "telltale.txt", "mimeType": "image/png", "buffer": b"no picture at all"},
        {"name": "telltale-cut.png", "mimeType": "image/png", "buffer": photo("PNG").data[:2000]},
    ]
