"""How the odds stand that an amount is a price to be had, by the words around it.

What is seen of an amount are the words before and behind it, how they begin and end, what the word lists know of
them, how its clause begins, the shape of the clause, and how the whole text is written. Each has a weight, in nats,
learned from the labelled texts by `bench/offer_odds.py` (logistic regression); the sum says how the odds stand.
`odds.tsv` holds the weights.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import NamedTuple

from tutela.model import Offer, Unit
from tutela.texts.tokens import Token

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

_MANY_LINES, _MANY_SENTENCES, _LONG_TEXT = 3, 4, 6
_LENGTH = 40
_WRITTEN = {
    "handle": re.compile("@"),
    "link": re.compile(r"https?:|t\.me/"),
    "phone": re.compile(r"\+?\d[\d ()-]{8,}\d"),
    "question": re.compile(r"[?؟]\s*$"),
    "quoted": re.compile('[«»„“”"]'),
    "pictures": re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]"),
    "loud": re.compile("!"),
    "laughs": re.compile(r"\)\)|хах|haha|lol|jaja|kkk|ahah"),
}
_SENTENCE = re.compile(r"[.!?…](?:\s|$)")


class Place(NamedTuple):
    """Where an amount stands: in which clause, at which place of it, and the pieces before the clause and behind it."""

    clause: Sequence[Token]
    price: int
    before: Sequence[Token]
    behind: Sequence[Token]


class Around(NamedTuple):
    """What is known of an amount beside its words: how its text is written (`written`), why rules deny it
    (`claims.py`), whether the text is a list, how many question marks stand behind the clause, and whether the question
    before asks for what was."""

    written: Sequence[str]
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
    around_it = (
        ("b", "e", "p", clause[max(0, price - NEAR) : price]),
        ("a", "e", "p", clause[price + 1 : price + 1 + NEAR]),
        ("B", "E", "P", place.before),
        ("A", "E", "P", place.behind),
    )
    for side, ending, beginning, part in around_it:
        for piece in part:
            if piece.kind in _NAMED:
                yield f"{side} {piece.text}"
                yield from _parts_of(piece.text, ending, beginning)
            for mark in piece.sense.marks:
                yield f"{side}m {mark}"
    yield from _beside(place)
    yield from _shape(place, offer, around)
    yield from around.written


def written(text: str) -> list[str]:
    """How a text is written: what stands in it beside its words, and how long it is."""
    found = [f"text {name}" for name, sign in _WRITTEN.items() if sign.search(text)]
    if text[:1].islower():
        found.append("text small")
    for name, count, most in (
        ("lines", text.count("\n"), _MANY_LINES),
        ("sentences", len(_SENTENCE.findall(text)), _MANY_SENTENCES),
        ("length", len(text) // _LENGTH, _LONG_TEXT),
    ):
        found.append(f"text {name} {min(count, most)}")
    return found


def _parts_of(word: str, ending: str, beginning: str) -> Iterator[str]:
    """The ending and the beginning of a word, whichever side it stands on."""
    if len(word) > _ENDING:
        yield f"{ending} {word[-_ENDING:]}"
    if len(word) > _BEGINNING:
        yield f"{beginning} {word[:_BEGINNING]}"


def _beside(place: Place) -> Iterator[str]:
    """The neighbours of the amount in its clause, and the head of the clause."""
    last = len(place.clause) - 1
    for side, where in (("b1", place.price - 1), ("a1", place.price + 1), ("1", 0)):
        if 0 <= where <= last:
            piece = place.clause[where]
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
        "lent": place.clause[place.price].has("lent"),
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
