"""What is learned of offers: the weights of `tutela.texts.odds`, from the labelled texts that are there to build with.

    .venv/bin/python bench/offer_odds.py [--write] [--without NAME ...]

Every amount of money in a text is an example, right where a label says that it is a price to be had. Logistic
regression (scikit-learn) finds what each thing that is seen of an amount must weigh. What fewer than `SEEN` examples
show is left out. `--write` puts the weights into the package; `--without` leaves texts out, to try the others on them.
Prints how many of the texts left out, and of five parts of all in turn, are read rightly, for several odds.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from tutela.texts.offers import Amount, amounts

ROOT = Path(__file__).parents[1]
LABELLED, WEIGHTS = ROOT / "tests" / "texts" / "labelled", ROOT / "src" / "tutela" / "texts" / "odds.tsv"
KEPT_APART = {"held", "fresh", "wide"}
SEEN, LOOSE, PARTS = 3, 0.5, 5
"""Examples that a feature must stand in; how little weights are drawn to 0 (scikit-learn's `C`); parts of all texts."""

ODDS = (-1.0, -0.5, 0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Example:
    """An amount of a text, what is seen of it, and whether it is a price to be had."""

    text: str
    seen: Counter[str]
    right: bool


@dataclass(frozen=True)
class Texts:
    """Labelled texts as examples, and how many prices the labels say."""

    examples: list[Example]
    prices: int


def read(files: Sequence[Path]) -> Texts:
    """The amounts in some files of labelled texts."""
    examples, prices = [], 0
    for path in files:
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            labels = [(each, *_span(row["text"], each["evidence"])) for each in row["offers"]]
            prices += len(labels)
            for amount in amounts(row["text"]):
                own = next((label for label in labels if _is_of(amount, *label)), None)
                if own is not None:
                    labels.remove(own)
                examples.append(Example(row["id"], Counter(amount.features), own is not None))
    return Texts(examples, prices)


def _span(text: str, evidence: str) -> tuple[int, int]:
    start = text.index(evidence)
    return start, start + len(evidence)


def _is_of(amount: Amount, label: dict[str, str], start: int, end: int) -> bool:
    price, offer = amount.offer.price, amount.offer
    same = price.amount == Decimal(label["amount"]) and price.currency == label["currency"]
    return same and start < offer.end and offer.start < end


def fitted(examples: Sequence[Example]) -> dict[str, float]:
    """Weights in nats, by feature; `always` is that of all."""
    often = Counter(feature for example in examples for feature in example.seen)
    seen = [{name: count for name, count in each.seen.items() if often[name] >= SEEN} for each in examples]
    columns = DictVectorizer(dtype=np.float32)
    model = LogisticRegression(C=LOOSE, max_iter=3000)
    model.fit(columns.fit_transform(seen), [example.right for example in examples])
    rounded = {
        name: round(float(weight), 2) for name, weight in zip(columns.feature_names_, model.coef_[0], strict=True)
    }
    return {name: weight for name, weight in rounded.items() if weight} | {
        "always": round(float(model.intercept_[0]), 2)
    }


def odds(example: Example, weights: dict[str, float]) -> float:
    """As `tutela.texts.odds.odds`."""
    return sum(weights.get(name, 0.0) * count for name, count in example.seen.items()) + weights["always"]


def report(name: str, texts: Texts, found: Callable[[Example], float]) -> None:
    """Precision and recall for several odds."""
    told = [(found(example), example.right) for example in texts.examples]
    for least in ODDS:
        read_, right = sum(each > least for each, _ in told), sum(each > least and true for each, true in told)
        precision, recall = right / max(read_, 1), right / texts.prices
        print(f"{name:>24}, odds above {least:+.1f}: precision {precision:.3f}, recall {recall:.3f}")


def main() -> None:
    """Fits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the weights into the package")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="texts to leave out and to try")
    options = parser.parse_args()
    files = {path.stem: path for path in sorted(LABELLED.glob("*.ndjson")) if path.stem not in KEPT_APART}
    texts = read([path for name, path in files.items() if name not in options.without])
    weights = fitted(texts.examples)
    print(f"{len(texts.examples):,} amounts, {texts.prices:,} prices, {len(weights):,} weights")
    for name in options.without:
        report(name, read([files[name]]), lambda example: odds(example, weights))
    if options.write:
        WEIGHTS.write_text("".join(f"{name}\t{weight:g}\n" for name, weight in sorted(weights.items())), "utf-8")
        return
    names = sorted({example.text for example in texts.examples})
    np.random.default_rng(0).shuffle(names)
    part = {name: place % PARTS for place, name in enumerate(names)}
    fits = [fitted([each for each in texts.examples if part[each.text] != own]) for own in range(PARTS)]
    report("a fifth, by the others", texts, lambda example: odds(example, fits[part[example.text]]))


if __name__ == "__main__":
    main()
