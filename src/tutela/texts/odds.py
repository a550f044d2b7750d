"""How the odds stand that an amount is a price to be had, by the words around it.

What is seen of an amount are the words before and behind it, how they begin and end, what the word lists know of
them, and the shape of its clause. Each has a weight, in nats, learned from the labelled texts by
`tools/train_offers.py` (logistic regression); the sum says how the odds stand. `odds.tsv` holds the weights.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import NamedTuple

from tutela.model import Offer, Unit
from tutela.texts.tokens import Token
from tutela.texts.words import remembered

ENOUGH = 0.0
"""An amount that is no price as likely as not is no offer. In nats."""

NEAR = 12
"""So many pieces on either side are looked at, in the clause and outside it."""

_HUNDREDTHS = 100
_ENDING, _BEGINNING = 3, 4
_NAMED = frozenset({"word", "item", "time"})
_LENGTHS = (0, 1, 2, 4, 8)
_LARGE, _HUGE = Decimal(3_000), Decimal(50_000)
_COARSE = frozenset({"RUB", "UAH", "KZT", "ARS", "COP", "CLP", "INR", "UZS", "VND", "IDR", "KRW", "JPY", "IRR", "IQD"})
"""Currencies of which fifty are as little as one of others."""


class Place(NamedTuple):
    """Where an amount stands: in which clause, at which place of it, and the pieces before the clause and behind it."""

    clause: Sequence[Token]
    price: int
    before: Sequence[Token]
    behind: Sequence[Token]


class Around(NamedTuple):
    """What is known of an amount beside its words: why rules deny it (`claims.py`), whether the text is a list, how
    many question marks stand behind the clause, and whether the question before asks for what was."""

    denied: str
    listed: bool
    asked: int
    recalled: bool


def odds(seen: Iterator[str]) -> float:
    """The sum of what `features` weigh, in nats; what was never seen weighs nothing."""
    weights = _weights()
    return (sum([weights.get(feature, 0) for feature in seen]) + weights["always"]) / _HUNDREDTHS


def features(place: Place, offer: Offer, around: Around) -> Iterator[str]:
    """All that is seen of an amount, each with the name that it has among the weights."""
    clause, price = place.clause, place.price
    for side, inside in (("b", clause[max(0, price - NEAR) : price]), ("a", clause[price + 1 : price + 1 + NEAR])):
        for piece in inside:
            if piece.kind in _NAMED:
                yield f"{side} {piece.text}"
                yield from _parts_of(piece.text)
            for mark in piece.sense.marks:
                yield f"{side}m {mark}"
    for side, outside in (("B", place.before), ("A", place.behind)):
        for piece in outside:
            if piece.kind in _NAMED:
                yield f"{side} {piece.text}"
    yield from _beside(place)
    yield from _shape(place, offer, around)


@remembered(16384)
def _parts_of(word: str) -> tuple[str, ...]:
    """The ending and the beginning of a word, whichever side it stands on."""
    ending = [f"e {word[-_ENDING:]}"] if len(word) > _ENDING else []
    return *ending, *([f"p {word[:_BEGINNING]}"] if len(word) > _BEGINNING else [])


def _beside(place: Place) -> Iterator[str]:
    """The neighbours of the amount in its clause."""
    for side, next_ in (("b1", place.price - 1), ("a1", place.price + 1)):
        if 0 <= next_ < len(place.clause):
            piece = place.clause[next_]
            yield f"{side} {piece.text if piece.kind == 'word' else piece.kind}"
            for mark in piece.sense.marks:
                yield f"{side}m {mark}"


def _shape(place: Place, offer: Offer, around: Around) -> Iterator[str]:
    """What the clause looks like, and what the offer says."""
    for name, length in (("before", place.price), ("behind", len(place.clause) - place.price - 1)):
        yield f"{name} {max(each for each in _LENGTHS if each <= length)}"
    yield f"bound {offer.bound}"
    known = offer.unit not in {None, Unit.OTHER}
    yield f"denied {around.denied}"
    if known:
        yield f"known, denied {around.denied}"
    amount = offer.price.amount / (50 if offer.price.currency in _COARSE else 1)
    flags = {
        "listed": around.listed,
        "asked": around.asked > 0,
        "asked twice": around.asked > 1,
        "recalled": around.recalled,
        "named": offer.unit is not None,
        "counted": offer.quantity is not None,
        "lasting": offer.days is not None,
        "large": amount >= _LARGE,
        "huge": amount >= _HUGE,
        "broken": offer.price.amount != int(offer.price.amount),
    }
    yield from (name for name, true in flags.items() if true)


@cache
def _weights() -> dict[str, int]:
    """In hundredths: whole numbers have one sum in whatever order a set gives them, so that every run says the same."""
    lines = resources.files(__package__).joinpath("odds.tsv").read_text("utf-8").splitlines()
    parted = (line.partition("\t") for line in lines)
    return {feature: round(float(weight) * _HUNDREDTHS) for feature, _, weight in parted}
