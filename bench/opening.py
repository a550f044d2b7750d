"""Opening a bank: every protection decrypted from the store, against the sealed snapshot of the matcher beside it.

    .venv/bin/python bench/opening.py [--sizes 100000 1000000]

Prints one Markdown table. A size takes some minutes; each opening is a process of its own, whose compiled code is
loaded beforehand. *Opening* is from `Bank.open` to the first answer of `Bank.match`. *Bytes* are what the process grew
by meanwhile, for each protection: resident memory at the end and at its peak.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np

from tutela.bank import Bank, replica
from tutela.bank.cases import open_case
from tutela.index import HammingIndex
from tutela.model import Fingerprint, Kind, Pdq

SIZES = (100_000, 1_000_000)
IN_A_CASE = 4
IN_A_TRANSACTION = 10_000
NEVER = 1 << 60


def fingerprints(chance: random.Random) -> Iterator[Fingerprint]:
    """Invented ones, all different."""
    while True:
        made = chance.randbytes(256 + 32 + 16)
        yield Fingerprint("image/jpeg", 640, 480, made[256:288], made[288:], Pdq(made[:256], 100))


def fill(url: str, size: int) -> None:
    """Makes a bank of so many protections, without the PINs, whose hashes would take a day."""
    source = fingerprints(random.Random(size))
    with Bank.open(url, create=True) as bank:
        for _ in range(size // IN_A_TRANSACTION):
            with bank._store.write() as connection:
                for _ in range(IN_A_TRANSACTION // IN_A_CASE):
                    open_case(
                        connection, bank._keys, tuple(islice(source, IN_A_CASE)), [None] * IN_A_CASE, Kind.ORDINARY, "-"
                    )


def memory(name: str) -> int:
    """Bytes, by the name that `/proc/self/status` has for them."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def opening(url: str, least: int) -> dict[str, float]:
    """Opens a bank in this process, with snapshots from so many protections on."""
    warm = HammingIndex()
    warm.add(np.arange(4096), np.random.default_rng(1).integers(0, 256, (4096, 32), dtype=np.uint8))
    warm.search(np.zeros((1, 32), dtype=np.uint8), 31)
    del warm
    replica.SNAPSHOT_FROM = least
    query, before, start = next(fingerprints(random.Random(-1))), memory("VmRSS"), perf_counter()
    with Bank.open(url) as bank:
        bank.match(query)
        seconds = perf_counter() - start
        return {"seconds": seconds, "held": memory("VmRSS") - before, "peak": memory("VmHWM") - before}


def in_a_process(url: str, least: int) -> dict[str, float]:
    """`opening` in a process of its own."""
    command = [sys.executable, __file__, "--open", url, "--least", str(least)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "TUTELA_KEY": ""})
    measured: dict[str, float] = json.loads(told.stdout)
    return measured


def row(size: int) -> str:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        url, file = f"sqlite:///{folder}/bank.db", Path(folder) / "bank.db.index"
        fill(url, size)
        store = in_a_process(url, NEVER)
        writing = in_a_process(url, 1)
        snapshot = in_a_process(url, 1)
        figures = (
            f"{size:,}",
            f"{store['seconds']:.1f}",
            f"{writing['seconds']:.1f}",
            f"{snapshot['seconds']:.2f}",
            f"{store['seconds'] / snapshot['seconds']:.0f} ×",
            *(f"{each[what] / size:,.0f}" for each in (store, snapshot) for what in ("held", "peak")),
            f"{file.stat().st_size / size:,.0f}",
        )
    return "| " + " | ".join(figures) + " |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--open", default="")
    parser.add_argument("--least", type=int, default=NEVER)
    options = parser.parse_args()
    if options.open:
        print(json.dumps(opening(options.open, options.least)))
        return
    print(
        "| protections | from the store, s | the same and writing the snapshot, s | from the snapshot, s | ratio "
        "| bytes each, store: held | peak | snapshot: held | peak | in the file |"
    )
    print("|" + "--:|" * 10)
    for size in options.sizes:
        print(row(size), flush=True)


if __name__ == "__main__":
    main()
