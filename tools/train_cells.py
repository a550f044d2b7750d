"""Writes `src/tutela/index/cells.npy`: what parts are sorted by, and their mean, from a folder of photographs.

    python tools/train_cells.py FOLDER OUT.npy

Nobody needs this to use Tutela: it shows where the file comes from. The file in the package was made from the first 500
photographs of clothing-dataset-small (CC0). It holds 1 + 64 + 4,096 descriptions of 64 signed bytes: their mean; the
middles of 64 groups (k-means); of each group, the middles of 64 cells. No photograph can be made from it.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tutela.fingerprints.parts import looked_up_parts

PHOTOGRAPHS, SIDE, ROUNDS = 500, 64, 15
Floats = NDArray[np.float32]


def descriptions(folder: Path) -> Floats:
    """The descriptions of all points of the photographs as they are."""
    found = []
    for path in sorted(folder.glob("*.jpg"))[:PHOTOGRAPHS]:
        with Image.open(path) as opened:
            luma = np.asarray(ImageOps.exif_transpose(opened).convert("L"))
        found += [view.descriptors for view in looked_up_parts(luma).views if view.orientation == 0]
    return np.frombuffer(b"".join(found), np.int8).reshape(-1, 64).astype(np.float32)


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
    folder, out = map(Path, sys.argv[1:])
    points, chance = descriptions(folder), np.random.default_rng(0)
    mean = points.mean(axis=0)
    groups, group = middles(points, SIDE, chance)
    cells = [middles(points[group == each], SIDE, chance)[0] for each in range(SIDE)]
    levels = np.rint(np.concatenate([mean[None], groups, *cells])).clip(-127, 127).astype(np.int8)
    np.save(out, levels, allow_pickle=False)
    sys.stdout.write(f"{out}: {levels.shape} from {len(points):,} descriptions\n")


if __name__ == "__main__":
    main()
