"""Fingerprints made in a browser against those of Python: how near they lie, what they find, how long they take.

    .venv/bin/python bench/browser.py [FOLDER] [--photos N] [--altered N]

FOLDER holds `scenes` and `clothing` (default: `photos` in the folder that TUTELA_CORPORA names). Three tables:

- *Agreement*: N photographs as they are, as PNG and as WebP, and some of them enlarged to 12 megapixels.
- *Recall*: so many scenes are protected twice, with the page's parts and with Python's, and clothing beside them; every
  edit of `derived.py` of each scene is looked up among both.
- *Speed*: drawn JPEGs, from the file to its fingerprint with parts, in a Chromium without a window.
"""

import argparse
import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from browser_page import Computing, fingerprint_page
from derived import Corpus, opened
from edits import EDITS
from near import default_folder
from numpy.typing import NDArray
from PIL import Image
from points import found_again

from tutela.fingerprints import Detail, Fingerprinter
from tutela.fingerprints.parts import PROTECTED, working_size
from tutela.matching import THRESHOLDS
from tutela.matching.coding import coded
from tutela.matching.derived import DerivedMatcher
from tutela.model import Fingerprint, Parts, Pdq
from tutela.simulate.pictures import draw

KEY = bytes(range(32))
BESIDE = 100
LARGE = (4000, 3000)
TEXTURED = 80
"""The quality from which implementations are held to agree."""

SIZES = ((1024, 768), (2000, 1500), (4000, 3000), (8000, 6000))


def read(answer: dict[str, Any]) -> Fingerprint:
    """The model's fingerprint from what travels."""
    parts = answer["parts"] and parts_of(answer["parts"])
    pdq = Pdq(bytes.fromhex(answer["pdq"]["hash"]), answer["pdq"]["quality"])
    sha256, md5 = bytes.fromhex(answer["sha256"]), bytes.fromhex(answer["md5"])
    return Fingerprint(answer["media"], answer["width"], answer["height"], sha256, md5, pdq, parts)


def of_luma(
    page: Computing, grey: NDArray[np.uint8], size: tuple[int, int], scale: int = 1, detail: str | None = None
) -> tuple[Pdq, Parts | None]:
    """What the page finds in `grey`, reduced by `scale` from a picture of `size` (height, width)."""
    raster: dict[str, Any] = {"luma": base64.b64encode(grey.tobytes()).decode(), "scale": scale}
    (raster["rows"], raster["columns"]), (raster["height"], raster["width"]) = grey.shape, size
    found = page.call("ofLuma", raster, detail)
    return Pdq(bytes.fromhex(found["hash"]), found["quality"]), found["parts"] and parts_of(found["parts"])


def parts_of(written: dict[str, str]) -> Parts:
    """Parts from base64."""
    return Parts(*(base64.b64decode(written[name]) for name in ("points", "descriptions")))


def distances(one: Pdq, other: Pdq) -> list[int]:
    """Bits between the codes of each orientation."""
    both = (np.frombuffer(each.codes, np.uint8).reshape(-1, 32) for each in (one, other))
    return [int(bits) for bits in np.bitwise_count(np.bitwise_xor(*both)).sum(axis=1)]


def encoded(picture: Image.Image, name: str, **options: int) -> bytes:
    """The picture as a file."""
    buffer = BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def grainy(size: tuple[int, int], seed: int = 3) -> Image.Image:
    """A drawing as large as a photograph, with the noise of a sensor."""
    pixels = np.asarray(draw(seed).resize(size, Image.Resampling.BICUBIC), np.int16)
    noise = np.random.default_rng(seed).integers(-6, 7, pixels.shape, np.int16)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def in_python(files: Sequence[bytes], detail: Detail) -> Iterator[Fingerprint]:
    """The fingerprints of files that all have one, confined as always."""
    with Fingerprinter(detail=detail) as computer:
        for _, result in computer.fingerprint_all((n, partial(bytes, data)) for n, data in enumerate(files)):
            if not isinstance(result, Fingerprint):
                raise ValueError(f"a photograph has no fingerprint: {result.reason}")
            yield result


@dataclass(frozen=True)
class Agreement:
    """How near two fingerprints of one file lie."""

    quality: int
    bits: int
    turned_bits: int
    again: float
    difference: float


def agreement(expected: Fingerprint, found: Fingerprint) -> Agreement:
    """Raises ValueError where what has to be the same is not."""
    for name in ("media", "width", "height", "sha256", "md5"):
        if getattr(expected, name) != getattr(found, name):
            raise ValueError(f"{name} differs")
    if not (expected.pdq and found.pdq and expected.parts and found.parts):
        raise ValueError("a fingerprint is not whole")
    bits = distances(expected.pdq, found.pdq)
    size = working_size(expected.width, expected.height, PROTECTED)
    again, difference = found_again(expected.parts, found.parts, size)
    nearness = float(np.median(difference[again])) if again.any() else 0.0
    return Agreement(expected.pdq.quality, bits[0], max(bits), float(again.mean()) if len(again) else 1.0, nearness)


