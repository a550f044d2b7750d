"""How many altered pictures the derived tier finds, and how many pairs it takes for one another that are not.

    .venv/bin/python bench/derived.py [FOLDER] [--photos N] [--peers N] [--raw FILE] [--marked]

FOLDER holds `scenes` and `clothing` (default: `photos` in the folder that TUTELA_CORPORA names). All scenes are
protected as they are, and 500 photographs of clothing beside them: most of them with the mark of the edits, or in the
screen of the screenshots, so that unrelated pictures share what unrelated pictures do share. Every edit of every scene
is looked up, and a hundred other photographs, as they are, marked, in a screen, small, and small in a screen. So is the
clothing, as it is and small: many pieces lie on one floor, which makes the likest pairs there are; only what it is
taken for beside itself counts. The threshold is chosen on every second query and reported on the others. What edits
paste comes from photographs that are not protected. With `--marked` all scenes carry the mark of the edits already when
they are protected, and some edits put another one on them. *In force, or near* is what all tiers together find; the
near tier takes no threshold from here.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from io import BytesIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded: a process for each core, whose threads must not wait

import numpy as np
from derived_peers import PEERS, Peer
from edits import CHAIN, EDITS, Edited, Picture, Step, after, compressed, edited, jpeg, marked, screenshot, untouched
from near import default_folder
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tutela.fingerprints.parts import kept_parts, looked_up_parts, parts_at
from tutela.fingerprints.pdq import pdq
from tutela.index import HammingIndex
from tutela.index.rotation import Rotation
from tutela.matching import THRESHOLDS
from tutela.matching.coding import coded
from tutela.matching.derived import DerivedMatcher
from tutela.model import Box, CodedParts, Parts

KEY = bytes(range(32))
CLOTHING, DONORS, BESIDE = 500, 100, 20
LEAST = 2.0
"""Scores below are not looked at."""

FOREIGN = "another photograph"
OTHERS: dict[str, tuple[Step, ...]] = {
    FOREIGN: (),
    f"{FOREIGN}, marked": (marked,),
    f"{FOREIGN}, in a screen": (screenshot,),
    f"{FOREIGN}, + mark + 80 % crop + × 0.6 + JPEG 50": CHAIN,
    f"{FOREIGN}, + all of that + screenshot": (*CHAIN, screenshot, compressed(80)),
}
CLOTHES = (FOREIGN, f"{FOREIGN}, + mark + 80 % crop + × 0.6 + JPEG 50")
"""What clothing that is protected itself is looked up as: what others were photographed on the same floor are wrong."""


@dataclass(frozen=True)
class Result:
    """What came of one query: every picture that it was taken for, in the end and by the first look alone, those
    that the near tier finds, and how often it was looked at again."""

    kind: str
    number: int
    scores: dict[int, float]
    first: dict[int, float]
    near: list[int]
    iou: float | None
    extracting: float = 0.0
    matching: float = 0.0
    looks: int = 0

    @property
    def scene(self) -> int | None:
        """The number of the scene."""
        return self.number if self.kind in EDITS else None


class Corpus:
    """The photographs, by number: scenes first, then clothing, then donors."""

    def __init__(self, folder: Path, photos: int | None, *, marked: bool = False) -> None:
        self.marked = marked
        self.scenes = sorted((folder / "scenes").glob("*.jpg"))
        self.scenes = self.scenes[:: max(1, len(self.scenes) // (photos or len(self.scenes)))][:photos]
        clothing = sorted((folder / "clothing").glob("*.jpg"))
        self.clothing = clothing[:CLOTHING]
        self.donors = clothing[CLOTHING : CLOTHING + DONORS]

    @cache  # noqa: B019 - one corpus for the whole run
    def donated(self) -> list[Picture]:
        """What edits paste."""
        return [opened(path) for path in self.donors]

    def scene(self, number: int) -> Picture:
        """A scene as it is protected."""
        picture = opened(self.scenes[number])
        return marked(untouched(picture), (), random.Random(number)).picture if self.marked else picture

    def protected(self) -> Iterator[Picture]:
        """All pictures that are protected: number n of them is scene n, as long as there is one."""
        yield from map(self.scene, range(len(self.scenes)))
        for number, path in enumerate(self.clothing):
            chance, state = random.Random(number), untouched(opened(path))
            if number % 10 < 6:
                state = marked(state, (), chance)
            if number % 10 > 6:
                state = screenshot(state, (), chance)
            yield state.picture

    def query(self, kind: str, number: int) -> Edited:
        """An edit of a scene, or a photograph that has nothing to do with any: a donor, or clothing behind these."""
        if kind in EDITS:
            return edited(kind, self.scene(number), self.donated(), str(number))
        chance = random.Random(f"{kind} {number}")
        return after(OTHERS[kind], opened((*self.donors, *self.clothing)[number]), (), chance)

    def tasks(self) -> list[tuple[str, int]]:
        """All queries."""
        found = [(kind, number) for kind in EDITS for number in range(len(self.scenes))]
        found += [(kind, number) for kind in OTHERS for number in range(len(self.donors))]
        clothes = range(len(self.donors), len(self.donors) + len(self.clothing))
        return found + [(kind, number) for kind in CLOTHES for number in clothes]

    def own(self, kind: str, number: int) -> int:
        """The number of the protected picture that a query was made from; −1 for none."""
        if kind in EDITS:
            return number
        return len(self.scenes) + number - len(self.donors) if number >= len(self.donors) else -1


def opened(path: Path | BytesIO) -> Picture:
    """An upright RGB picture."""
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def luma(picture: Picture) -> NDArray[np.uint8]:
    """Brightness as the confined worker sees it."""
    return np.asarray(picture.convert("L"))


def union(boxes: Sequence[Box], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The boxes as a mask of the protected picture."""
    mask = np.zeros(shape, np.bool_)
    for box in boxes:
        top, bottom = (round(each * shape[0]) for each in (box.top, box.bottom))
        left, right = (round(each * shape[1]) for each in (box.left, box.right))
        mask[top:bottom, left:right] = True
    return mask


