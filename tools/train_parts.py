"""Writes the two tables of numbers that parts need, from a folder of photographs.

    python tools/train_parts.py FOLDER PROJECTION.npy CELLS.npy

Nobody needs this to use Tutela: it shows where the files come from. Those in the package
(`src/tutela/fingerprints/projection.npy`, `src/tutela/index/cells.npy`) were made from the first 500 photographs of
clothing-dataset-small (CC0). The first holds 1 + 64 rows of 128 numbers: the mean description, and the axes along which
descriptions and mirrored ones differ most. The second holds 64 + 4,096 projected descriptions: the middles of 64 groups
(k-means), and of each group the middles of 64 cells. No photograph can be made from them.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tutela.fingerprints.parts import PROTECTED, raw_parts
from tutela.fingerprints.projection import mirrored_order, projected, projection

PHOTOGRAPHS, POINTS, SIDE, ROUNDS, AXES = 500, 536, 64, 15, 64
Floats = NDArray[np.float32]


def descriptions(folder: Path) -> Floats:
    """The descriptions of all photographs, as they are protected."""
    found = []
    for path in sorted(folder.glob("*.jpg"))[:PHOTOGRAPHS]:
        with Image.open(path) as opened:
            luma = np.asarray(ImageOps.exif_transpose(opened).convert("L"))
        found.append(raw_parts(luma, PROTECTED, POINTS, 1)[1])
    return np.concatenate(found)


def axes(points: Floats) -> Floats:
    """The mean and the axes, one a row.

    Mirroring swaps numbers of a description. Over descriptions and mirrored ones the covariance does not change when
    they are swapped, so each axis stays, or becomes its negative; of axes that matter equally, adding a little of the
    swap itself picks those that do.
    """
    order = mirrored_order()
    both = np.concatenate([points, points[:, order]]).astype(np.float64)
    swap = np.eye(points.shape[1])[order]
    found = np.linalg.eigh(np.cov(both.T) + 1e-9 * swap)[1][:, ::-1][:, :AXES].T
    return np.concatenate([both.mean(axis=0)[np.newaxis], found]).astype(np.float32)


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


def main() -> None:
    """Describes, sorts, writes."""
    folder, projection_, cells_ = map(Path, sys.argv[1:])
    raw, chance = descriptions(folder), np.random.default_rng(0)
    np.save(projection_, axes(raw), allow_pickle=False)
    projection.cache_clear()
    points = projected(raw).astype(np.float32)
    groups, group = middles(points, SIDE, chance)
    cells = [middles(points[group == each], SIDE, chance)[0] for each in range(SIDE)]
    levels = np.rint(np.concatenate([groups, *cells])).clip(-127, 127).astype(np.int8)
    np.save(cells_, levels, allow_pickle=False)
    sys.stdout.write(f"{cells_}: {levels.shape} from {len(points):,} descriptions\n")


if __name__ == "__main__":
    main()
