"""What a part says for a copy: `weights` and `bending` of `thresholds.toml`, from every second query of `derived.py`.

    .venv/bin/python bench/derived_weights.py [FOLDER] [--photos N]

Every protected picture that geometry looks at for a query is a pair, right or wrong. Logistic regression finds what
parts must say, by how alike and how exactly in their places they are found, so that the sum tells right pairs from
wrong ones; neighbouring cells of the table are held together. Prints the table, in nats, and the constant.
"""

import argparse
from pathlib import Path

import derived
import numpy as np
from derived import KEY, Corpus, luma, of_all, opened, sent
from near import default_folder
from numpy.typing import NDArray

from tutela.fingerprints.parts import looked_up_parts
from tutela.index import HammingIndex
from tutela.matching import THRESHOLDS, geometry
from tutela.matching.derived import DerivedMatcher
from tutela.matching.laid import both_ways

SHRINK, SMOOTH, WRONG = 0.02, 3.0, 40.0
"""How much weights are drawn to 0 and to their neighbours; how much a wrong pair counts for a right one."""

STEPS, RATE = 2500, 0.02
SHAPE = np.array(THRESHOLDS.derived_weights).shape
Floats = NDArray[np.float64]


def pairs(task: tuple[str, int]) -> list[tuple[bool, Floats]]:
    """Of one query: for each picture whether it was made from that, how many parts fell into each cell, the bending."""
    kind, number = task
    picture, matcher = opened(sent(derived.CORPUS.query(kind, number).picture)), derived.MATCHER
    parts, best = looked_up_parts(luma(picture)), dict[int, Floats]()
    views = list(both_ways(picture.width, picture.height, parts, matcher.rotation))
    for laid, (candidates, rarity) in zip(views, matcher.candidates(views), strict=True):
        for candidate in candidates:
            protected = matcher.picture(candidate.number)
            _, similarity, rows, bits, errors = matcher.judged(protected, candidate, laid, rarity)
            kept, there, counts = protected.parts, np.flatnonzero(rows >= 0), np.zeros(SHAPE)
            where = geometry.cells(bits[there], errors[there])
            np.add.at(counts, where, rarity[rows[there]])
            counts *= geometry.standing(kept, rows, bits, rarity)
            bending = geometry.bending(kept, laid.points, rows, bits, rarity, similarity)
            if counts.sum() > best.get(candidate.number, np.zeros(1))[:-1].sum():
                best[candidate.number] = np.append(counts.ravel(), bending)
    own = derived.CORPUS.own(kind, number)
    return [(found == own, counts) for found, counts in best.items()]


def regression(right: NDArray[np.bool_], counts: Floats) -> tuple[Floats, float, float]:
    """Weights, what bending takes away, and the constant, of least loss, by Adam (Kingma and Ba 2015)."""
    size = int(np.prod(SHAPE))
    features = np.column_stack([counts, np.ones(len(counts))])
    share = np.where(right, 1.0, WRONG)
    found, mean, square = np.zeros(size + 2), np.zeros(size + 2), np.zeros(size + 2)
    found[-1] = -3.0
    for step in range(1, STEPS + 1):
        odds = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        slope = features.T @ (share * (odds - right))
        table, pull = found[:size].reshape(SHAPE), np.zeros(SHAPE)
        for axis in (0, 1):
            rise = np.diff(table, axis=axis)
            pull -= np.diff(np.pad(rise, [(1, 1) if each == axis else (0, 0) for each in (0, 1)]), axis=axis)
        slope[:size] += 10 * (SHRINK * table + SMOOTH * pull).ravel()
        slope /= len(right)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        found -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-9)
    return found[:size].reshape(SHAPE), -float(found[size]), float(found[-1])


def main() -> None:
    """Protects, looks up, fits, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--photos", type=int, help="so many scenes only")
    options = parser.parse_args()
    folder = options.folder or default_folder()
    derived.CORPUS = Corpus(folder, options.photos)
    derived.MATCHER = DerivedMatcher(KEY)
    derived.protect(derived.MATCHER, HammingIndex(), derived.CORPUS)
    tasks = [(kind, number) for kind, number in derived.CORPUS.tasks() if number % 2 == 0]
    found = [pair for some in of_all(pairs, tasks) for pair in some]
    right, counts = np.array([true for true, _ in found]), np.array([each for _, each in found])
    weights, bending, constant = regression(right, counts)
    print(f"{right.sum():,} right pairs, {(~right).sum():,} wrong ones; bending {bending:.2f}, constant {constant:.2f}")
    for row in weights:
        print("    [" + ", ".join(f"{weight:.2f}" for weight in row) + "],")


if __name__ == "__main__":
    main()