def visible(state: Edited) -> NDArray[np.bool_]:
    """Which pixels of the protected picture lie inside the edited one."""
    rows, columns = np.indices(state.replaced.shape) + 0.5
    x, y, _ = np.tensordot(state.matrix, np.stack([columns, rows, np.ones_like(rows)]), 1)
    return np.asarray((x >= 0) & (y >= 0) & (x < state.picture.width) & (y < state.picture.height))


Found = TypeVar("Found")

CORPUS: Corpus
MATCHER: DerivedMatcher
NEAR: HammingIndex


def look_up(task: tuple[str, int]) -> Result:
    """One query against all protected pictures."""
    kind, number = task
    state = CORPUS.query(kind, number)
    with_file = np.asarray(Image.open(sent(state.picture)).convert("L"))
    start = time.perf_counter()
    parts = looked_up_parts(with_file)
    middle = time.perf_counter()
    looks = 0

    def look(points: bytes) -> Parts:
        nonlocal looks
        looks += 1
        return parts_at(with_file, points)

    found = MATCHER.weighed(*state.picture.size, parts, look)
    end = time.perf_counter()
    alone = MATCHER.weighed(*state.picture.size, parts)
    scene = number if kind in EDITS else None
    true = next((each for each in found if each.picture.number == scene and each.score >= LEAST), None)
    iou = None
    if true is not None and state.replaced.any():
        truth = state.replaced & visible(state)
        altered = union(MATCHER.derived(true, state.picture.size).derivation.altered, truth.shape)
        iou = float((altered & truth).sum() / max((altered | truth).sum(), 1))
    itself = None if kind in EDITS else CORPUS.own(kind, number)
    scores, first = (
        {each.picture.number: each.score for each in some if each.picture.number != itself and each.score >= LEAST}
        for some in (found, alone)
    )
    close = [each for each in near(with_file) if each != itself]
    return Result(kind, number, scores, first, close, iou, middle - start, end - middle, looks)


def near(brightness: NDArray[np.uint8]) -> list[int]:
    """The protected pictures that the near tier finds."""
    computed = pdq(brightness, *brightness.shape)
    if computed.quality < THRESHOLDS.near_quality:
        return []
    codes = np.frombuffer(computed.codes, np.uint8).reshape(-1, 32)
    return sorted(set(NEAR.search(codes, THRESHOLDS.near_distance)[1].tolist()))


def sent(picture: Picture) -> BytesIO:
    """As it would be looked up: a JPEG file."""
    return BytesIO(jpeg(picture, 90))


def of_all(function: Callable[[tuple[str, int]], Found], tasks: Sequence[tuple[str, int]]) -> list[Found]:
    """What a function says of each query, by all cores: after one, so that none compiles or reads what all share."""
    function(tasks[0])
    with get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        return pool.map(function, tasks, chunksize=8)


