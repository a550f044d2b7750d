"""What it costs to go from the bytes of a JPEG to its PDQ hash and to its whole fingerprint: Tutela,
python-threatexchange, and the floor.

Run as ``python bench/hashing.py [CORPORA]`` where Tutela and the bench packages are installed; prints two tables in
Markdown. All figures are CPU milliseconds of one core, user and system, whatever else the machine does. The contenders
take turns on each file, so that a change of the clock rate hits all alike; each figure is the median over files of the
median over rounds, and each ratio the median over files of that file's ratio.

- *threatexchange*: `PdqSignal.hash_from_bytes`, that is Pillow at full size, then `pdqhash` in C++. One code.
- *Tutela*: what the confined worker computes, in this process: decoding, normalisation, eight codes.
- *confined*: the same through the confined worker; the CPU time of both processes.
- *bare decode*: Pillow decodes to luma at the scale that Tutela uses, and no more: no Pillow-based hasher is faster.
- *fingerprint*: SHA-256 and MD5 of the bytes and PDQ, in this process; the second table has its ratio to bare decode.
- *confined fingerprint*: `Fingerprinter.fingerprint`, with the confined worker; the CPU time of both processes.

Pictures: *drawn* ones (colour fields, edges and sensor-like noise of three strengths), and, where the corpora are
given, photographs from them, resized, with noise in place of the detail that enlarging cannot give.
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import numpy as np
from PIL import Image, ImageDraw, features

from tutela.fingerprints import Fingerprinter
from tutela.fingerprints.exact import digests
from tutela.fingerprints.pdq import SHORTEST
from tutela.fingerprints.worker import handle
from tutela.media import Limits, Worker

SIZES = {"12 MP": (4000, 3000), "0.3 MP": (640, 480)}
QUALITIES = (75, 85, 92)
ROUNDS = {"12 MP": 5, "0.3 MP": 9}
CALLS = {"12 MP": 1, "0.3 MP": 10}
"""Calls in one turn: as in real use, a contender works for a while, with its own code and data in the caches."""
TARGETS = {"12 MP": 20, "0.3 MP": 4}
PHOTOGRAPHS = 6
LIMITS = Limits()
NAMES = ("threatexchange", "Tutela", "confined", "bare decode")
WHOLE = ("fingerprint", "confined fingerprint")
MOST = 1.6
"""What a whole fingerprint at 12 megapixels may cost, in bare decodes."""


@dataclass(frozen=True, slots=True)
class Row:
    """The medians for one family of pictures at one size and quality: kilobytes, CPU milliseconds by contender.

    `ratios` are threatexchange's cost over the contender's, `floors` the contender's over that of bare decoding.
    """

    family: str
    size: str
    quality: int
    kilobytes: float
    costs: dict[str, float]
    ratios: dict[str, float]
    floors: dict[str, float]


def drawn(seed: int, width: int, height: int) -> Image.Image:
    """Colour fields and edges with noise whose strength grows with the seed."""
    rng = np.random.default_rng(seed)
    field = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    picture = field.resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = rng.uniform(0, (width, height))
        reach = rng.uniform(0.01, 0.08) * width
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return noisy(picture, rng, (2, 4, 8)[seed % 3])


def noisy(picture: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """The picture as a sensor would see it."""
    values = np.asarray(picture, dtype=np.float32)
    noise = rng.normal(0, strength, values.shape).astype(np.float32)
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))


def pictures(corpora: Path | None, width: int, height: int) -> Iterator[tuple[str, Image.Image]]:
    """Families and their pictures at one size."""
    for seed in range(3):
        yield "drawn", drawn(seed, width, height)
    if corpora is None:
        return
    photographs = sorted((corpora / "photos" / "scenes").glob("*.jp*g"))
    for place, path in enumerate(photographs[:: len(photographs) // PHOTOGRAPHS][:PHOTOGRAPHS]):
        with Image.open(path) as picture:
            plain = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        grainy = noisy(plain, np.random.default_rng(place), 3) if width > 1000 else plain
        yield "photographs", grainy


def threatexchange() -> Callable[[bytes], object]:
    """Its hasher, or an end with the remedy."""
    try:
        from threatexchange.signal_type.pdq.signal import PdqSignal
    except ImportError as error:
        sys.exit(f"python-threatexchange cannot be loaded ({error}). Install the bench packages: make .venv/bench")
    hasher: Callable[[bytes], object] = PdqSignal.hash_from_bytes
    return hasher


def bare(data: bytes) -> None:
    """The floor: luma at the scale that Tutela uses."""
    with Image.open(BytesIO(data)) as picture:
        width, height = picture.size
        scale = next(s for s in (8, 4, 2, 1) if s == 1 or min(width, height) // s >= SHORTEST)
        picture.draft("L", (width // scale, height // scale))
        picture.load()


def whole(data: bytes) -> None:
    """A whole fingerprint in this process."""
    digests(data)
    handle(data, LIMITS)


def spent(contender: Callable[[bytes], object], data: bytes, calls: int) -> float:
    """CPU milliseconds of one of so many calls, in this process and in those that it has started (Linux)."""
    elsewhere, here = in_children(), time.process_time()
    for _ in range(calls):
        contender(data)
    here = time.process_time() - here
    return (here * 1000 + (in_children() - elsewhere) / 1e6) / calls


def in_children() -> int:
    """CPU nanoseconds of the processes that this one has started and that still run."""
    listed = ((task / "children").read_text().split() for task in Path("/proc/self/task").iterdir())
    return sum(
        int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) for children in listed for child in children
    )


def costs(contenders: dict[str, Callable[[bytes], object]], data: bytes, size: str) -> dict[str, float]:
    """Median CPU milliseconds of each contender on one file, taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS[size] + 1):
        for name, contender in contenders.items():
            taken[name].append(spent(contender, data, CALLS[size]))
    return {name: statistics.median(times[1:]) for name, times in taken.items()}  # the first round warms up


