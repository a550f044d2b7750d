"""How many ordinary edits of real photographs the near tier finds, and how many it takes for another picture.

    .venv/bin/python bench/near.py [FOLDER] [--photos 300] [--calibrate]

FOLDER holds photographs (default: `photos` in the folder that TUTELA_CORPORA names). The first photographs are
protected; each edit of each of them, and every other photograph as it is, is then looked up.
"""

import argparse
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median

from PIL import Image, ImageOps

from tutela.fingerprints import Fingerprinter
from tutela.matching import Matcher, Protected
from tutela.model import CaseRef, Fingerprint, ProtectionId

Picture = Image.Image
Edit = Callable[[Picture, random.Random], bytes]


def jpeg(picture: Picture, quality: int) -> bytes:
    """The picture as a JPEG file."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def resized(picture: Picture, factor: float) -> Picture:
    """Both sides times `factor`."""
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def _everything(picture: Picture, chance: random.Random) -> bytes:
    turn = chance.choice([None, *Image.Transpose])
    turned = picture if turn is None else picture.transpose(turn)
    return jpeg(resized(turned, chance.uniform(0.4, 1.5)), chance.randint(30, 90))


EDITS: dict[str, Edit] = {
    "JPEG quality 30": lambda picture, _: jpeg(picture, 30),
    "JPEG quality 50": lambda picture, _: jpeg(picture, 50),
    "JPEG quality 70": lambda picture, _: jpeg(picture, 70),
    "JPEG quality 90": lambda picture, _: jpeg(picture, 90),
    "resized × 0.4": lambda picture, _: jpeg(resized(picture, 0.4), 85),
    "resized × 0.6": lambda picture, _: jpeg(resized(picture, 0.6), 85),
    "resized × 0.8": lambda picture, _: jpeg(resized(picture, 0.8), 85),
    "resized × 1.25": lambda picture, _: jpeg(resized(picture, 1.25), 85),
    "resized × 1.5": lambda picture, _: jpeg(resized(picture, 1.5), 85),
    "mirrored": lambda picture, _: jpeg(ImageOps.mirror(picture), 85),
    "rotated by 90°": lambda picture, _: jpeg(picture.transpose(Image.Transpose.ROTATE_90), 85),
    "rotated by 180°": lambda picture, _: jpeg(picture.transpose(Image.Transpose.ROTATE_180), 85),
    "rotated by 270°": lambda picture, _: jpeg(picture.transpose(Image.Transpose.ROTATE_270), 85),
    "all at once, at random": _everything,
}


@dataclass
class Row:
    """What became of one kind of edit: distances of the right pairs, and of the wrong ones."""

    tried: int = 0
    right: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    def note(self, number: int | None, matches: Iterable[tuple[str, int]]) -> None:
        """`number` is the photograph that the query was made from, None for one that is not protected."""
        found = dict(matches)
        self.tried += 1
        if number is not None and str(number) in found:
            self.right.append(found.pop(str(number)))
        self.wrong += found.values()


def measure(photos: list[Path], protected: int, edits: dict[str, Edit] = EDITS) -> dict[str, Row]:
    """A row for each kind of edit, and one for the photographs that are not protected."""
    rows: defaultdict[str, Row] = defaultdict(Row)
    with Fingerprinter() as fingerprinter:
        matcher = Matcher()
        for number, result in fingerprinter.fingerprint_all(
            (n, p.read_bytes) for n, p in enumerate(photos[:protected])
        ):
            if isinstance(result, Fingerprint):
                matcher.add(Protected(CaseRef("bench"), ProtectionId(str(number)), result))
        for (kind, truth), result in fingerprinter.fingerprint_all(_queries(photos, protected, edits)):
            matches = matcher.match(result) if isinstance(result, Fingerprint) else []
            rows[kind].note(truth, ((m.protection, m.distance or 0) for m in matches))
    return dict(rows)


def _queries(
    photos: list[Path], protected: int, edits: dict[str, Edit]
) -> Iterator[tuple[tuple[str, int | None], Callable[[], bytes]]]:
    for number, path in enumerate(photos[:protected]):
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        for kind, edit in edits.items():
            yield (kind, number), partial(edit, picture, random.Random(f"{kind} {number}"))
    for path in photos[protected:]:
        yield ("not protected", None), path.read_bytes


def table(rows: dict[str, Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| Edit | looked up | found | share | wrong | distance: median | greatest |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, row in rows.items():
        share = f"{len(row.right) / row.tried:.1%}" if kind != "not protected" else ""
        distances = f"{median(row.right):.0f} | {max(row.right)}" if row.right else " | "
        found = len(row.right) if share else ""
        lines.append(f"| {kind} | {row.tried:,} | {found} | {share} | {len(row.wrong)} | {distances} |")
    return "\n".join(lines)


def calibration(rows: dict[str, Row]) -> str:
    """Pairs by distance, and the confidence by the rule of succession: (right + 1) / (all + 2)."""
    lines = ["| distance | right pairs | wrong pairs | confidence |", "|---|--:|--:|--:|"]
    for low, high in ((0, 7), (8, 15), (16, 23), (24, 31)):
        right = sum(low <= far <= high for row in rows.values() for far in row.right)
        wrong = sum(low <= far <= high for row in rows.values() for far in row.wrong)
        lines.append(f"| {low}–{high} | {right} | {wrong} | {(right + 1) / (right + wrong + 2):.4f} |")
    return "\n".join(lines)


def default_folder() -> Path:
    """`photos` in the folder that TUTELA_CORPORA names."""
    named = os.environ.get("TUTELA_CORPORA")
    if named is None:
        raise SystemExit("name a folder of photographs, or set TUTELA_CORPORA")
    return Path(named) / "photos"


def main() -> None:
    """Prints the table, and with --calibrate the pairs by distance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--photos", type=int, default=300, help="how many are protected")
    parser.add_argument("--calibrate", action="store_true")
    options = parser.parse_args()
    photos = sorted(path for path in (options.folder or default_folder()).rglob("*.jpg"))
    random.Random(0).shuffle(photos)
    rows = measure(photos, options.photos)
    print(table(rows))
    tried = sum(row.tried for kind, row in rows.items() if kind != "not protected")
    found = sum(len(row.right) for row in rows.values())
    print(
        f"\n{found:,} of {tried:,} edits found ({found / tried:.2%}), {sum(len(r.wrong) for r in rows.values())} wrong"
    )
    if options.calibrate:
        print("\n" + calibration(rows))


if __name__ == "__main__":
    main()