def protected_parts(picture: Picture, rotation: Rotation) -> CodedParts:
    """What a bank keeps of a picture."""
    return coded(kept_parts(luma(picture)), picture.width, picture.height, rotation)


def protect(matcher: DerivedMatcher, hashes: HammingIndex, corpus: Corpus) -> list[float]:
    """Protects all pictures; the seconds of each."""
    seconds, rotation = [], Rotation(KEY)
    for number, picture in enumerate(corpus.protected()):
        brightness = luma(picture)
        computed = pdq(brightness, *brightness.shape)
        if computed.quality >= THRESHOLDS.near_quality:
            hashes.add([number], np.frombuffer(computed.codes[:32], np.uint8))
        start = time.perf_counter()
        matcher.add(number, protected_parts(picture, rotation))
        seconds.append(time.perf_counter() - start)
    return seconds


def micro_ap(results: Sequence[Result]) -> float:
    """Average precision over all scores of all queries together, ties in the worst order (ISC 2021)."""
    pairs = sorted((-s, n == r.scene) for r in results for n, s in r.scores.items())
    right = np.cumsum([true for _, true in pairs])
    queries = sum(r.scene is not None for r in results)
    return float(sum(right[i] / (i + 1) for i, (_, true) in enumerate(pairs) if true) / queries)


def impostors(results: Sequence[Result]) -> list[float]:
    """Scores of wrong pairs, highest first."""
    return sorted((s for r in results for n, s in r.scores.items() if n != r.scene), reverse=True)


def report(results: Sequence[Result], pictures: int) -> None:
    """Prints everything about Tutela's own way."""
    halves = [[r for r in results if r.number % 2 == half] for half in (0, 1)]
    threshold = np.nextafter(impostors(halves[0])[0], np.inf) if impostors(halves[0]) else 0.0
    wrong = [score for score in impostors(halves[1]) if score >= threshold]
    print(
        f"{len(results):,} queries × {pictures:,} pictures = {len(results) * pictures:,} pairs. "
        f"Threshold from one half: {threshold:.1f}; wrong pairs in the other half at or above it: {len(wrong)} of "
        f"{len(halves[1]) * pictures:,} ({', '.join(f'{s:.1f}' for s in wrong[:5])}). µAP {micro_ap(results):.4f}\n"
    )
    for row in table(results, halves[1], float(threshold)):
        print("| " + " | ".join(row) + " |")
    for name, times in (("extracting", [r.extracting for r in results]), ("matching", [r.matching for r in results])):
        median, slowest = (1000 * float(np.quantile(times, q)) for q in (0.5, 0.99))
        print(f"\n{name}: {median:.0f} ms at the median, {slowest:.0f} at p99")
    again = np.array([r.looks > 0 for r in results])
    print(f"\nlooked at again: {again.mean():.0%} of the queries")
    reliability(results, float(threshold))


def table(results: Sequence[Result], half: Sequence[Result], threshold: float) -> Iterator[Sequence[str]]:
    """What is found in one half of the queries, edit by edit, and the wrong pairs of all."""
    force = THRESHOLDS.derived_score
    steps = sorted({4.0, 6.0, 8.0, 12.0, 15.0, 20.0, force, round(threshold, 1)})
    yield "Edit", "queries", "first look", *(f"≥ {step:g}" for step in steps), "in force, or near", "IoU, median"
    yield "---", *["--:"] * (len(steps) + 4)
    for kind in EDITS:
        some = [result for result in half if result.kind == kind]
        first = np.array([result.first.get(result.number, 0.0) for result in some])
        scores = np.array([result.scores.get(result.number, 0.0) for result in some])
        together = (scores >= force) | np.array([result.number in result.near for result in some])
        ious = [result.iou for result in some if result.iou is not None]
        shares = [first >= force, *(scores >= step for step in steps), together]
        iou = f"{np.median(ious):.2f}" if ious else ""
        yield kind, str(len(some)), *(f"{share.mean():.1%}" for share in shares), iou
    every, near = impostors(results), sum(n != result.scene for result in results for n in result.near)
    alone = sum(s >= force for result in results for n, s in result.first.items() if n != result.scene)
    counts = (alone, *(sum(s >= step for s in every) for step in steps), near)
    yield "wrong pairs, of the last column near ones alone", "", *map(str, counts), ""


