"""What is learned of offers: the weights of `tutela.texts.odds`, from the labelled texts that are there to build with.

    .venv/bin/python bench/offer_odds.py [--write] [--without NAME ...]

Every amount of money in a text is an example, right where a label says that it is a price to be had. Logistic
regression finds what each thing that is seen of an amount must weigh, by Adam (Kingma & Ba, ICLR 2015) over examples
of which each time a third of what is seen is hidden: so what is said in several ways is learned by each of them
(Wager, Wang & Liang, NeurIPS 2013). So it does for the numbers near a price (`tutela.texts.counts`), each an example,
right where it is the quantity that the labels say. What fewer than `SEEN` examples show is left out. `--write` puts
the weights into the package; `--without` leaves texts out, to try the others on them. Prints how many of the texts left
out, and of those of a sixth of all hands in turn, are read rightly, for several odds.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tutela.texts import counts, odds
from tutela.texts.odds import Feature
from tutela.texts.offers import Amount, amounts

ROOT = Path(__file__).parents[1]
LABELLED, PACKAGE = ROOT / "tests" / "texts" / "labelled", ROOT / "src" / "tutela" / "texts"
KEPT_APART = {"held", "fresh", "wide"}
SEEN, PARTS = 3, 6
"""Examples that a feature must stand in; parts of all hands."""

LEAST = 0.05
"""Weights nearer to 0, in nats, are left out."""

HIDDEN, ROUNDS, AT_ONCE, STEP, SEEDS = 0.35, 20, 64, 0.002, 10
"""Share of what is seen that is hidden; how often all examples are gone through, so many at a time; the first step in
nats, which falls to 0; so many times it is all done, by other chances, and the mean is taken."""

ODDS = (-1.0, -0.5, 0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Example:
    """An amount, what is seen of it, and whether it is a price to be had; or a number, and if it is the quantity."""

    hand: str
    seen: frozenset[Feature]
    right: bool


@dataclass
class Texts:
    """Labelled texts as examples: amounts, and numbers near prices; and how many prices the labels say.

    `unsaid` has for each price whose quantity no rule knows its numbers, and whether the labels say a quantity.
    """

    examples: list[Example] = field(default_factory=list)
    numbers: list[Example] = field(default_factory=list)
    unsaid: list[tuple[list[Example], bool]] = field(default_factory=list)
    prices: int = 0


def read(files: Sequence[Path]) -> Texts:
    """The amounts in some files of labelled texts."""
    texts = Texts()
    for path in files:
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            labels = [(each, *_span(row["text"], each["evidence"])) for each in row["offers"]]
            hand = _hand(path, row["id"])
            texts.prices += len(labels)
            for amount in amounts(row["text"]):
                own = next((label for label in labels if _is_of(amount, *label)), None)
                if own is not None:
                    labels.remove(own)
                    _count(texts, amount, hand, own[0]["quantity"])
                texts.examples.append(Example(hand, amount.of_text | amount.features, own is not None))
    return texts


def _count(texts: Texts, amount: Amount, hand: str, quantity: str | None) -> None:
    """Takes in the numbers near a price of that quantity."""
    said = None if quantity is None else Decimal(quantity)
    numbers = counts.numbers(amount.offer, amount.place, amount.share)
    near = [Example(hand, each.seen, each.value == said) for each in numbers]
    texts.numbers.extend(near)
    if counts.is_uncounted(amount.offer):
        texts.unsaid.append((near, said is not None))


def _hand(path: Path, name: str) -> str:
    """Who wrote a text: one hand a file, or, where the names of texts say so, one a file and language."""
    by = name.rpartition("-")[0]
    return by if "-" in by else path.stem


def _span(text: str, evidence: str) -> tuple[int, int]:
    start = text.index(evidence)
    return start, start + len(evidence)


def _is_of(amount: Amount, label: dict[str, str], start: int, end: int) -> bool:
    price, offer = amount.offer.price, amount.offer
    same = price.amount == Decimal(label["amount"]) and price.currency == label["currency"]
    return same and start < offer.end and offer.start < end


def fitted(examples: Sequence[Example]) -> dict[Feature, float]:
    """Weights in nats, by feature."""
    often = Counter(feature for example in examples for feature in example.seen)
    names = sorted(name for name, count in often.items() if count >= SEEN)
    shown, right = matrix(examples, names), np.array([example.right for example in examples], np.float32)
    weights = np.mean([learned(shown, right, seed) for seed in range(SEEDS)], axis=0)
    rounded = {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}
    return {name: weight for name, weight in rounded.items() if abs(weight) >= LEAST}


def matrix(examples: Sequence[Example], names: Sequence[Feature]) -> csr_matrix:
    """1 where an example (row) shows a feature (column)."""
    column = {name: place for place, name in enumerate(names)}
    shown = [sorted(column[name] for name in example.seen if name in column) for example in examples]
    begins = np.cumsum([0, *map(len, shown)])
    columns = np.concatenate([np.array(each, np.int32) for each in shown])
    return csr_matrix((np.ones(len(columns), np.float32), columns, begins), (len(examples), len(names)))


def learned(shown: csr_matrix, right: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The weights of the columns."""
    chance = np.random.default_rng(seed)
    count, width = shown.shape
    weights, mean, square = (np.zeros(width, np.float32) for _ in range(3))
    done = 0
    for turn in range(ROUNDS):
        order = chance.permutation(count)
        rows, truth, step = shown[order], right[order], STEP * (1 - turn / ROUNDS)
        rows.data *= (chance.random(len(rows.data)) > HIDDEN) / (1 - HIDDEN)
        for begin in range(0, count, AT_ONCE):
            some, true = rows[begin : begin + AT_ONCE], truth[begin : begin + AT_ONCE]
            slope = some.T @ ((1 / (1 + np.exp(-(some @ weights))) - true) / len(true))
            done += 1
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope * slope - square)
            weights -= step * (mean / (1 - 0.9**done)) / (np.sqrt(square / (1 - 0.999**done)) + 1e-8)
    return weights


