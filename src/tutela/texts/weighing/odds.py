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

OF_AMOUNT, UNCOUNTED, ONE, UNTIMED = "amounts.tsv", "uncounted", "one", "untimed"
"""What is seen of an amount, for it to be a price to be had (`PRICE`), for it to buy no number of things or one
(`counts.py`), and for it to hold for no time that is said (`durations.py`)."""

OF_TEXT, PRICE = "texts.tsv", "price"
"""What is seen of a text, for its amounts to be such prices (`PRICE`), and for each unit to be what it sells."""

Feature = tuple[str, str]
"""What is seen: of which kind, and what."""

ENOUGH = 0.0
"""An amount that is no price as likely as not is no offer. In nats."""

ALWAYS = ("always", "")
"""What is seen of everything."""

_HUNDREDTHS = 100
_NEVER_SEEN = 0
_NOWHERE: dict[str, int] = {}


class Table(NamedTuple):
    """The weight of what is seen (row, by kind) for each answer (column), in hundredths; the first row is all 0."""

    answers: tuple[str, ...]
    rows: dict[str, dict[str, int]]
    weights: NDArray[np.int16]


def weights(seen: Iterable[Feature], table: str) -> dict[str, float]:
    """How much different things that are seen speak for each answer, in nats; what was never seen weighs nothing.

    What is seen twice counts once. Sums are of whole hundredths: these are the same in whatever order.
    """
    known = read(table)
    named = known.rows
    rows = {named.get(kind, _NOWHERE).get(what, _NEVER_SEEN) for kind, what in seen}
    found = known.weights.take(np.fromiter(rows, np.intp, len(rows)), 0)
    sums = np.add.reduce(found, 0, np.int64) / _HUNDREDTHS
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
    weights = array("h", [0] * len(answers))
    for row, (kind, what, *hundredths) in enumerate(every, _NEVER_SEEN + 1):
        rows.setdefault(intern(kind), {})[intern(what)] = row
        weights.extend([int(each or 0) for each in hundredths])
    return Table(tuple(answers), rows, np.array(weights, np.int16).reshape(-1, len(answers)))
