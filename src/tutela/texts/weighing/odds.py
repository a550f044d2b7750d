"""What is seen, weighed: how the odds stand that an amount is a price, and of what it buys.

Each thing that `seen.py` and `nearby.py` find has a weight for each answer to a question, in nats, learned from the
labelled texts by `bench/offer_odds.py` (logistic regression); the sums say how the odds stand. A table holds the
weights, and its first line names the answers.
"""

from array import array
from collections.abc import Iterable
from functools import cache
from importlib import resources
from sys import intern
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OF_AMOUNT = "odds.tsv"
"""What is seen of an amount, for it to be a price to be had."""

OF_TEXT, PRICE = "texts.tsv", "price"
"""What is seen of a text, for its amounts to be such prices (`PRICE`), and for each unit to be what it sells."""

Feature = tuple[str, str]
"""What is seen: of which kind, and what."""

ENOUGH = 0.0
"""An amount that is no price as likely as not is no offer. In nats."""

ALWAYS = ("always", "")
"""What is seen of everything."""

_HUNDREDTHS = 100
_NOWHERE: dict[str, int] = {}


class Table(NamedTuple):
    """The weight of what is seen (row, by kind) for each answer (column), in hundredths."""

    answers: tuple[str, ...]
    rows: dict[str, dict[str, int]]
    weights: NDArray[np.int16]


def weight(seen: Iterable[Feature]) -> float:
    """How much what is seen of an amount speaks for a price to be had, in nats."""
    return weights(seen, OF_AMOUNT)[PRICE]


def weights(seen: Iterable[Feature], table: str) -> dict[str, float]:
    """How much different things that are seen speak for each answer, in nats; what was never seen weighs nothing.

    Sums are of whole hundredths: these are the same in whatever order a set gives them.
    """
    known = read(table)
    rows = [row for kind, what in seen if (row := known.rows.get(kind, _NOWHERE).get(what)) is not None]
    sums = known.weights[rows].sum(axis=0) / _HUNDREDTHS
    return dict(zip(known.answers, sums.tolist(), strict=True))


@cache
def read(name: str) -> Table:
    """A table of the package."""
    with resources.files(__package__).joinpath(name).open(encoding="utf-8") as lines:
        return parsed(lines)


def parsed(lines: Iterable[str]) -> Table:
    """A table: a line for each thing that is seen, its kind, what, and hundredths for each answer, none for 0."""
    every = (line.rstrip("\n").split("\t") for line in lines)
    _, _, *answers = next(every)
    rows: dict[str, dict[str, int]] = {}
    weights = array("h")
    for row, (kind, what, *hundredths) in enumerate(every):
        rows.setdefault(intern(kind), {})[intern(what)] = row
        weights.extend([int(each or 0) for each in hundredths])
    return Table(tuple(answers), rows, np.array(weights, np.int16).reshape(-1, len(answers)))
