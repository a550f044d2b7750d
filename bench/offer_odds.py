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
from tutela.texts.weighing.nearby import of_offer

PACKAGE = Path(__file__).parents[1] / "src" / "tutela" / "texts" / "weighing"
KEPT_APART = {"held", "fresh", "wide"}
UNITS = tuple(unit.value for unit in Unit)
ANSWERS = {
    odds.OF_AMOUNT: (odds.PRICE, odds.UNCOUNTED, odds.ONE, odds.UNTIMED),
    odds.OF_TEXT: (odds.PRICE, *UNITS),
    counts.TABLE: (odds.UNCOUNTED, odds.ONE, counts.NUMBER),
    durations.TABLE: (odds.UNTIMED, durations.TIME),
}
PLACES = ("-3", "-2", "-1", "+1", "+2", "+3", "head", "before", "behind")
UNRULED = frozenset(
    [*PLACES, *(f"{place} mark" for place in PLACES), "length before", "length behind", "bound", "currency"]
)
FLAGS = frozenset({"lent", "listed", "asked", "asked twice", "recalled"})
"""Kinds of what is seen of an amount, and of what it is, of which no rule speaks: the others would repeat it."""

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
        by = row["id"].rpartition("-")[0]  # one hand a file, or, where names of texts say so, one a file and language
        texts.append(Text(by if "-" in by else name, row, list(zip(found, own, strict=True))))
    return texts


def learned(texts: Iterable[Text], seeds: int) -> dict[str, Weights]:
    """The tables, by name."""
    every = [each for text in texts for each in text.amounts]
    prices = [(amount, label) for amount, label in every if label is not None]
    is_price = [_example([[*amount.of_text, *amount.features]], label is not None) for amount, label in every]
    of_unit = [
        _example([amount.of_text], UNITS.index(label["unit"])) for amount, label in prices if label["unit"] is not None
    ]
    of_count = [example for amount, label in prices if (example := _counted(amount, label)) is not None]
    of_time = [example for amount, label in prices if (example := _lasting(amount, label)) is not None]
    price, unit = fitted(is_price, 1, _price_slopes, seeds), fitted(of_unit, len(UNITS), _unit_slopes, seeds)
    count, time = fitted(of_count, 3, _count_slopes, seeds), fitted(of_time, 2, _time_slopes, seeds)
    by_text = {feature for amount, _ in every for feature in amount.of_text}
    by_amount = {feature for amount, _ in every for feature in amount.features} - by_text
    return {
        odds.OF_AMOUNT: _beside(by_amount, (price, 1), (count, 2), (time, 1)),
        odds.OF_TEXT: _beside(by_text, (price, 1), (unit, len(UNITS))),
        counts.TABLE: _beside(count.keys() - by_amount, (count, 3)),
        durations.TABLE: _beside(time.keys() - by_amount, (time, 2)),
    }


def _beside(names: Iterable[odds.Feature], *parts: tuple[Weights, int]) -> Weights:
    """The first so many weights of each part, side by side; what weighs nothing is left out."""
    rows = {name: [row for part, width in parts for row in part.get(name, (0,) * width)[:width]] for name in names}
    return {name: tuple(row) for name, row in rows.items() if any(row)}


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
    single: list[list[odds.Feature]] = [] if 1 in values else [[]]
    rows = [_unruled(amount) + of_offer(offer, near), *single, *(number.seen for number in near)]
    return _example(rows, choices.index(label["quantity"]))


def _lasting(amount: Amount, label: scoring.Label) -> Example | None:
    """How long a label says that the price holds, with the times near it; None if it is none of them."""
    offer = _labelled(amount, label)
    near = durations.times(offer, amount.place, amount.share)
    own = [place for place, time in enumerate(near, 1) if scoring.same("days", label["days"], time.value)]
    if not near or (label["days"] is not None and not own):
        return None
    rows = [_unruled(amount) + of_offer(offer, near), *(time.seen for time in near)]
    return _example(rows, own[0] if own else 0)


def _unruled(amount: Amount) -> list[odds.Feature]:
    """What is seen of an amount of which no rule speaks."""
    return [(kind, what) for kind, what in amount.features if kind in UNRULED or (kind == "is" and what in FLAGS)]


def _example(rows: Sequence[Sequence[odds.Feature]], right: int) -> Example:
    return Example([frozenset(row) for row in rows], right)


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
