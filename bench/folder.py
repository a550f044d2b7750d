"""How many pictures a second `tutela fingerprint FOLDER` reads on one core and on two.

    .venv/bin/python bench/folder.py [FOLDER …] [--pictures 300] [--rounds 5]

Without a FOLDER it draws its own, of 12 megapixels each, in a temporary folder, and adds the photographs where
TUTELA_CORPORA names a folder with `photos` in it. One core and two take turns; each ratio is that of one turn, and the
table has the medians. *By the command* is the rate that the command itself prints; *by the clock* counts from the
start of the program to its end. Both cores should be idle otherwise: whatever else runs takes its share from two
cores, and hardly any from one.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from hashing import QUALITIES, drawn, encoded

TUTELA = Path(sys.executable).with_name("tutela")
RATE = re.compile(r"^([\d,]+) files, ([\d,.]+) a second$", re.MULTILINE)
ORIGINALS = 6
TARGET = 1.7

Rates = tuple[float, float]
"""Pictures a second: by the command, by the clock."""


def fill(folder: Path, pictures: int) -> None:
    """So many JPEG files of drawn pictures, three qualities in turn; a drawing comes again after the last one."""
    files = [encoded(drawn(seed, 4000, 3000), quality) for seed in range(ORIGINALS) for quality in QUALITIES]
    for number in range(pictures):
        (folder / f"{number:05}.jpg").write_bytes(files[number % len(files)])


@contextmanager
def on(cores: Sequence[int]) -> Iterator[None]:
    """What is started within has these cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def rates(folder: Path, cores: Sequence[int]) -> Rates:
    """One run of the command on these cores."""
    with on(cores):
        started = time.monotonic()
        command: list[str | Path] = [TUTELA, "fingerprint", "--json", folder]
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
        seconds = time.monotonic() - started
    if (told := RATE.search(ended.stderr)) is None:
        sys.exit(f"folder.py: the command told no rate for {folder}")
    files, rate = (float(figure.replace(",", "")) for figure in told.groups())
    return rate, files / seconds


def turns(folder: Path, rounds: int) -> list[tuple[Rates, Rates]]:
    """One core and two, so many times; the first turn, which brings the files into memory, does not count."""
    one, two = sorted(os.sched_getaffinity(0))[:1], sorted(os.sched_getaffinity(0))[:2]
    return [(rates(folder, one), rates(folder, two)) for _ in range(rounds + 1)][1:]


def line(name: str, measured: Sequence[tuple[Rates, Rates]]) -> str:
    """A row of the table: medians."""
    cells = [name]
    for way in (0, 1):
        one, two = (median(turn[cores][way] for turn in measured) for cores in (0, 1))
        ratio = median(turn[1][way] / turn[0][way] for turn in measured)
        cells += [f"{one:,.0f}", f"{two:,.0f}", f"{ratio:.2f}"]
    return f"| {' | '.join(cells)} | {TARGET} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--pictures", type=int, default=300, help="how many are drawn")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("folder.py: this process may use one core only")
    print("| pictures | by the command: one core | two | ratio | by the clock: one core | two | ratio | at least |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    for folder in options.folders:
        print(line(folder.name, turns(folder, options.rounds)), flush=True)
    if options.folders:
        return
    with tempfile.TemporaryDirectory() as temporary:
        fill(Path(temporary), options.pictures)
        print(line("drawn, 12 MP", turns(Path(temporary), options.rounds)), flush=True)
    if "TUTELA_CORPORA" in os.environ:
        print(line("photographs", turns(Path(os.environ["TUTELA_CORPORA"]) / "photos", options.rounds)))


if __name__ == "__main__":
    main()
