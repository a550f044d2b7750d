"""Exact search within 31 bits of 256-bit codes: `tutela.index.HammingIndex` and its peers, on one core.

    .venv/bin/python bench/search.py [--sizes 10000 250000 1000000] [--seconds 0.5]

Prints Markdown tables; the default run takes some minutes. Contenders of a table stand in one process, pinned
to one core, and take turns; figures are medians over rounds of processor time, ratios of two threads those of the clock
on the wall. Build and memory are taken in a process for each of them.

The contenders are described in `contenders.py`, the codes in `codes.py`.

A quarter of the queries lie 0 to 31 bits from an indexed code; the others are new codes of the same kind.
*≈* marks what was extrapolated from fewer calls, or from a smaller batch, than the column says.
"""

import argparse
import ctypes
import gc
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy, numba and faiss are loaded
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["NUMBA_NUM_THREADS"] = "1"

import numpy as np
from codes import (
    DISTANCE,
    KINDS,
    Codes,
    asked,
    distances,
    flipped,
    flooding,
    orientations,
    pictured,
    real,
    skewed,
    uniform,
)
from contenders import CONTENDERS, Tutela, faiss

Table = list[tuple[str, ...]]

FAR = 96
"""A distance at which no table of partial codes helps: all must scan."""
EVERYWHERE = os.sched_getaffinity(0)
SIZES = (10_000, 250_000, 1_000_000)
BATCHES = (1, 8, 1000)
ROUNDS = 5
LONGEST = 0.4
"""Seconds that one call may take; longer batches are cut."""
CHANGES = 1000
WARM = 100_000
"""Codes in the index that is built and thrown away before memory is taken, so that no compiler is counted."""


def seconds(call: Callable[..., object], *arguments: object) -> float:
    """Processor seconds of one call, all threads: on one core what a clock on the wall says, without the neighbours."""
    start = process_time()
    call(*arguments)
    return process_time() - start


