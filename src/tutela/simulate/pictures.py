"""Drawn pictures: grainy colour fields with shapes on them, large and small. They show nothing and nobody.

No two shapes and no two grains are alike: what recurs in many pictures would look like a copy of part of one.
"""

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (480, 360)
_FIELD = (7, 5)

_SHAPES = ((9, 30, 150), (60, 8, 30), (160, 3, 9))
"""How many shapes there are of each size, and the least and the most that they measure."""

_LINES = 24

_GRAINS = ((120, 90, 26), (48, 36, 18))
"""Grain by its size across and down and how much it lightens and darkens, in levels."""

_DONORS = 10_000
"""The drawing that is pasted into drawing n is number n and so many; it is never posted itself."""

_REPLACED, _FEATHER = 0.45, 6.0
"""The share of an altered drawing that another one covers, and how softly its edge runs out, in pixels."""

EDITS = ("same", "same", "re-encoded", "smaller", "larger", "mirrored")
"""What becomes of a picture between one post and the next; copies of the same file are commonest."""

ALTERED = "altered"
"""One more edit: part of the drawing is replaced by another drawing. Planted on purpose, never drawn by lot."""


def draw(seed: int) -> Image.Image:
    """The drawing number `seed`: RGB, 480 × 360, unlike every other, with corners and lines all over."""
    random = np.random.default_rng(seed)
    field = random.integers(0, 256, (_FIELD[1], _FIELD[0], 3), dtype=np.uint8)
    picture = Image.fromarray(field).resize(SIZE, Image.Resampling.BICUBIC)
    canvas = ImageDraw.Draw(picture)
    for count, least, most in _SHAPES:
        for _ in range(count):
            _shape(canvas, random, least, most)
    for _ in range(_LINES):
        _line(canvas, random)
    return _grained(picture, random)


def altered(seed: int) -> Image.Image:
    """Drawing number `seed` with another drawing pasted over about 45% of it, at a place that the number decides."""
    random = np.random.default_rng((seed, _DONORS))
    share = float(random.uniform(0.6, 0.85))  # of the height; the rest of the area comes from the width
    width, height = round(SIZE[0] * _REPLACED / share), round(SIZE[1] * share)
    left, top = (int(random.integers(0, room + 1)) for room in (SIZE[0] - width, SIZE[1] - height))
    mask = Image.new("L", SIZE, 0)
    ImageDraw.Draw(mask).rectangle((left, top, left + width - 1, top + height - 1), fill=255)
    return Image.composite(draw(seed + _DONORS), draw(seed), mask.filter(ImageFilter.GaussianBlur(_FEATHER)))


def _shape(canvas: ImageDraw.ImageDraw, random: np.random.Generator, least: int, most: int) -> None:
    """A lopsided shape of three to eight corners around its middle."""
    x, y = _place(random)
    width, height = (int(random.integers(least, most)) for _ in range(2))
    angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 9))))
    reach = random.uniform(0.35, 1.0, len(angles)) / 2
    across, down = x + width * reach * np.cos(angles), y + height * reach * np.sin(angles)
    canvas.polygon(list(zip(across.tolist(), down.tolist(), strict=True)), fill=_colour(random))


def _grained(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    levels = np.asarray(picture, np.float64)
    for columns, rows, most in _GRAINS:
        grain = Image.fromarray(random.integers(0, 256, (rows, columns), dtype=np.uint8))
        lighter = np.asarray(grain.resize(SIZE, Image.Resampling.BICUBIC), np.float64) / 127.5 - 1
        levels = levels + most * lighter[:, :, np.newaxis]
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def _line(canvas: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    x, y = _place(random)
    right, down = (int(random.integers(-60, 61)) for _ in range(2))
    canvas.line((x, y, x + right, y + down), fill=_colour(random), width=int(random.integers(1, 4)))


def _place(random: np.random.Generator) -> tuple[int, int]:
    return int(random.integers(0, SIZE[0])), int(random.integers(0, SIZE[1]))


def _colour(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(part) for part in random.integers(0, 256, 3))
    return red, green, blue


def jpeg(picture: Image.Image, quality: int = 92) -> bytes:
    """The picture as a JPEG file."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@cache
def drawn(number: int, edit: str) -> bytes:
    """Drawing `number` as a JPEG file after one of `EDITS` or `ALTERED`; each is made once, however often posted."""
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
        case _ if edit == ALTERED:
            return jpeg(altered(number), 75)
        case _:
            return jpeg(picture)
