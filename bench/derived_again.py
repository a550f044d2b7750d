"""What a second look says for a copy: `again` of `thresholds.toml`, from all queries of `derived.py`.

    .venv/bin/python bench/derived_again.py [FOLDER] [--photos N] [--raw FILE] [--read FILE]

Pairs that the first look leaves in doubt are looked at again. Logistic regression finds how much each reason must
weigh so that their sum tells right pairs from wrong ones; the constant then puts the highest wrong pair at `WORST`.
Prints the weights of all pairs and of those of either half, and how many queries these find in the other half.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import derived
import numpy as np
from derived import KEY, Corpus, luma, of_all, opened, sent
from edits import EDITS
from near import default_folder

from tutela.fingerprints.parts import looked_up_parts, parts_at
from tutela.index import HammingIndex
from tutela.matching import THRESHOLDS
from tutela.matching.derived import DerivedMatcher
from tutela.matching.thresholds import SecondLook

WRONG, SHRINK, STEPS = 20.0, 1.0, 50
"""How much a wrong pair counts for a right one; how much weights are drawn to 0, each in the unit in which its reason
differs among all pairs; rounds of Newton's method."""

SAID = THRESHOLDS.derived_again.said
"""What the first look weighs, as in force. Fits hardly differ from 0.2 to 1.0; at 1.0 a pair would be found of which
nothing is seen again."""

WORST = 9.5
SIGNS = np.array([1, 1, -1, -1, -1])
"""What `SecondLook.score` makes of each reason: for a copy, or against."""


@dataclass(frozen=True)
class Pair:
    """A query and a picture that the first look says anything for; `reasons` where it was looked at again."""

    kind: str
    number: int
    right: bool
    first: float
    reasons: tuple[float, ...]


def pairs(task: tuple[str, int]) -> list[Pair]:
    """All pairs of one query."""
    kind, number = task
    picture = opened(sent(derived.CORPUS.query(kind, number).picture))
    brightness, own = luma(picture), derived.CORPUS.own(kind, number)
    parts = looked_up_parts(brightness)
    found = derived.MATCHER.weighed(*picture.size, parts, lambda points: parts_at(brightness, points))
    return [
        Pair(kind, number, each.picture.number == own, each.reasons[0] if each.reasons else each.score, each.reasons)
        for each in found
        if kind in EDITS or each.picture.number != own
    ]


def regression(some: Sequence[Pair]) -> SecondLook:
    """The weights of least loss beside `SAID`, by Newton's method."""
    said, *others = np.array([SIGNS * each.reasons for each in some]).T
    reasons = np.column_stack(others)
    units = np.append(1.0, reasons.std(axis=0))
    features = np.column_stack([np.ones(len(some)), reasons]) / units
    shrunk = SHRINK * np.diag(np.arange(len(units)) > 0)
    right = np.array([each.right for each in some])
    share, found = np.where(right, 1.0, WRONG), np.zeros(len(units))
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(-np.clip(features @ found + SAID * said, -30, 30)))
        slope = features.T @ (share * (odds - right)) + shrunk @ found
        curve = (features * (share * odds * (1 - odds))[:, None]).T @ features + shrunk
        found -= np.linalg.solve(curve, slope)
    constant, *weights = (found / units).tolist()
    return SecondLook(THRESHOLDS.derived_again.start, constant, SAID, *weights)


def score(pair: Pair, weights: SecondLook) -> float:
    """What comes of a pair in the end."""
    return weights.score(pair.reasons) if is_doubtful(pair) else pair.first


def is_doubtful(pair: Pair) -> bool:
    """Whether the second look decides."""
    return bool(pair.reasons) and pair.first < THRESHOLDS.derived_score


def placed(wrong: Sequence[Pair], weights: SecondLook) -> SecondLook:
    """The weights with the constant that puts the highest of wrong pairs that were looked at again at `WORST`."""
    highest = max(score(each, weights) for each in wrong if is_doubtful(each))
    return replace(weights, constant=weights.constant + WORST - highest)


def report(every: Sequence[Pair], counts: dict[str, list[int]]) -> None:
    """Fits and prints."""
    doubtful, wrong = [each for each in every if is_doubtful(each)], [each for each in every if not each.right]
    rights = sum(each.right for each in doubtful)
    firsts = sorted((each.first for each in wrong), reverse=True)[:5]
    print(
        f"in doubt: {rights} right and {len(doubtful) - rights} wrong pairs; "
        f"first looks of wrong pairs, highest: {[round(each, 1) for each in firsts]}"
    )
    for name, fitted, told in (("all", (0, 1), (0, 1)), ("first half", (0,), (1,)), ("second half", (1,), (0,))):
        weights = placed(wrong, regression([each for each in doubtful if each.number % 2 in fitted]))
        highest = sorted((score(each, weights) for each in wrong), reverse=True)[:5]
        said = ", ".join(f"{word} {weight:.2f}" for word, weight in asdict(weights).items())
        print(f"\n{name}: {said}; highest wrong {[round(each, 1) for each in highest]}")
        for half in told:
            mine = [each for each in every if each.right and each.number % 2 == half]
            hits = Counter(each.kind for each in mine if score(each, weights) >= THRESHOLDS.derived_score)
            print(f"  half {half}: " + ", ".join(f"{kind} {hits[kind] / counts[kind][half]:.1%}" for kind in EDITS))


def main() -> None:
    """Protects, looks, fits, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--photos", type=int, help="so many scenes only")
    parser.add_argument("--raw", type=Path, help="write every pair there, as JSON lines")
    parser.add_argument("--read", type=Path, help="look nothing up: fit to what --raw wrote")
    options = parser.parse_args()
    derived.CORPUS = Corpus(options.folder or default_folder(), options.photos)
    tasks = derived.CORPUS.tasks()
    if options.read:
        every = [Pair(**json.loads(line)) for line in options.read.read_text().splitlines()]
    else:
        derived.MATCHER = DerivedMatcher(KEY)
        derived.protect(derived.MATCHER, HammingIndex(), derived.CORPUS)
        every = [pair for some in of_all(pairs, tasks) for pair in some]
    if options.raw:
        options.raw.write_text("".join(json.dumps(asdict(each)) + "\n" for each in every))
    counts = {kind: [sum(k == kind and n % 2 == half for k, n in tasks) for half in (0, 1)] for kind in EDITS}
    report(every, counts)


if __name__ == "__main__":
    main()