def race(calls: dict[str, Callable[[int], object]], total: float) -> dict[str, list[list[float]]]:
    """Seconds of each call, by contender and round. Contenders take turns, for about `total` seconds each.

    A call is handed its number, so that it can ask something else each time. The first call of each is not counted.
    """
    costs = {name: min(seconds(call, 0), seconds(call, 1)) for name, call in calls.items()}
    turns = {name: max(1, round(total / ROUNDS / cost)) for name, cost in costs.items()}
    taken: dict[str, list[list[float]]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            first = len(taken[name]) * turns[name]
            taken[name].append([seconds(call, i) for i in range(first, first + turns[name])])
    return taken


def typical(rounds: Sequence[Sequence[float]]) -> float:
    """Seconds of a call: the median over rounds of each round's mean."""
    return median(sum(r) / len(r) for r in rounds)


@dataclass
class Field:
    """All contenders, holding the same codes."""

    kind: str
    codes: Codes
    rng: np.random.Generator
    total: float
    contenders: dict[str, Tutela]

    def asking(self, batch: int, distance: int = DISTANCE, pool: int = 1000) -> dict[str, Callable[[int], object]]:
        """Calls that search for `batch` codes, others each time; nothing but the search is in them."""
        queries = asked(self.codes, self.kind, max(batch, pool // batch * batch), self.rng)
        return {name: _asking(c, queries, batch, distance) for name, c in self.contenders.items()}


def _asking(contender: Tutela, queries: Codes, batch: int, distance: int) -> Callable[[int], object]:
    parts = [contender.prepare(queries[i : i + batch]) for i in range(0, len(queries) - batch + 1, batch)]
    return lambda number: contender.search(parts[number % len(parts)], distance)


def field(kind: str, codes: Codes, rng: np.random.Generator, total: float) -> Field:
    """Builds them all."""
    contenders = {}
    for name, make in CONTENDERS.items():
        contenders[name] = make()
        contenders[name].build(contenders[name].prepare(codes))
    return Field(kind, codes, rng, total, contenders)


def speed(on: Field) -> Iterator[tuple[str, ...]]:
    """Queries a second by batch, and the latency of single queries."""
    single = race(on.asking(1), on.total)
    cells = {name: [_rate(1 / typical(rounds))] for name, rounds in single.items()}
    for batch in BATCHES[1:]:
        for name, cell in _batches(on, batch, {name: typical(rounds) for name, rounds in single.items()}).items():
            cells[name].append(cell)
    for name, rounds in single.items():
        times = np.array([t for r in rounds for t in r]) * 1000
        spread = (f"{np.percentile(times, 50):.3f}", f"{np.percentile(times, 99):.3f}", f"{len(times):,}")
        yield (f"{len(on.codes):,}", on.kind, name, *cells[name], *spread)


def _batches(on: Field, batch: int, costs: dict[str, float]) -> dict[str, str]:
    cut = {name: max(8, min(batch, int(LONGEST / cost))) for name, cost in costs.items()}
    queries = asked(on.codes, on.kind, 2000, on.rng)
    calls = {name: _asking(c, queries, cut[name], DISTANCE) for name, c in on.contenders.items()}
    rates = {name: cut[name] / typical(rounds) for name, rounds in race(calls, on.total).items()}
    return {name: ("≈ " if cut[name] < batch else "") + _rate(rate) for name, rate in rates.items()}


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def agreement(on: Field) -> Iterator[tuple[str, ...]]:
    """Found, missed and wrong pairs of code and distance against brute force, at and around the border."""
    counts = np.array([0, 1, 15, 16, 30, 31, 31, 32, 32, 33])
    parents = on.codes[on.rng.integers(0, len(on.codes), len(counts))]
    queries = np.concatenate([flipped(parents, counts, on.rng), KINDS[on.kind](6, on.rng)])
    truth = _brute(queries, on.codes)
    for name, contender in on.contenders.items():
        together = set(_flat(contender.pairs(contender.search(contender.prepare(queries)))))
        alone = [contender.pairs(contender.search(contender.prepare(q[None])))[0] for q in queries]
        if together != set(_flat(alone)):
            raise SystemExit(f"search.py: {name} finds other codes in a batch than one by one")
        figures = (len(together & truth), len(truth - together), len(together - truth))
        yield (f"{len(on.codes):,}", on.kind, name, *map(str, figures))


def _brute(queries: Codes, codes: Codes) -> set[tuple[int, int, int]]:
    found = set()
    for i, query in enumerate(queries):
        far = distances(query[None], codes)[0]
        found |= {(i, int(n), int(far[n])) for n in np.flatnonzero(far <= DISTANCE)}
    return found


def _flat(pairs: list[list[tuple[int, int]]]) -> Iterator[tuple[int, int, int]]:
    return ((i, number, far) for i, found in enumerate(pairs) for number, far in found)


def turned(on: Field) -> Iterator[tuple[str, ...]]:
    """Eight orientations in one call against one lookup: of photographs, and those that follow from symmetry alone."""
    queries = asked(on.codes, on.kind, 200, on.rng)
    kinds = {"by symmetry": np.array([orientations(query) for query in queries])}
    if (codes := pictured()) is not None:
        kinds["of photographs"] = codes
    for kind, codes in kinds.items():
        calls: dict[str, Callable[[int], object]] = {}
        for name, c in on.contenders.items():
            calls[f"{name}/1"] = _asking(c, codes[:, 0], 1, DISTANCE)
            calls[f"{name}/8"] = _asking(c, codes.reshape(-1, 32), 8, DISTANCE)
        times = {name: typical(rounds) * 1000 for name, rounds in race(calls, on.total).items()}
        for name in on.contenders:
            one, eight = times[f"{name}/1"], times[f"{name}/8"]
            yield f"{len(on.codes):,}", name, kind, f"{one:.3f}", f"{eight:.3f}", f"{eight / one:.1f}"


def threads(on: Field) -> Iterator[tuple[str, ...]]:
    """How many times as many queries two threads answer as one; 2 is all there is to gain. Not pinned."""
    with pinned(EVERYWHERE), ThreadPoolExecutor(2, initializer=faiss) as pool:
        gains = {batch: {n: _gain(call, pool, on.total) for n, call in on.asking(batch).items()} for batch in (1, 100)}
    for name in on.contenders:
        yield f"{len(on.codes):,}", name, *(f"{gains[batch][name]:.2f}" for batch in gains)


def _gain(call: Callable[[int], object], pool: ThreadPoolExecutor, total: float) -> float:
    calls = max(2, round(total / ROUNDS / min(seconds(call, 0), seconds(call, 1))))

    def run(first: int) -> None:
        for i in range(first, first + calls):
            call(i)

    def share(workers: int) -> float:
        start = perf_counter()
        list(pool.map(run, [k * calls for k in range(workers)]))
        return perf_counter() - start

    return median(2 * share(1) / share(2) for _ in range(3))


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """Runs its block, and the threads that it starts, on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    yield
    os.sched_setaffinity(0, before)


def scans(on: Field) -> Iterator[tuple[str, ...]]:
    """GB/s of codes passed by single queries that must look at all, and of reading the same memory with NumPy."""
    words: Any = on.codes.view(np.uint64).reshape(-1)
    calls = {n: c for n, c in on.asking(1, FAR, 100).items() if n in ("Tutela", "faiss Flat")}
    xor: Any = np.bitwise_xor
    calls["NumPy xor-reduce"] = lambda _: xor.reduce(words)
    calls["NumPy max"] = lambda _: words.max()
    for name, rounds in race(calls, on.total).items():
        yield f"{len(on.codes):,}", name, f"{on.codes.nbytes / typical(rounds) / 1e9:.1f}"


def floods(size: int, rng: np.random.Generator, total: float) -> Iterator[tuple[str, ...]]:
    """Milliseconds of a query that shares chunks with all codes, or with a tenth of them, and of a scan of the same."""
    for share in (1.0, 0.1, 0.03):
        flood = round(share * size)
        index = Tutela()
        index.build(np.concatenate([flooding(flood, rng), uniform(size - flood, rng)]))
        queries = flooding(100, rng)
        calls = {d: _asking(index, queries, 1, d) for d in (DISTANCE, FAR - 32)}
        times = {d: typical(rounds) for d, rounds in race({str(d): c for d, c in calls.items()}, total).items()}
        one, scan = times[str(DISTANCE)], times[str(FAR - 32)]
        yield f"{size:,}", f"{share:.0%}", f"{one * 1000:.3f}", f"{scan * 1000:.3f}", f"{one / scan:.2f}"


def changes(on: Field) -> Iterator[tuple[str, ...]]:
    """Seconds for a thousand single adds and removes, and milliseconds of a search that follows one. Changes `on`."""
    size = len(on.codes)
    old = on.rng.choice(size, CHANGES, replace=False)
    for name, contender in on.contenders.items():
        new = dict(zip(range(size, size + CHANGES), KINDS[on.kind](CHANGES, on.rng), strict=True))
        added = _changing(contender, new, lambda c, number, code: c.add(number, code), True)
        try:
            gone = dict(zip(old.tolist(), on.codes[old], strict=True))
            removed = _changing(contender, gone, lambda c, number, _: c.remove(number), False)
        except RuntimeError:  # what faiss raises where an index has no such operation
            removed = ("cannot", "")
        yield (f"{size:,}", name, *added, *removed)


def _changing(
    contender: Tutela, codes: dict[int, Codes], change: Callable[[Tutela, int, Any], None], shown: bool
) -> tuple[str, str]:
    """Seconds for all changes, and median milliseconds of a search after every tenth. Stops after some seconds."""
    taken: list[float] = []
    after: list[float] = []
    for number, code in codes.items():
        prepared = contender.prepare(code[None])
        taken.append(seconds(change, contender, number, prepared))
        if len(taken) % 10 == 1:
            after.append(_visible(contender, prepared, number, shown))
        if sum(taken) + sum(after) > 2:
            break
    total = sum(taken) / len(taken) * len(codes)
    return ("≈ " if len(taken) < len(codes) else "") + f"{total:.3g}", f"{median(after) * 1000:.3f}"


def _visible(contender: Tutela, prepared: Any, number: int, shown: bool) -> float:
    """Seconds of a search, which must show the code, or no longer show it."""
    start = process_time()
    found = contender.search(prepared)
    taken = process_time() - start
    if (number in dict(contender.pairs(found)[0])) != shown:
        raise SystemExit(f"search.py: {type(contender).__name__} does not show a change at the next search")
    return taken


def likeness(rng: np.random.Generator) -> Iterator[tuple[str, ...]]:
    """How the generated codes compare with the real ones: bits between two, and their equal or nearly equal parts."""
    kinds = {"real": real(), "skewed": skewed(4000, rng, duplicates=0), "random": uniform(4000, rng)}
    for name, codes in kinds.items():
        pairs = np.triu_indices(len(codes), 1)
        far = distances(codes, codes)[pairs]
        parts = [distances(part, part)[pairs] <= 1 for part in np.split(codes, 16, axis=1)]
        yield name, f"{len(codes):,}", f"{far.mean():.1f}", f"{far.std():.1f}", f"{np.mean(parts) * 1e6:.0f}"


def weigh(name: str, file: str) -> None:
    """Builds one contender from a file of codes; prints seconds and bytes a code. Runs in a process of its own."""
    codes = np.load(file)
    warm = CONTENDERS[name]()
    warm.build(warm.prepare(codes[:WARM]))
    warm.search(warm.prepare(codes[:8]))
    del warm
    before = _resident()
    contender = CONTENDERS[name]()
    prepared = contender.prepare(codes)
    taken = seconds(contender.build, prepared)
    del prepared
    print(f"{taken:.3f} {(_resident() - before) / len(codes):.0f}")


def _resident() -> int:
    """Bytes of memory held, after all that is free has been handed back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def builds(kind: str, codes: Codes) -> Iterator[tuple[str, ...]]:
    """Seconds and bytes a code of each contender."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "codes.npy"
        np.save(file, codes)
        for name in CONTENDERS:
            command = [sys.executable, __file__, "--weigh", name, str(file)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            yield (f"{len(codes):,}", kind, name, *done.stdout.split())


_LATENCY = "single: p50, ms | p99, ms | calls"
_CHANGES = "1,000 adds, s | next search, ms | 1,000 removes, s | next search, ms"
TABLES = {
    "The codes": "kind | codes | bits between two: mean | deviation | 16-bit parts within 1 bit, per million",
    "Queries a second": f"codes | kind | contender | {' | '.join(f'batch {n}' for n in BATCHES)} | {_LATENCY}",
    "Build": "codes | kind | contender | seconds | bytes a code",
    "Single changes": f"codes | contender | {_CHANGES}",
    "Eight orientations of one picture": "codes | contender | kind | one lookup, ms | eight in a call, ms | ratio",
    "Two threads against one": "codes | contender | single queries | batches of 100",
    "Reading memory": f"codes | contender | GB/s at {FAR} bits",
    "Floods of codes that share chunks": "codes | share | a query, ms | a scan, ms | ratio",
    "Agreement with brute force": "codes | kind | contender | found | missed | wrong",
}
"""The heads of the tables."""


def measure(sizes: Sequence[int], total: float) -> dict[str, Table]:
    """Rows by title."""
    rng = np.random.default_rng(0)
    rows: defaultdict[str, Table] = defaultdict(list)
    rows["The codes"] += likeness(rng)
    for size in sizes:
        for kind, make in KINDS.items():
            print(f"search.py: {size:,} {kind} codes", file=sys.stderr)
            codes = make(size, rng)
            if kind == "skewed":
                rows["Build"] += builds(kind, codes)
            if kind == "random":
                rows["Floods of codes that share chunks"] += floods(size, rng, total)
            for title, found in _measured(field(kind, codes, rng, total)):
                rows[title] += found
    return rows


def _measured(on: Field) -> Iterator[tuple[str, Iterator[tuple[str, ...]]]]:
    yield "Agreement with brute force", agreement(on)
    yield "Queries a second", speed(on)
    if on.kind == "random":
        yield "Reading memory", scans(on)
    else:
        yield "Eight orientations of one picture", turned(on)
        yield "Two threads against one", threads(on)
        yield "Single changes", changes(on)


def shown(title: str, rows: Table) -> str:
    """A Markdown table under its title."""
    heads = TABLES[title].split(" | ")
    rule = ["---" if head in ("codes", "kind", "contender", "share") else "--:" for head in heads]
    return "\n".join([f"### {title}\n", *(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))]) + "\n"


def main() -> None:
    """Prints all tables; fails where a contender missed a code or found a wrong one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each contender and figure")
    parser.add_argument("--weigh", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with pinned({max(EVERYWHERE)}):
        if options.weigh:
            return weigh(*options.weigh)
        rows = measure(options.sizes, options.seconds)
    print("\n".join(shown(title, rows[title]) for title in TABLES))
    if any(row[-2:] != ("0", "0") for row in rows["Agreement with brute force"]):
        raise SystemExit("search.py: not all contenders agree with brute force")
    return None


if __name__ == "__main__":
    main()
