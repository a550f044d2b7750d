"""Altered pictures for `derived.py`, with the truth about each: pasted photographs and texture, drawn frames, no more.

All shares are shares of *area*. Every edit is a function of a picture, other photographs and a seeded generator.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Matrix = NDArray[np.float64]
"""3 × 3, from pixels of the protected picture to pixels of the edited one."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Edited:
    """An edited picture and what was done: where the pixels of the protected one went, and which were replaced."""

    picture: Picture
    matrix: Matrix
    replaced: Mask

    def placed(self, picture: Picture, step: Matrix) -> "Edited":
        """The next state, one linear step further."""
        return Edited(picture, step @ self.matrix, self.replaced)


Step = Callable[[Edited, Sequence[Picture], random.Random], Edited]


def jpeg(picture: Picture, quality: int) -> bytes:
    """The picture as a JPEG file."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def untouched(picture: Picture) -> Edited:
    """The beginning of every edit."""
    return Edited(picture, np.eye(3), np.zeros((picture.height, picture.width), np.bool_))


def compressed(quality: int) -> Step:
    """Through JPEG and back."""
    return lambda state, others, chance: state.placed(Image.open(BytesIO(jpeg(state.picture, quality))), np.eye(3))


def resized(factor: float) -> Step:
    """Both sides times `factor`."""

    def step(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
        width, height = (max(16, round(side * factor)) for side in state.picture.size)
        return state.placed(
            state.picture.resize((width, height), Image.Resampling.LANCZOS),
            np.diag([width / state.picture.width, height / state.picture.height, 1.0]),
        )

    return step


def cropped(share: float) -> Step:
    """A window of the same shape somewhere, with `share` of the area."""

    def step(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
        width, height = (round(side * math.sqrt(share)) for side in state.picture.size)
        left, top = chance.randint(0, state.picture.width - width), chance.randint(0, state.picture.height - height)
        return state.placed(state.picture.crop((left, top, left + width, top + height)), _moved(-left, -top))

    return step


def replaced(share: float) -> Step:
    """Another photograph, or texture, over `share` of the area: a feathered rectangle, ellipse or blob somewhere."""

    def step(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
        picture = state.picture
        shape = chance.choice((_rectangle, _ellipse, _blob))
        mask = shape(picture.size, share, chance)
        feather = max(1.0, 0.01 * min(picture.size))
        soft = mask.filter(ImageFilter.GaussianBlur(feather))
        cover = (
            _texture(picture.size, chance)
            if chance.random() < 0.3
            else ImageOps.fit(chance.choice(others), picture.size)
        )
        return Edited(Image.composite(cover, picture, soft), state.matrix, state.replaced | (np.asarray(mask) > 127))

    return step


def marked(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
    """A line of text and a badge in a corner: the same mark for every picture, as a channel's would be."""
    picture = state.picture.copy()
    width, height = picture.size
    canvas = ImageDraw.Draw(picture, "RGBA")
    font = _font(max(10, round(min(width, height) * 0.08)))
    x, y = round(width * 0.05), round(height * (0.06 if chance.random() < 0.5 else 0.84))
    canvas.text(
        (x, y),
        "MARK of a channel 24/7",
        font=font,
        fill=(255, 255, 255, 200),
        stroke_width=2,
        stroke_fill=(0, 0, 0, 160),
    )
    side = round(min(width, height) * 0.14)
    canvas.ellipse((width - 2 * side, y - side // 4, width - side, y + side * 3 // 4), fill=(220, 40, 60, 220))
    canvas.polygon(
        [(width - 1.7 * side, y), (width - 1.2 * side, y + side / 4), (width - 1.7 * side, y + side / 2)],
        fill=(255, 255, 255, 230),
    )
    return Edited(picture, state.matrix, state.replaced)


def collage(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
    """One of four pictures of the same size; the canvas is as large as the picture was."""
    width, height = (side // 2 for side in state.picture.size)
    canvas = Image.new("RGB", (2 * width, 2 * height))
    place = chance.randrange(4)
    for corner, other in enumerate(chance.sample(list(others), 4)):
        piece = state.picture.resize((width, height), Image.Resampling.LANCZOS) if corner == place else None
        canvas.paste(piece or ImageOps.fit(other, (width, height)), (corner % 2 * width, corner // 2 * height))
    scale = np.diag([width / state.picture.width, height / state.picture.height, 1.0])
    return state.placed(canvas, _moved(place % 2 * width, place // 2 * height) @ scale)


def screenshot(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
    """A telephone's or a desktop's screen with the picture in a chat, at the size at which such files are passed on."""
    desktop = chance.random() < 0.25
    width, height = (1280, 800) if desktop else (720, chance.choice((1280, 1440, 1560)))
    screen = _screen(width, height, chance.random() < 0.5)
    room = (0.6 * width, 0.7 * height) if desktop else (width * chance.uniform(0.7, 1.0), 0.7 * height)
    factor = min(room[0] / state.picture.width, room[1] / state.picture.height)
    size = (round(state.picture.width * factor), round(state.picture.height * factor))
    left = round((width - size[0]) * (0.3 if desktop else 0.1 * chance.random()))
    top = round(height * 0.12 + chance.random() * max(0.0, height * 0.75 - size[1]))
    screen = screen.copy()
    screen.paste(state.picture.resize(size, Image.Resampling.BICUBIC), (left, top))
    scale = np.diag([size[0] / state.picture.width, size[1] / state.picture.height, 1.0])
    return state.placed(screen, _moved(left, top) @ scale)


def mirrored(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
    """Left and right swapped."""
    step = np.array([[-1.0, 0, state.picture.width], [0, 1, 0], [0, 0, 1]])
    return state.placed(ImageOps.mirror(state.picture), step)


def turned(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
    """A quarter turn, one way or the other."""
    width, height = state.picture.size
    if chance.random() < 0.5:
        return state.placed(
            state.picture.transpose(Image.Transpose.ROTATE_90), np.array([[0, 1.0, 0], [-1, 0, width], [0, 0, 1]])
        )
    return state.placed(
        state.picture.transpose(Image.Transpose.ROTATE_270), np.array([[0, -1.0, height], [1, 0, 0], [0, 0, 1]])
    )


def tilted(degrees: float) -> Step:
    """Turned by some degrees, one way or the other; what leaves the frame is gone, the corners are black."""

    def step(state: Edited, others: Sequence[Picture], chance: random.Random) -> Edited:
        angle = degrees * chance.choice((-1, 1))
        width, height = state.picture.size
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        picture = state.picture.rotate(angle, Image.Resampling.BICUBIC)
        return state.placed(picture, _moved(width / 2, height / 2) @ turn @ _moved(-width / 2, -height / 2))

    return step


CHAIN = (marked, cropped(0.8), resized(0.6), compressed(50))
EDITS: dict[str, tuple[Step, ...]] = {
    "JPEG 30, × 0.4": (resized(0.4), compressed(30)),
    "50 % crop": (cropped(0.5), compressed(85)),
    "25 % collage": (collage, compressed(75)),
    "45 % replaced": (replaced(0.45), compressed(85)),
    "60 % replaced": (replaced(0.60), compressed(85)),
    "75 % replaced": (replaced(0.75), compressed(85)),
    "45 % + mark + 80 % crop + × 0.6 + JPEG 50": (replaced(0.45), *CHAIN),
    "60 % + all of that": (replaced(0.60), *CHAIN),
    "60 % + all of that + screenshot": (replaced(0.60), *CHAIN, screenshot, compressed(80)),
    "45 % replaced, mirrored": (replaced(0.45), mirrored, compressed(85)),
    "45 % replaced, rotated by 90°": (replaced(0.45), turned, compressed(85)),
    "45 % replaced, rotated by 10°": (replaced(0.45), tilted(10), compressed(85)),
}


def edited(name: str, picture: Picture, others: Sequence[Picture], seed: str) -> Edited:
    """Edit `name` of a picture; the same seed gives the same result."""
    return after(EDITS[name], picture, others, random.Random(f"{name} {seed}"))


def after(steps: Sequence[Step], picture: Picture, others: Sequence[Picture], chance: random.Random) -> Edited:
    """A picture after some steps."""
    state = untouched(picture)
    for step in steps:
        state = step(state, others, chance)
    return state


def _moved(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])


def _rectangle(size: tuple[int, int], share: float, chance: random.Random) -> Picture:
    aspect = math.exp(chance.uniform(-0.4, 0.4))
    width = min(size[0], round(size[0] * math.sqrt(share * aspect)))
    height = min(size[1], round(size[0] * size[1] * share / width))
    left, top = chance.randint(0, size[0] - width), chance.randint(0, size[1] - height)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rectangle((left, top, left + width - 1, top + height - 1), fill=255)
    return mask


def _ellipse(size: tuple[int, int], share: float, chance: random.Random) -> Picture:
    aspect = math.exp(chance.uniform(-0.3, 0.3))
    x, y = (chance.uniform(0.35, 0.65) * side for side in size)
    return _grown(
        size, share, lambda r: [(x + r * aspect * math.cos(t), y + r / aspect * math.sin(t)) for t in _AROUND]
    )


def _blob(size: tuple[int, int], share: float, chance: random.Random) -> Picture:
    waves = [(k, chance.uniform(0, 0.35 / k), chance.uniform(0, 2 * math.pi)) for k in (1, 2, 3, 4, 5)]
    x, y = (chance.uniform(0.35, 0.65) * side for side in size)

    def outline(r: float) -> list[tuple[float, float]]:
        radii = [r * (1 + sum(a * math.sin(k * t + p) for k, a, p in waves)) for t in _AROUND]
        return [(x + r * math.cos(t), y + r * math.sin(t)) for r, t in zip(radii, _AROUND, strict=True)]

    return _grown(size, share, outline)


_AROUND = [2 * math.pi * i / 96 for i in range(96)]


def _grown(size: tuple[int, int], share: float, outline: Callable[[float], list[tuple[float, float]]]) -> Picture:
    """The shape at the radius where it covers `share` of the picture."""
    low, high = 1.0, 2.0 * max(size)
    for _ in range(24):
        middle = (low + high) / 2
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(outline(middle), fill=255)
        if np.asarray(mask).mean() < 255 * share:
            low = middle
        else:
            high = middle
    return mask


def _texture(size: tuple[int, int], chance: random.Random) -> Picture:
    """Coloured noise in three sizes of grain."""
    random_ = np.random.default_rng(chance.randrange(2**32))
    layers = [
        np.asarray(
            Image.fromarray(random_.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
        )
        for n in (6, 40, 160)
    ]
    return Image.fromarray((0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2]).astype(np.uint8))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@cache
def _screen(width: int, height: int, dark: bool) -> Picture:
    """The empty screen of a chat: the same for every picture, which is what makes it dangerous."""
    back, front, bubble = (
        ((18, 22, 28), (235, 235, 240), (38, 46, 58)) if dark else ((236, 229, 221), (20, 20, 20), (255, 255, 255))
    )
    screen = Image.new("RGB", (width, height), back)
    canvas = ImageDraw.Draw(screen)
    unit = height // 40
    canvas.rectangle((0, 0, width, 3 * unit), fill=bubble)
    canvas.text((unit, unit // 4), "12:41", font=_font(unit * 2 // 3), fill=front)
    canvas.text((width - 4 * unit, unit // 4), "5G  81%", font=_font(unit * 2 // 3), fill=front)
    canvas.text((3 * unit, 1.2 * unit), "Some chat", font=_font(unit), fill=front)
    canvas.text((3 * unit, 2.2 * unit), "4 812 members, 97 online", font=_font(unit // 2), fill=front)
    canvas.ellipse((unit // 2, 1.2 * unit, 2.3 * unit, 2.9 * unit), fill=(90, 140, 200))
    for line, (left, text) in enumerate(
        (
            (1, "who wants more of these?"),
            (6, "new ones every evening, see pinned"),
            (1, "12 tokens, write to the desk"),
        )
    ):
        top = height - (12 - 3 * line) * unit
        canvas.rounded_rectangle((left * unit, top, left * unit + 0.6 * width, top + 2 * unit), unit // 2, fill=bubble)
        canvas.text((left * unit + unit / 2, top + unit / 2), text, font=_font(unit * 3 // 4), fill=front)
    canvas.rectangle((0, height - 2.5 * unit, width, height), fill=bubble)
    canvas.text((2 * unit, height - 2 * unit), "Message", font=_font(unit), fill=(140, 140, 150))
    for x in range(5):
        canvas.ellipse(
            (width - (2 + 2 * x) * unit, height - 2 * unit, width - (1 + 2 * x) * unit, height - unit),
            outline=front,
            width=2,
        )
    return screen
