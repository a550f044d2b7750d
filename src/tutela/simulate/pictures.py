"""Drawn pictures: soft colour fields with shapes on them. They show nothing and nobody."""

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

SIZE = (480, 360)
_FIELD = (7, 5)
_SHAPES = 9

EDITS = ("same", "same", "re-encoded", "smaller", "larger", "mirrored")
"""What becomes of a picture between one post and the next; copies of the same file are commonest."""


def draw(seed: int) -> Image.Image:
    """The drawing number `seed`: RGB, 480 × 360, unlike every other."""
    random = np.random.default_rng(seed)
    field = random.integers(0, 256, (_FIELD[1], _FIELD[0], 3), dtype=np.uint8)
    picture = Image.fromarray(field).resize(SIZE, Image.Resampling.BICUBIC)
    canvas = ImageDraw.Draw(picture)
    for _ in range(_SHAPES):
        _shape(canvas, random)
    return picture


def _shape(canvas: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    x, y = (int(random.integers(0, side)) for side in SIZE)
    width, height = (int(random.integers(30, 150)) for _ in range(2))
    colour = tuple(int(c) for c in random.integers(0, 256, 3))
    if random.random() < 0.5:
        canvas.ellipse((x, y, x + width, y + height), fill=colour)
    else:
        canvas.polygon([(x, y), (x + width, y + height // 3), (x + width // 2, y + height)], fill=colour)


def jpeg(picture: Image.Image, quality: int = 92) -> bytes:
    """The picture as a JPEG file."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@cache
def drawn(number: int, edit: str) -> bytes:
    """Drawing `number` as a JPEG file after one of `EDITS`; each is made once, however often it is posted."""
    picture = draw(number)
    match edit:
        case "re-encoded":
            return jpeg(picture, 55)
        case "smaller":
            return jpeg(picture.resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.LANCZOS), 80)
        case "larger":
            return jpeg(picture.resize((SIZE[0] * 3 // 2, SIZE[1] * 3 // 2), Image.Resampling.BICUBIC), 80)
        case "mirrored":
            return jpeg(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 85)
        case _:
            return jpeg(picture)
