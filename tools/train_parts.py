"""Writes the two tables of numbers that parts need, from a folder of photographs.

    python tools/train_parts.py FOLDER PROJECTION.npy CELLS.npy

Nobody needs this to use Tutela: it shows where the files come from. Those in the package
(`src/tutela/fingerprints/projection.npy`, `src/tutela/index/cells.npy`) were made from the first 500 photographs of
clothing-dataset-small (CC0). The first holds 1 + 64 rows of 128 numbers: the mean description, and the axes along which
descriptions of different things differ more than those of one thing in a photograph and in copies of it. The second
holds 64 + 4,096 projected descriptions: the middles of 64 groups (k-means), and of each group the middles of 64 cells.
No photograph can be made from them.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tutela.fingerprints.parts import LOOKED_UP, PROTECTED, SEEN, raw_parts
from tutela.fingerprints.projection import mirrored_order, projected, projection

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from edits import CHAIN, Edited, Step, after, compressed, jpeg, resized, screenshot, tilted

PHOTOGRAPHS, COPIED, POINTS, SIDE, ROUNDS, AXES = 500, 4, 536, 64, 15, 64
"""`COPIED`: of every so many photographs copies are made."""

COPIES: tuple[tuple[Step, ...], ...] = (
    (resized(0.4), compressed(30)),
    (tilted(10), compressed(85)),
    CHAIN,
    (*CHAIN, screenshot, compressed(80)),
)
NOISE, EVEN = 1e-3, 0.4
"""What is added to the covariance within things, as a share of the mean variance; how far axes are brought to the same
length, from 0 (noise is as long on all of them) to 1 (descriptions are)."""

_OFF, _SIZES, _TURNS = 1.5, 1.57, 0.4
"""How far off a point may lie that is the same as a part: in units of how exactly places are known, times, radians."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def photographs(folder: Path) -> Iterator[Image.Image]:
    """The photographs, upright."""
    for path in sorted(folder.glob("*.jpg"))[:PHOTOGRAPHS]:
        with Image.open(path) as opened:
            yield ImageOps.exif_transpose(opened).convert("RGB")


def luma(picture: Image.Image) -> NDArray[np.uint8]:
    """Its brightness."""
    return np.asarray(picture.convert("L"))


def things(folder: Path) -> tuple[Floats, Floats]:
    """The descriptions of all photographs as they are protected, and by how much copies' ones differ from them."""
    found, apart = [], []
    for number, picture in enumerate(photographs(folder)):
        parts, described = raw_parts(luma(picture), PROTECTED, POINTS, 1)
        found.append(described)
        if number % COPIED == 0:
            chance = random.Random(number)  # noqa: S311 - the same marks and windows each time
            for steps in COPIES:
                apart.append(_apart(picture, parts, described, after(steps, picture, (), chance)))
    return np.concatenate(found), np.concatenate(apart)


def _apart(picture: Image.Image, parts: Doubles, described: Floats, copy: Edited) -> Floats:
    """Of each part that is found again where it must be in a copy, the difference of both descriptions."""
    sent = Image.open(BytesIO(jpeg(copy.picture, 90)))
    seen, seen_described = raw_parts(luma(sent), LOOKED_UP, SEEN, 2)
    unit = (1e6 / (sent.width * sent.height)) ** 0.5
    scale, angle = np.hypot(*copy.matrix[:2, 0]) * unit, np.arctan2(copy.matrix[1, 0], copy.matrix[0, 0])
    places = parts[:, :2] * picture.size @ copy.matrix[:2, :2].T + copy.matrix[:2, 2]
    there = np.asarray(((places > 0) & (places < sent.size)).all(axis=1))
    blurs = parts[:, 2] * (picture.width * picture.height) ** 0.5 * scale
    points, seen_blurs = seen[:, :2] * sent.size * unit, seen[:, 2] * 1000
    found = []
    for row in np.flatnonzero(there):
        off = np.hypot(*(points - places[row] * unit).T) / (0.7 * max(1.0, scale) + 0.3 * blurs[row])
        size = np.abs(np.log(seen_blurs / blurs[row]))
        turn = np.abs((seen[:, 3] - parts[row, 3] - angle + np.pi) % (2 * np.pi) - np.pi)
        same = np.flatnonzero((off < _OFF) & (size < np.log(_SIZES)) & (turn < _TURNS))
        if len(same):
            best = same[np.argmin((off + size + 2 * turn)[same])]
            found.append(seen_described[best] - described[row])
    return np.array(found, np.float32).reshape(-1, described.shape[1])


def axes(points: Floats, apart: Floats) -> Floats:
    """The mean and the axes, one a row: Fisher's discriminants of things and their copies.

    Mirroring swaps numbers of a description. Over descriptions and mirrored ones no covariance changes when
    they are swapped, so each axis stays, or becomes its negative; of axes that matter equally, adding a little of the
    swap itself picks those that do.
    """
    order = mirrored_order()
    both, noise = (np.concatenate([each, each[:, order]]).astype(np.float64) for each in (points, apart))
    swap, whole = np.eye(points.shape[1])[order], np.cov(both.T)
    within = noise.T @ noise / (2 * len(noise)) + NOISE * np.trace(whole) / len(whole) * np.eye(len(whole))
    even = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(even @ (whole + 1e-9 * swap) @ even.T)
    found = (vectors[:, ::-1][:, :AXES] * values[::-1][:AXES] ** (-EVEN / 2)).T @ even
    mean = both.mean(axis=0)
    found *= 127 / 256 / np.quantile(np.abs((points - mean) @ found.T), 0.9999)
    return np.concatenate([mean[np.newaxis], found]).astype(np.float32)


def middles(points: Floats, count: int, chance: np.random.Generator) -> tuple[Floats, NDArray[np.intp]]:
    """Lloyd's k-means from random points; an empty cell starts anew."""
    centres = points[chance.choice(len(points), count, replace=len(points) < count)].copy()
    nearest = np.zeros(len(points), np.intp)
    for _ in range(ROUNDS):
        nearest = np.argmax(points @ centres.T - (centres**2).sum(axis=1) / 2, axis=1)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points)
        anew = points[chance.integers(len(points), size=count)]
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], anew)
    return centres, nearest


def main(arguments: Sequence[str]) -> None:
    """Describes, sorts, writes."""
    folder, projection_, cells_ = map(Path, arguments)
    raw, apart = things(folder)
    np.save(projection_, axes(raw, apart), allow_pickle=False)
    projection.cache_clear()
    points, chance = projected(raw).astype(np.float32), np.random.default_rng(0)
    groups, group = middles(points, SIDE, chance)
    cells = [middles(points[group == each], SIDE, chance)[0] for each in range(SIDE)]
    levels = np.rint(np.concatenate([groups, *cells])).clip(-127, 127).astype(np.int8)
    np.save(cells_, levels, allow_pickle=False)
    sys.stdout.write(f"{cells_}: {levels.shape} from {len(points):,} descriptions, {len(apart):,} of them in a copy\n")


if __name__ == "__main__":
    main(sys.argv[1:])
