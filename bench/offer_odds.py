"""What is learned of offers: the tables of weights in `tutela.texts`, from the labelled texts there are to build with.

    .venv/bin/python bench/offer_odds.py [--write] [--without NAME ...]

Every amount of money in a text is an example, right where a label says that it is a price to be had; of each price
what its text sells, which number near it, one or none, says how many, and which time, or none, for how long.
`learning.py` says how. `--write` puts the tables into the package; `--without` leaves texts out, to try the others on
them. Without either, a part of all hands is left out in turn. Prints how well what was left out is read.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import scoring
from learning import Example, Scores, Weights, fitted, softmax

from tutela.model import Offer, Unit
from tutela.texts.offers import Amount, amounts
from tutela.texts.weighing import counts, durations, odds
from tutela.texts.weighing.nearby import of_amount, unruled

PACKAGE = Path(__file__).parents[1] / "src" / "tutela" / "texts" / "weighing"
KEPT_APART = {"held", "fresh", "wide"}
UNITS = tuple(unit.value for unit in Unit)
ANSWERS = {
    odds.OF_AMOUNT: (odds.PRICE,),
    odds.OF_TEXT: (odds.PRICE, *UNITS),
    counts.TABLE: (counts.NONE, counts.ONE, counts.NUMBER),
    durations.TABLE: (durations.NONE, durations.TIME),
}
PARTS, SEEDS, SEEDS_TRIED = 6, 10, 2
"""Parts of all hands; fits of which the mean is taken for the package, and to try."""


class Text(NamedTuple):
    """A labelled text, by whom, with its amounts and what each is."""

    hand: str
    row: scoring.Row
    amounts: Sequence[tuple[Amount, scoring.Label | None]]


def read(name: str) -> list[Text]:
    """The labelled texts of a file."""
    texts = []
    for row in scoring.rows(name):
        found = list(amounts(row["text"]))
        own, _ = scoring.matched(row, [amount.offer for amount in found])
        by = row["id"].rpartition("-")[
            0
        ]  # one hand a file, or, where the names of texts say so, one a file and language
        texts.append(Text(by if "-" in by else name, row, list(zip(found, own, strict=True))))
    return texts


def learned(texts: Iterable[Text], seeds: int) -> dict[str, Weights]:
    """The tables, by name."""
    every = [each for text in texts for each in text.amounts]
    prices = [(amount, label) for amount, label in every if label is not None]
    is_price = [Example([amount.of_text | amount.features], label is not None) for amount, label in every]
    of_unit = [
        Example([amount.of_text], UNITS.index(label["unit"])) for amount, label in prices if label["unit"] is not None
    ]
    of_count = [example for amount, label in prices if (example := _counted(amount, label)) is not None]
    of_time = [example for amount, label in prices if (example := _lasting(amount, label)) is not None]
    price, unit = fitted(is_price, 1, _price_slopes, seeds), fitted(of_unit, len(UNITS), _unit_slopes, seeds)
    by_text = {feature for amount, _ in every for feature in amount.of_text}
    no_price, no_unit = (0,), (0,) * len(UNITS)
    return {
        odds.OF_AMOUNT: {name: weights for name, weights in price.items() if name not in by_text},
        odds.OF_TEXT: {
            name: price.get(name, no_price) + unit.get(name, no_unit) for name in by_text & (price.keys() | unit.keys())
        },
        counts.TABLE: fitted(of_count, 3, _count_slopes, seeds),
        durations.TABLE: fitted(of_time, 2, _time_slopes, seeds),
    }


def _counted(amount: Amount, label: scoring.Label) -> Example | None:
    """What a label says the price buys, with the numbers near it; None if it is none of them."""
    if label["unit"] == Unit.ACCESS:
        return None
    offer = _labelled(amount, label)
    near = sorted(counts.numbers(offer, amount.place, amount.share), key=lambda number: number.value != 1)
    values = [number.value for number in near]
    choices = [None, 1, *(value for value in values if value != 1)]
    if label["quantity"] not in choices:
        return None
    single = [] if 1 in values else [frozenset[odds.Feature]()]
    seen = frozenset(of_amount(offer, unruled(amount.features), near))
    rows = [seen, *single, *(number.seen for number in near)]
    return Example(rows, choices.index(label["quantity"]))


def _lasting(amount: Amount, label: scoring.Label) -> Example | None:
    """How long a label says that the price holds, with the times near it; None if it is none of them."""
    offer = _labelled(amount, label)
    near = durations.times(offer, amount.place, amount.share)
    own = [place for place, time in enumerate(near, 1) if scoring.same("days", label["days"], time.value)]
    if not near or (label["days"] is not None and not own):
        return None
    seen = frozenset(of_amount(offer, unruled(amount.features), near))
    return Example([seen, *(time.seen for time in near)], own[0] if own else 0)


def _labelled(amount: Amount, label: scoring.Label) -> Offer:
    return replace(amount.offer, unit=None if label["unit"] is None else Unit(label["unit"]))


def _price_slopes(example: Example, scores: Scores) -> Scores:
    return np.float32(1) / (np.float32(1) + np.exp(-scores)) - np.float32(example.right)


def _unit_slopes(example: Example, scores: Scores) -> Scores:
    slopes = softmax(scores)
    slopes[0, example.right] -= 1
    return slopes


def _count_slopes(example: Example, scores: Scores) -> Scores:
    """The first row is the amount, the second the number 1, the others other numbers."""
    choices = np.concatenate([scores[0, :2], scores[2:, 2]])
    choices[1] += scores[1, 2]
    found = softmax(choices)
    found[example.right] -= 1
    slopes = np.zeros_like(scores)
    slopes[0, :2], slopes[1:, 2] = found[:2], found[1:]
    return slopes


def _time_slopes(example: Example, scores: Scores) -> Scores:
    """The first row is the amount, the others times."""
    slopes = np.zeros_like(scores)
    found = softmax(np.concatenate([scores[:1, 0], scores[1:, 1]]))
    found[example.right] -= 1
    slopes[0, 0], slopes[1:, 1] = found[0], found[1:]
    return slopes


def table(name: str, weights: Weights) -> str:
    """Weights as the package has them."""
    lines = ["\t".join(["kind", "what", *ANSWERS[name]])]
    lines += ["\t".join([*feature, *(str(each or "") for each in row)]) for feature, row in sorted(weights.items())]
    return "\n".join(lines) + "\n"


def tried(name: str, texts: Iterable[Text], tables: dict[str, Weights]) -> None:
    """Prints precision and recall of texts by tables in place of those of the package."""
    found = {name: odds.parsed(table(name, weights).splitlines()) for name, weights in tables.items()}
    with patch("tutela.texts.weighing.odds.read", found.__getitem__):
        scores = scoring.score(text.row for text in texts)
    print(f"{name:>24}", *(f"{field} {scores[field][0]:.3f} {scores[field][1]:.3f}" for field in scores), sep="  ")


def main() -> None:
    """Fits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into the package")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="texts to leave out and to try")
    options = parser.parse_args()
    names = [path.stem for path in sorted(scoring.LABELLED.glob("*.ndjson")) if path.stem not in KEPT_APART]
    texts = [text for name in names if name not in options.without for text in read(name)]
    if options.write or options.without:
        tables = learned(texts, SEEDS)
        for name, weights in tables.items():
            print(f"{name}: {len(weights):,} things seen")
            if options.write:
                (PACKAGE / name).write_text(table(name, weights), "utf-8")
        for name in options.without:
            tried(name, read(name), tables)
        return
    hands = sorted({text.hand for text in texts})
    np.random.default_rng(0).shuffle(hands)
    part = {hand: place % PARTS for place, hand in enumerate(hands)}
    for own in range(PARTS):
        tables = learned([text for text in texts if part[text.hand] != own], SEEDS_TRIED)
        tried(f"part {own + 1} of the hands", [text for text in texts if part[text.hand] == own], tables)


if __name__ == "__main__":
    main()
