"""How far two different photographs of one place, thing or person are taken for a copy of one another.

    .venv/bin/python bench/derived_places.py FOLDER…

All pictures of the folders are protected, and each is looked up; prints the highest scores of pairs of different
files, above which nothing should pass. Which of them show the same place, the reader sees from their names. Debian's
package opencv-doc has such pairs: aloeL and aloeR, graf1 and graf3, leuvenA and leuvenB, basketball1 and 2, left01 to
14.
"""

import argparse
from functools import partial
from pathlib import Path

from derived import KEY, LEAST, luma, opened, protected_parts

from tutela.fingerprints.parts import looked_up_parts, parts_at
from tutela.index.rotation import Rotation
from tutela.matching import THRESHOLDS
from tutela.matching.derived import DerivedMatcher

SHOWN = 40


def main() -> None:
    """Protects, looks up, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    paths = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in {".jpg", ".png"})
    matcher, rotation = DerivedMatcher(KEY), Rotation(KEY)
    for number, path in enumerate(paths):
        matcher.add(number, protected_parts(opened(path), rotation))
    scores = {}
    for number, path in enumerate(paths):
        picture = opened(path)
        pixels = luma(picture)
        for found in matcher.weighed(*picture.size, looked_up_parts(pixels), partial(parts_at, pixels)):
            if found.picture.number != number and found.score >= LEAST:
                scores[number, found.picture.number] = found.score, int(found.again.sum())
    print(f"{len(paths)} pictures, {len(paths) * (len(paths) - 1):,} pairs; threshold {THRESHOLDS.derived_score:g}\n")
    print("| looked up | protected | score | parts |\n|---|---|--:|--:|")
    for (one, other), (score, inliers) in sorted(scores.items(), key=lambda item: -item[1][0])[:SHOWN]:
        print(f"| {paths[one].stem} | {paths[other].stem} | {score:.1f} | {inliers} |")


if __name__ == "__main__":
    main()
