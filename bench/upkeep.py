"""What the index costs beside its searches: files, changes while others read, near-duplicate clusters.

    .venv/bin/python bench/upkeep.py [--size 1000000] [--clusters 100000]

Prints Markdown tables, in some minutes; the README has those of ``--size 10000000 --clusters 1000000``. A thread goes
on reading while codes are added, up to the point where all tables have been made anew; its longest waits are told next
to those of a reader whom nobody disturbs.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy, numba and faiss are loaded
os.environ["NUMBA_NUM_THREADS"] = "1"

import numpy as np
from codes import DISTANCE, Codes, asked, skewed, uniform
from contenders import Flat
from numpy.typing import NDArray

from tutela.index import HammingIndex
from tutela.measures.clusters import medoid_clusters

STEP = 1000
SAMPLE = 400
"""Queries of faiss's flat index, from which those for all codes are extrapolated."""
Seconds = NDArray[np.float64]
Table = Iterator[tuple[str, ...]]


def seconds(call: Callable[[], object]) -> float:
    """By the clock on the wall."""
    start = perf_counter()
    call()
    return perf_counter() - start


def index_of(codes: Codes) -> HammingIndex:
    """Ids are row numbers."""
    index = HammingIndex()
    index.add(np.arange(len(codes)), codes)
    return index


def files(codes: Codes) -> Table:
    """Writing and loading a file, and reading as many bytes. Everything is in the system's cache."""
    index = index_of(codes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        for kind, key in (("mapped", None), ("sealed", bytes(32))):
            saved = seconds(lambda key=key: index.save(path, key))  # type: ignore[misc]
            loaded = seconds(lambda key=key: HammingIndex.load(path, key))  # type: ignore[misc]
            bare = seconds(path.read_bytes)
            size = path.stat().st_size / 2**20
            yield f"{len(codes):,}", kind, f"{size:,.0f}", f"{saved:.2f}", f"{loaded:.2f}", f"{bare:.2f}"


def waits(codes: Codes, rng: np.random.Generator) -> Table:
    """Milliseconds that single searches take while nobody writes, and while codes come until all tables are remade."""
    index = index_of(codes)
    queries = asked(codes, "random", 1000, rng)
    for doing, write in (("nobody writes", None), ("codes are added", lambda: fill(index, len(codes), rng))):
        times, taken = _read(index, queries, write)
        figures = (np.percentile(times, 50), np.percentile(times, 99), np.percentile(times, 99.9), np.max(times))
        yield f"{len(codes):,}", doing, f"{taken:.1f}", f"{len(times):,}", *(f"{t * 1000:.2f}" for t in figures)


def fill(index: HammingIndex, size: int, rng: np.random.Generator) -> None:
    """Adds an eighth more codes, a thousand at a time, and waits until they have been worked in."""
    for start in range(size, size + size // 8 + 10 * STEP, STEP):
        index.add(np.arange(start, start + STEP), uniform(STEP, rng))
    index.compact()


def _read(index: HammingIndex, queries: Codes, write: Callable[[], None] | None) -> tuple[Seconds, float]:
    ended, times = Event(), list[float]()

    def read() -> None:
        while not ended.is_set():
            start = perf_counter()
            index.search(queries[len(times) % len(queries)][None], DISTANCE)
            times.append(perf_counter() - start)

    reader = Thread(target=read)
    reader.start()
    taken = seconds(write) if write else seconds(lambda: sleep(3))
    ended.set()
    reader.join()
    return np.array(times[1:]), taken


def clusters(size: int, rng: np.random.Generator) -> Table:
    """Near-duplicate clusters of all codes, and faiss's flat index asked for the neighbours of all codes."""
    codes = skewed(size, rng)
    taken = seconds(lambda: medoid_clusters(codes))
    flat = Flat()
    flat.build(codes)
    some = codes[rng.choice(size, SAMPLE, replace=False)]
    peer = seconds(lambda: flat.search(some)) / SAMPLE * size
    yield f"{size:,}", f"{taken:.1f}", f"≈ {peer:,.0f}", f"{peer / taken:.0f}"


def shown(title: str, heads: str, rows: Table) -> None:
    """Prints a Markdown table under its title."""
    print(f"### {title}\n\n| {heads} |\n|{' --- |' * (heads.count('|') + 1)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
    print(flush=True)


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--clusters", type=int, default=100_000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    medoid_clusters(skewed(10_000, rng))  # what is compiled is compiled now
    shown("Clusters", "codes | Tutela, s | faiss Flat, s | ratio", clusters(options.clusters, rng))
    codes = uniform(options.size, rng)
    shown("Files", "codes | kind | MiB | save, s | load, s | bare read, s", files(codes))
    heads = "codes | meanwhile | seconds | searches | p50, ms | p99, ms | p99.9, ms | longest, ms"
    shown("Readers", heads, waits(codes, rng))


if __name__ == "__main__":
    main()
