"""What looking altered pictures up costs, and still finds, among 1,000 to 100,000 protected ones.

    .venv/bin/python bench/derived_size.py [FOLDER] [--sizes 1000 10000 100000] [--queries N]

There are not a hundred thousand photographs at hand. Beside the scenes, which are protected as they are, each further
picture takes half of its points from one window of a real photograph and half from another (two windows of each of
the clothing photographs and of the scenes that are not looked up, one of them mirrored), with points kept and some
noise added to each description: 10 levels, about as much as saving at another quality does. So descriptions are real,
and as alike as those of real pictures are; but each comes a hundred times among 100,000, which real ones do not.
"""

import argparse
import random
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from derived import KEY, Corpus, luma, opened, protected_parts, sent
from edits import EDITS, Picture
from near import default_folder
from opening import memory
from PIL import ImageOps

from tutela.fingerprints import Detail, Fingerprinter
from tutela.fingerprints.parts import kept_parts
from tutela.index.rotation import Rotation
from tutela.matching.coding import descriptions_of, points_of
from tutela.matching.derived import DerivedMatcher
from tutela.model import CodedParts, Fingerprint, Parts
from tutela.model.parts import KEPT

KINDS = tuple(EDITS)
NOISE, WINDOWS = 10, 2


def windows(corpus: Corpus, without: Collection[Path]) -> Iterator[Picture]:
    """Windows of photographs, 45 to 80 % of the area."""
    for number, path in enumerate([*corpus.clothing, *(path for path in corpus.scenes if path not in without)]):
        picture, chance = opened(path), random.Random(number)
        for turn in range(WINDOWS):
            side = chance.uniform(0.45, 0.8) ** 0.5
            width, height = (max(16, round(each * side)) for each in picture.size)
            left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
            window = picture.crop((left, top, left + width, top + height))
            yield ImageOps.mirror(window) if turn % 2 else window


def composed(pool: list[Parts], number: int, rotation: Rotation) -> CodedParts:
    """A picture that never was, of the points of two windows."""
    chance = np.random.default_rng(number)
    both = [pool[each] for each in chance.integers(len(pool), size=2)]
    points = np.concatenate([points_of(each.points) for each in both])
    levels = np.concatenate([descriptions_of(each) for each in both])
    chosen = chance.permutation(len(points))[:KEPT]
    noisy = (levels[chosen] + chance.normal(0, NOISE, (len(chosen), 64))).clip(-127, 127).astype(np.int8)
    return CodedParts(600, 450, points[chosen].tobytes(), rotation.codes(noisy).tobytes())


def fingerprinted(computer: Fingerprinter, files: list[bytes]) -> tuple[list[Fingerprint], float]:
    """Fingerprints of all files, and the milliseconds of each at the median, one core, through the confined worker."""
    taken, found = [], []
    computer.fingerprint(files[0])
    for data in files:
        start = time.perf_counter()
        result = computer.fingerprint(data)
        taken.append(1000 * (time.perf_counter() - start))
        assert isinstance(result, Fingerprint)
        found.append(result)
    return found, float(np.median(taken[1:]))


def main() -> None:
    """Grows a bank, and looks the same queries up in each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--sizes", nargs="*", type=int, default=[1000, 10_000, 100_000])
    parser.add_argument("--queries", type=int, default=40, help="of each edit")
    options = parser.parse_args()
    folder = options.folder or default_folder()
    with Fingerprinter(1, detail=Detail.LOOKUP) as computer:  # what is in doubt is looked at again
        measure(Corpus(folder, None), options.queries, options.sizes, computer)


def measure(corpus: Corpus, count: int, sizes: list[int], computer: Fingerprinter) -> None:
    """Prints what fingerprints cost, and the table."""
    rotation, matcher = Rotation(KEY), DerivedMatcher(KEY)
    for number, path in enumerate(corpus.scenes):
        matcher.add(number, protected_parts(opened(path), rotation))
    chosen = list(range(0, len(corpus.scenes), max(1, len(corpus.scenes) // count)))[:count]
    pool = [kept_parts(luma(window)) for window in windows(corpus, [corpus.scenes[n] for n in chosen])]
    tasks = [(kind, n) for kind in KINDS for n in chosen]
    queries, looking = fingerprinted(computer, [sent(corpus.query(kind, n).picture).getvalue() for kind, n in tasks])
    with Fingerprinter(1, detail=Detail.PROTECT) as protector:
        _, protecting = fingerprinted(protector, [corpus.scenes[n].read_bytes() for n in chosen])
    print(f"From the file to the fingerprint, confined: to protect {protecting:.0f} ms, to look up {looking:.0f} ms "
          "at the median\n")  # fmt: skip
    print("| protected | built in | memory | look-up, median | p99 | " + " | ".join(KINDS) + " | wrong |")
    print("|--:|--:|--:|--:|--:|" + "--:|" * (len(KINDS) + 1))
    for size in sizes:
        before, start = memory("VmRSS"), time.perf_counter()
        for number in range(len(matcher), size):
            matcher.add(number, composed(pool, number, rotation))
        matcher.match(queries[0].width, queries[0].height, queries[0].parts or Parts(b"", b""))
        built = time.perf_counter() - start
        times, right, wrong = [], dict.fromkeys(KINDS, 0), 0
        for (kind, number), query in zip(tasks, queries, strict=True):
            start = time.perf_counter()
            found = matcher.match(query.width, query.height, query.parts or Parts(b"", b""), query.look)
            times.append(time.perf_counter() - start)
            right[kind] += number in {each.number for each in found}
            wrong += sum(each.number != number for each in found)
        shares = " | ".join(f"{right[kind] / len(chosen):.0%}" for kind in KINDS)
        median, slowest = (1000 * float(np.quantile(times, q)) for q in (0.5, 0.99))
        grown = (memory("VmRSS") - before) / 2**20
        print(f"| {size:,} | {built:.0f} s | {grown:,.0f} MiB more | {median:.0f} ms | "
              f"{slowest:.0f} ms | {shares} | {wrong} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