def reliability(results: Sequence[Result], threshold: float) -> None:
    """Pairs by score: the confidence from one half by the rule of succession, and what held in the other."""
    edges = [2, 4, 6, 8, 10, 15, 20, 40, 80]
    print("\n| score from | right, wrong (one half) | confidence | right, wrong (other half) | held |")
    print("|--:|--:|--:|--:|--:|")
    for low, high in zip(edges, [*edges[1:], np.inf], strict=True):
        counts = []
        for half in (0, 1):
            some = [(n == r.scene, s) for r in results if r.number % 2 == half for n, s in r.scores.items()]
            counts.append(
                [sum(low <= score < high and true is which for true, score in some) for which in (True, False)]
            )
        (right, wrong), (later, mistaken) = counts
        held = f"{later / (later + mistaken):.3f}" if later + mistaken else ""
        print(
            f"| {low:.0f} | {right}, {wrong} | {(right + 1) / (right + wrong + 2):.3f} | {later}, {mistaken} | {held} |"
        )


def peers(corpus: Corpus, count: int) -> None:
    """The other methods on every nth scene: all pairs of these queries and pictures, and `BESIDE` marked ones."""
    chosen = list(range(0, len(corpus.scenes), max(1, len(corpus.scenes) // count)))[:count]
    print(f"\n{len(chosen)} scenes, all pairs; recall where none of the wrong pairs passes, and the best wrong score\n")
    print("| Edit | " + " | ".join(peer.name for peer in PEERS) + " |\n|---|" + "--:|" * len(PEERS))
    pictures = [corpus.scene(n) for n in chosen]
    pictures += list(islice(corpus.protected(), len(corpus.scenes), len(corpus.scenes) + BESIDE))
    kept = {peer.name: [peer.describe(luma(picture)) for picture in pictures] for peer in PEERS}
    rows: dict[str, dict[str, NDArray[np.float64]]] = {}
    for kind in EDITS:
        lumas = [luma(corpus.query(kind, number).picture) for number in chosen]
        rows[kind] = {peer.name: _scores(peer, lumas, kept[peer.name]) for peer in PEERS}
    worst = {p.name: max(float(_wrong(rows[k][p.name]).max()) for k in EDITS) for p in PEERS}
    for kind in EDITS:
        shares = [f"{(rows[kind][p.name].diagonal() > worst[p.name]).mean():.1%}" for p in PEERS]
        print(f"| {kind} | " + " | ".join(shares) + " |")
    print("| best wrong score | " + " | ".join(f"{worst[peer.name]:.0f}" for peer in PEERS) + " |")
    pairs = len(EDITS) * len(chosen) * (len(pictures) - 1)
    print(f"\nWrong pairs: {pairs:,}")


def _scores(peer: Peer, lumas: Sequence[NDArray[np.uint8]], kept: Sequence[object]) -> NDArray[np.float64]:
    described = [peer.describe(each) for each in lumas]
    return np.array([[peer.score(query, protected) for protected in kept] for query in described])


def _wrong(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(scores[~np.eye(*scores.shape, dtype=np.bool_)])


def _by_number(scores: dict[int, float]) -> dict[int, float]:
    """As JSON has it, with the numbers as texts, and back."""
    return {int(number): score for number, score in scores.items()}


def main() -> None:
    """Protects, looks up, prints."""
    global CORPUS, MATCHER, NEAR
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pictures", type=int, default=0, help="with --read: how many were protected")
    parser.add_argument("--photos", type=int, help="so many scenes only")
    parser.add_argument("--marked", action="store_true", help="the scenes carry a mark when they are protected")
    parser.add_argument("--peers", type=int, default=0, help="also the other methods, on so many scenes")
    parser.add_argument("--raw", type=Path, help="write every score there, as JSON lines")
    parser.add_argument("--read", type=Path, help="look nothing up: report on what --raw wrote")
    options = parser.parse_args()
    if options.read:
        kept = [Result(**json.loads(line)) for line in options.read.read_text().splitlines()]
        report([replace(r, scores=_by_number(r.scores), first=_by_number(r.first)) for r in kept], options.pictures)
        return
    folder = options.folder or default_folder()
    CORPUS = Corpus(folder, options.photos, marked=options.marked)
    MATCHER = DerivedMatcher(KEY)
    NEAR = HammingIndex()
    seconds = protect(MATCHER, NEAR, CORPUS)
    print(f"protecting: {1000 * np.median(seconds):.0f} ms at the median, decoding apart")
    results = of_all(look_up, CORPUS.tasks())
    if options.raw:
        options.raw.write_text("".join(json.dumps(asdict(result)) + "\n" for result in results))
    report(results, len(MATCHER))
    if options.peers:
        peers(CORPUS, options.peers)


if __name__ == "__main__":
    main()
