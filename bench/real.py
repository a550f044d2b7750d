"""The program on real photographs, through the command line alone: what it finds, and whether another version agrees.

    .venv/bin/python bench/real.py [FOLDER] [--against OTHER_TUTELA_EXECUTABLE] [--list]

FOLDER holds photographs (default: `photos` in the folder that TUTELA_CORPORA names). All of them are fingerprinted,
every second one is protected, and the whole folder and edited copies of the protected ones are looked up. The matches
make a list without anything that chance has chosen: file, tier, and the file that the matching protection was made
from. With --against the same is done with another `tutela`, and the lists and the fingerprints are compared; then the
exit status is 1 where they differ. --list prints the list.

The edits are those of `near.py`. They live in a temporary folder, in memory where the system has such a place.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from near import EDITS, default_folder
from PIL import Image, ImageOps

TUTELA = Path(sys.executable).with_name("tutela")
COPIES = ("JPEG quality 50", "resized × 0.6", "resized × 1.5", "mirrored", "rotated by 90°", "all at once, at random")
UNHEEDED = ("TUTELA_KEY", "TUTELA_KEY_FILE", "TUTELA_BANK")
MEMORY = Path("/dev/shm")

Found = tuple[str, str, str]
"""A file, the tier of its match, and the file that the protection was made from."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one version of the program says of the same files."""

    fingerprints: dict[str, str]
    looked_up: int
    matches: list[Found]

    def told(self) -> str:
        """The counts, for people."""
        tiers = ", ".join(f"{count:,} {tier}" for tier, count in sorted(Counter(t for _, t, _ in self.matches).items()))
        matched = len({file for file, _, _ in self.matches})
        return (
            f"{len(self.fingerprints):,} files fingerprinted, {self.looked_up:,} looked up, "
            f"{matched:,} of them matched: {len(self.matches):,} matches ({tiers})"
        )


def answers(tutela: Path, bank: Path, *arguments: str | Path) -> list[dict[str, Any]]:
    """The JSON lines of one command, with a bank of its own."""
    surroundings = {name: value for name, value in os.environ.items() if name not in UNHEEDED}
    command = [tutela, *arguments, "--bank", f"sqlite:///{bank}", "--json"]
    ended = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f"real.py: {tutela} {arguments[0]} ended with {ended.returncode}: {ended.stderr[-500:]}")
    return [json.loads(line) for line in ended.stdout.splitlines()]


def edited(photographs: Sequence[Path], folder: Path) -> None:
    """Writes every edit of every photograph."""
    for number, path in enumerate(photographs):
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        for kind, name in enumerate(COPIES):
            chance = random.Random(f"{name} {number}")
            (folder / f"{number:04} {kind}.jpg").write_bytes(EDITS[name](picture, chance))


def run(tutela: Path, photographs: Sequence[Path], folder: Path, copies: Path) -> Outcome:
    """Fingerprints, protects and matches with one version of the program."""
    with tempfile.TemporaryDirectory() as temporary:
        bank = Path(temporary) / "bank.db"
        fingerprints = {line["path"]: fingerprint(line) for line in answers(tutela, bank, "fingerprint", folder)}
        (case,) = answers(tutela, bank, "protect", *photographs, "--kind", "ordinary")
        origin = {protection["id"]: protection["path"] for protection in case["protections"]}
        lines = answers(tutela, bank, "match", folder, copies)
    return Outcome(fingerprints, len(lines), sorted(found(lines, origin)))


def fingerprint(line: dict[str, Any]) -> str:
    """All that a line says but the path, in one form."""
    return json.dumps({name: value for name, value in line.items() if name != "path"}, sort_keys=True)


def found(lines: Sequence[dict[str, Any]], origin: dict[str, str]) -> Iterator[Found]:
    """Every match, by the files concerned."""
    for line in lines:
        for match in line["matches"]:
            yield line["path"], match["tier"], origin[match["protection"]]


def compared(ours: Outcome, theirs: Outcome) -> bool:
    """Prints what differs, at most ten matches of each side; whether nothing does."""
    differing = [file for file, said in ours.fingerprints.items() if theirs.fingerprints.get(file) != said]
    print(f"\nfingerprints: {f'{len(differing):,} differ' if differing else 'identical'}")
    here, there = Counter(ours.matches), Counter(theirs.matches)
    same = here == there and ours.looked_up == theirs.looked_up
    print(f"matches: {'identical' if same else 'not identical'}")
    for whose, extra in (("only here", here - there), ("only there", there - here)):
        if extra:
            print(f"{whose}: {extra.total():,}")
            print(*(f"  {' | '.join(match)}" for match in sorted(extra)[:10]), sep="\n")
    return same and not differing


def main() -> None:
    """Prints the counts, and the comparison or the list where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--against", type=Path, metavar="EXECUTABLE", help="another version's `tutela`")
    parser.add_argument("--list", action="store_true", help="print every match")
    options = parser.parse_args()
    folder = options.folder or default_folder()
    protected = sorted(folder.rglob("*.jpg"))[::2]
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as copies:
        edited(protected, Path(copies))
        ours = run(TUTELA, protected, folder, Path(copies))
        print(f"{len(protected):,} photographs protected; {ours.told()}", flush=True)
        if options.list:
            print(*(" | ".join(match) for match in ours.matches), sep="\n")
        if options.against:
            theirs = run(options.against, protected, folder, Path(copies))
            print(f"{options.against}: {theirs.told()}")
            sys.exit(not compared(ours, theirs))


if __name__ == "__main__":
    main()