FORMS: dict[str, Callable[[Path], bytes]] = {
    "as they are": lambda path: path.read_bytes(),
    "PNG": lambda path: encoded(opened(path), "PNG"),
    "WebP": lambda path: encoded(opened(path), "WEBP", quality=85),
    "JPEG, 12 MP": lambda path: encoded(opened(path).resize(LARGE, Image.Resampling.BICUBIC), "JPEG", quality=90),
}


def agreements(page: Computing, photographs: Sequence[Path]) -> None:
    """The first table."""
    print("| photographs | n | quality ≥ 80 | bits, mean | largest | any orientation | points again | differ |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, form in FORMS.items():
        files = [form(path) for path in (photographs[::10] if "12 MP" in name else photographs)]
        some = list(map(agreement, in_python(files, Detail.PROTECT), map(read, page.fingerprints(files, parts=True))))
        good = [each for each in some if each.quality >= TEXTURED]
        print(
            f"| {name} | {len(some)} | {len(good)} | {np.mean([each.bits for each in good]):.2f} "
            f"| {max(each.bits for each in good)} | {max(each.turned_bits for each in good)} "
            f"| {np.mean([each.again for each in some]):.1%} | {np.median([each.difference for each in some]):.0f} |",
            flush=True,
        )


def recall(page: Computing, corpus: Corpus) -> None:
    """The second table."""
    files = [path.read_bytes() for path in (*corpus.scenes, *corpus.clothing[:BESIDE])]
    kept = {
        "Python": list(in_python(files, Detail.PROTECT)),
        "browser": list(map(read, page.fingerprints(files, parts=True))),
    }
    matchers = {name: DerivedMatcher(KEY, THRESHOLDS) for name in kept}
    for name, matcher in matchers.items():
        for number, each in enumerate(kept[name]):
            if each.parts:
                matcher.add(number, coded(each.parts, each.width, each.height, matcher.rotation))
    print("| edit | queries | Python | browser | both |\n|---|--:|--:|--:|--:|")
    every, wrong = [], dict.fromkeys(kept, 0)
    for kind in EDITS:
        numbers = range(len(corpus.scenes))
        queries = [encoded(corpus.query(kind, number).picture, "JPEG", quality=90) for number in numbers]
        hits = []
        for number, query in enumerate(in_python(queries, Detail.LOOKUP)):
            row = []
            for name, matcher in matchers.items():
                parts = query.parts or Parts(b"", b"")
                found = {each.number for each in matcher.match(query.width, query.height, parts, query.look)}
                wrong[name] += len(found - {number})
                row.append(number in found)
            hits.append(row)
        every += hits
        print(_row(kind, hits), flush=True)
    print(_row("all", every))
    print("\nWrong pairs: " + ", ".join(f"{name} {count}" for name, count in wrong.items()))


def _row(kind: str, hits: list[list[bool]]) -> str:
    python, browser = np.array(hits).T
    shares = (python.mean(), browser.mean(), (python & browser).mean())
    return f"| {kind} | {len(hits)} | " + " | ".join(f"{share:.1%}" for share in shares) + " |"


def speed(page: Computing, times: int) -> None:
    """The third table."""
    print("| JPEG, quality 90 | kB | digests and PDQ, ms | with parts, ms | slowest |\n|---|--:|--:|--:|--:|")
    for width, height in SIZES:
        file = encoded(grainy((width, height)), "JPEG", quality=90)
        plain, whole = (
            [answer["ms"] for answer in page.fingerprints([file] * times, parts=parts)] for parts in (False, True)
        )
        cells = (len(file) / 1000, np.median(plain), np.median(whole), max(whole))
        print(f"| {width * height / 1e6:.1f} MP | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |", flush=True)


def main() -> None:
    """Opens the page, prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--photos", type=int, default=200, help="photographs that are compared")
    parser.add_argument("--altered", type=int, default=80, help="scenes that are protected, edited, and looked up")
    options = parser.parse_args()
    folder = options.folder or default_folder()
    photographs = sorted(folder.rglob("*.jpg"))
    with fingerprint_page() as page:
        speed(page, 7)
        print()
        agreements(page, photographs[:: max(1, len(photographs) // options.photos)])
        print()
        recall(page, Corpus(folder, options.altered))


if __name__ == "__main__":
    main()
