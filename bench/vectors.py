"""Writes `tests/vectors/pdq.json`: what the reference (the `pdqhash` package) says of every picture of the corpora.

Run as ``python bench/vectors.py CORPORA [OUT]`` with `pdqhash`, `numpy` and `pillow` installed; Tutela itself is not
used. The file maps the SHA-256 of a picture's bytes to its hash and quality; it holds no picture. Before hashing, the
picture is made plain in the simplest way that Pillow has: EXIF orientation applied, over white, sRGB, 8-bit RGB.
"""

import hashlib
import json
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

FOLDERS = ("photos", "pdq", "orientation")
OUT = Path(__file__).parents[1] / "tests" / "vectors" / "pdq.json"


def plain(picture: Image.Image) -> Image.Image:
    """The picture upright, opaque on white, as sRGB."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    if profile and picture.mode in ("RGB", "CMYK"):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        picture = converted or picture
    return picture.convert("RGB")


def vector(data: bytes) -> dict[str, str | int] | None:
    """Hash and quality of one file, or None where Pillow sees no picture in it."""
    import pdqhash

    try:
        with Image.open(BytesIO(data)) as picture:
            bits, quality = pdqhash.compute(np.asarray(plain(picture)))
    except OSError:
        return None
    return {"hash": np.packbits(bits).tobytes().hex(), "quality": int(quality)}


def main(corpora: Path, out: Path = OUT) -> None:
    """Hashes every file of the corpora that is a picture."""
    files = sorted(path for folder in FOLDERS for path in (corpora / folder).rglob("*") if path.is_file())
    vectors = {hashlib.sha256(data).hexdigest(): vector(data) for data in (path.read_bytes() for path in files)}
    lines = (f'"{key}": {json.dumps(found)}' for key, found in sorted(vectors.items()) if found)
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