def weight(example: Example, weights: dict[Feature, float]) -> float:
    """As `tutela.texts.odds.weight`."""
    return sum(weights.get(name, 0.0) for name in example.seen)


def report(name: str, texts: Texts, found: Callable[[Example], float]) -> None:
    """Precision and recall for several odds."""
    told = [(found(example), example.right) for example in texts.examples]
    for least in ODDS:
        read_, right = sum(each > least for each, _ in told), sum(each > least and true for each, true in told)
        precision, recall = right / max(read_, 1), right / texts.prices
        print(f"{name:>24}, odds above {least:+.1f}: precision {precision:.3f}, recall {recall:.3f}")


def report_counts(unsaid: Sequence[tuple[list[Example], bool]], found: Callable[[Example], float]) -> None:
    """How many quantities that no rule knows are found, for several odds."""
    best = [(max(near, key=found), said) for near, said in unsaid if near]
    for least in ODDS:
        taken = [(example.right, said) for example, said in best if found(example) > least]
        right, needless = sum(right for right, _ in taken), sum(not said for _, said in taken)
        print(
            f"quantities, odds above {least:+.1f}: of {sum(said for _, said in unsaid)} found {right}, "
            f"wrong {len(taken) - right}, of these where none is said {needless}"
        )


def write(table: str, weights: dict[Feature, float]) -> None:
    """Puts weights into the package."""
    lines = [f"{kind}\t{what}\t{round(weight * 100)}\n" for (kind, what), weight in sorted(weights.items())]
    (PACKAGE / table).write_text("".join(lines), "utf-8")


def main() -> None:
    """Fits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the weights into the package")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="texts to leave out and to try")
    options = parser.parse_args()
    files = {path.stem: path for path in sorted(LABELLED.glob("*.ndjson")) if path.stem not in KEPT_APART}
    texts = read([path for name, path in files.items() if name not in options.without])
    weights, count_weights = fitted(texts.examples), fitted(texts.numbers)
    print(f"{len(texts.examples):,} amounts, {texts.prices:,} prices, {len(weights):,} weights")
    print(f"{len(texts.numbers):,} numbers near prices, {len(count_weights):,} weights")
    for name in options.without:
        others = read([files[name]])
        report(name, others, lambda example: weight(example, weights))
        report_counts(others.unsaid, lambda example: weight(example, count_weights))
    if options.write:
        write(odds.TABLE, weights)
        write(counts.TABLE, count_weights)
        return
    hands = sorted({example.hand for example in texts.examples})
    np.random.default_rng(0).shuffle(hands)
    part = {hand: place % PARTS for place, hand in enumerate(hands)}

    def by_others(examples: Sequence[Example]) -> Callable[[Example], float]:
        fits = [fitted([each for each in examples if part[each.hand] != own]) for own in range(PARTS)]
        return lambda example: weight(example, fits[part[example.hand]])

    report("each hand, by others", texts, by_others(texts.examples))
    report_counts(texts.unsaid, by_others(texts.numbers))


if __name__ == "__main__":
    main()
