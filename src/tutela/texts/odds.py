"""How the odds stand that an amount is a price to be had: what is seen of it, weighed.

Each thing that `seen.py` finds has a weight, in nats, learned from the labelled texts by `bench/offer_odds.py`
(logistic regression); the sum, with that of `ALWAYS`, says how the odds stand. `odds.tsv` holds the weights.
"""

from collections.abc import Iterable
from functools import cache
from importlib import resources

TABLE = "odds.tsv"

Feature = tuple[str, str]
"""What is seen: of which kind, and what."""

ENOUGH = 0.0
"""An amount that is no price as likely as not is no offer. In nats."""

ALWAYS = ("always", "")
"""What is seen of every amount."""

_HUNDREDTHS = 100
_NOTHING: dict[str, int] = {}


def weight(seen: Iterable[Feature], table: str = TABLE) -> float:
    """How much different things that are seen speak for it, in nats; what was never seen weighs nothing."""
    weights = _weights(table)
    return sum([weights.get(kind, _NOTHING).get(what, 0) for kind, what in seen]) / _HUNDREDTHS


@cache
def _weights(table: str) -> dict[str, dict[str, int]]:
    """By kind, in hundredths: whole numbers have one sum in whatever order a set gives them."""
    weights: dict[str, dict[str, int]] = {}
    for line in resources.files(__package__).joinpath(table).read_text("utf-8").splitlines():
        kind, what, hundredths = line.split("\t")
        weights.setdefault(kind, {})[what] = int(hundredths)
    return weights