def encoded(picture: Image.Image, quality: int) -> bytes:
    """The picture as a JPEG with 4:2:0 colour, as cameras and messengers write them."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def measure(corpora: Path | None) -> Iterator[Row]:
    """All rows, one size after the other."""
    worker, fingerprinter = Worker("tutela.fingerprints.worker", LIMITS), Fingerprinter(1, LIMITS)
    calls = (
        threatexchange(),
        lambda data: handle(data, LIMITS),
        worker.process,
        bare,
        whole,
        fingerprinter.fingerprint,
    )
    contenders: dict[str, Callable[[bytes], object]] = dict(zip(NAMES + WHOLE, calls, strict=True))
    for size, shape in SIZES.items():
        found: dict[tuple[str, int], list[tuple[int, dict[str, float]]]] = {}
        for family, picture in pictures(corpora, *shape):
            for quality in QUALITIES:
                data = encoded(picture, quality)
                taken = costs(contenders, data, size)
                found.setdefault((family, quality), []).append((len(data), taken))
        for (family, quality), measured in sorted(found.items()):
            yield summary(family, size, quality, measured)
    worker.close()
    fingerprinter.close()


def summary(family: str, size: str, quality: int, measured: list[tuple[int, dict[str, float]]]) -> Row:
    """Medians over the files of one family."""
    names = measured[0][1]
    medians = {name: statistics.median(taken[name] for _, taken in measured) for name in names}
    ratios = {name: statistics.median(taken["threatexchange"] / taken[name] for _, taken in measured) for name in names}
    floors = {name: statistics.median(taken[name] / taken["bare decode"] for _, taken in measured) for name in names}
    kilobytes = statistics.median(bytes_ for bytes_, _ in measured) / 1000
    return Row(family, size, quality, kilobytes, medians, ratios, floors)


def machine() -> str:
    """Processor and versions, for the line under the table."""
    import importlib.metadata as metadata

    info = Path("/proc/cpuinfo")
    rows = info.read_text().splitlines() if info.exists() else []
    model = next((row.split(":", 1)[1].strip() for row in rows if row.startswith("model name")), platform.processor())
    packages = ("threatexchange", "pdqhash", "pillow", "numpy")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    turbo = features.version("libjpeg_turbo")
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{model}, {system}, {versions}, libjpeg-turbo {turbo}"


def line(cells: Iterable[str]) -> None:
    """One line of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


def heading(*names: str) -> None:
    """A table's head: two columns of words, figures in the rest."""
    line(names)
    print(f"|---|---|{'--:|' * (len(names) - 2)}", flush=True)


def opening(row: Row) -> tuple[str, ...]:
    """What a row is about."""
    return row.family, row.size, str(row.quality), f"{row.kilobytes:.0f}"


def main(corpora: Path | None) -> None:
    """Prints the tables."""
    subject = ("pictures", "size", "JPEG q", "kB")
    heading(*subject, *(f"{name}, ms" for name in NAMES), "ratio", "confined", "floor", "target")
    rows = []
    for row in measure(corpora):
        rows.append(row)
        figures = (f"{row.costs[name]:.2f}" for name in NAMES)
        ratios = (f"{row.ratios[name]:.1f}×" for name in NAMES[1:])
        line((*opening(row), *figures, *ratios, f"{TARGETS[row.size]}×"))
    print(f"\nCPU time on one core; ratios are python-threatexchange's cost over the contender's. {machine()}.\n")
    heading(*subject, *(f"{name}, ms" for name in ("bare decode", *WHOLE)), "ratio", "confined", "at most")
    for row in rows:
        figures = (f"{row.costs[name]:.2f}" for name in ("bare decode", *WHOLE))
        target = f"{MOST}" if row.size == "12 MP" else ""
        line((*opening(row), *figures, *(f"{row.floors[name]:.2f}" for name in WHOLE), target))
    print("\nSHA-256, MD5 and PDQ; ratios are their cost over that of bare decoding.")


if __name__ == "__main__":
    named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TUTELA_CORPORA")
    main(Path(named) if named else None)
