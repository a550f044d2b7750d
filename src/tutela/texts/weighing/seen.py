"""What is seen of an amount of money and of its text: what `odds.py` weighs.

The words before and behind it, how they begin and end, which stand side by side, what the word lists know of them,
how its clause begins, the shape of the clause, the amount itself, the words of the whole text in pieces of four letters
(Joulin et al., EACL 2017), and how it is written.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from tutela.model import Money, Offer, Unit
from tutela.texts.tokens import Token
from tutela.texts.weighing.odds import ALWAYS, Feature
from tutela.texts.words import remembered

NEAR = 12
"""So many pieces on either side are looked at, in the clause and outside it."""

_BESIDE = {-3: "-3", -2: "-2", -1: "-1", 1: "+1", 2: "+2", 3: "+3"}
_KINDS = {kind: f"<{kind}>" for kind in ("num", "word", "sign", "break", "money", "time", "item")}
_ENDING, _BEGINNING = 3, 4
_NAMED = frozenset({"word", "item", "time"})
_LENGTHS = (0, 1, 2, 4, 8)
_LARGE, _HUGE = Decimal(3_000), Decimal(50_000)
_COARSE = frozenset({"RUB", "UAH", "KZT", "ARS", "COP", "CLP", "INR", "UZS", "VND", "IDR", "KRW", "JPY", "IRR", "IQD"})
"""Currencies of which fifty are as little as one of others."""

_MANY_LINES, _MANY_SENTENCES, _LONG_TEXT, _MANY_PIECES, _MANY_AMOUNTS = 3, 4, 6, 6, 4
_LENGTH, _PIECES = 40, 5
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
_LETTERS = re.compile(r"[^\W\d_]+")
_PIECE = 4


class Place(NamedTuple):
    """Where an amount stands: in which clause, at which place of it, and the pieces before the clause and behind it."""

    clause: Sequence[Token]
    price: int
    before: Sequence[Token]
    behind: Sequence[Token]


class _Side(NamedTuple):
    """What things on one side of an amount are called; beginnings and endings are told of both sides together."""

    word: str
    mark: str
    pair: str
    ending: str
    beginning: str


_BEFORE = _Side("before", "before mark", "before pair", "ending", "beginning")
_BEHIND = _Side("behind", "behind mark", "behind pair", "ending", "beginning")
_FAR_BEFORE = _Side("far before", "far before mark", "far before pair", "far ending", "far beginning")
_FAR_BEHIND = _Side("far behind", "far behind mark", "far behind pair", "far ending", "far beginning")


class Around(NamedTuple):
    """What is known of an amount beside its words: why rules deny it (`claims.py`), whether the text is a list, how
    many question marks stand behind the clause, and whether the question before asks for what was."""

    denied: str
    listed: bool
    asked: int
    recalled: bool


def features(place: Place, offer: Offer, around: Around) -> list[Feature]:
    """What is seen of an amount and not of its whole text."""
    clause, price = place.clause, place.price
    return [
        *_of_side(_BEFORE, clause[max(0, price - NEAR) : price]),
        *_of_side(_BEHIND, clause[price + 1 : price + 1 + NEAR]),
        *_of_side(_FAR_BEFORE, place.before),
        *_of_side(_FAR_BEHIND, place.behind),
        *_beside(place),
        *_shape(place, offer, around),
        *_sum(offer.price),
    ]


def of_text(text: str, pieces: Sequence[Token]) -> list[Feature]:
    """What is seen of a text with these pieces, whichever amount of it is asked about."""
    return [ALWAYS, *_written(text), *_held(pieces), *_spelt(text)]


def _of_side(side: _Side, part: Sequence[Token]) -> list[Feature]:
    """The words on one side, how they begin and end, what they are known as, and which stand side by side."""
    found: list[Feature] = []
    before = ""
    for piece in part:
        word = piece.text
        if piece.kind in _NAMED:
            found.append((side.word, word))
            if len(word) > _ENDING:
                found.append((side.ending, word[-_ENDING:]))
            if len(word) > _BEGINNING:
                found.append((side.beginning, word[:_BEGINNING]))
        else:
            word = _KINDS[piece.kind]
        found.extend([(side.mark, mark) for mark in piece.sense.marks])
        if before:
            found.append((side.pair, f"{before} {word}"))
        before = word
    return found


def _written(text: str) -> Iterator[Feature]:
    """How a text is written: what stands in it beside its words, and how long it is."""
    yield from (("text", name) for name, sign in _WRITTEN.items() if sign.search(text))
    if text[:1].islower():
        yield "text", "small"
    for name, count, most in (
        ("lines", text.count("\n"), _MANY_LINES),
        ("sentences", len(_SENTENCE.findall(text)), _MANY_SENTENCES),
        ("length", len(text) // _LENGTH, _LONG_TEXT),
    ):
        yield name, str(min(count, most))


def _held(pieces: Sequence[Token]) -> Iterator[Feature]:
    """The words that a text holds, and with which it begins and ends."""
    for piece in pieces:
        if piece.kind in _NAMED:
            yield "word", piece.text
        for mark in piece.sense.marks:
            yield "mark", mark
    yield "first", _name(pieces[0])
    yield "first two", " ".join(map(_name, pieces[:2]))
    yield "last", _name(pieces[-1])
    yield "pieces", str(min(len(pieces) // _PIECES, _MANY_PIECES))
    yield "amounts", str(min(sum(piece.kind == "money" for piece in pieces), _MANY_AMOUNTS))


def _spelt(text: str) -> Iterator[Feature]:
    """The pieces of its words, which forms of a word and words that no list knows have in common with others."""
    for word in set(_LETTERS.findall(text.casefold())):
        yield from _pieces(word)


@remembered(2048)
def _pieces(word: str) -> list[Feature]:
    framed = f"<{word}>"
    return [("letters", framed[start : start + _PIECE]) for start in range(len(framed) - _PIECE + 1)]


def _name(piece: Token) -> str:
    """A piece as its word, or else what it is."""
    return piece.text if piece.kind in _NAMED else _KINDS[piece.kind]


def _beside(place: Place) -> Iterator[Feature]:
    """The neighbours of the amount in its clause, and the head of the clause."""
    clause = place.clause
    around = [(side, place.price + by) for by, side in _BESIDE.items() if 0 <= place.price + by < len(clause)]
    for side, where in (*around, ("head", 0)):
        piece = clause[where]
        if piece.kind in _NAMED:
            yield side, piece.text
        if piece.kind != "word":
            yield side, _KINDS[piece.kind]
        for mark in piece.sense.marks:
            yield f"{side} mark", mark


def _shape(place: Place, offer: Offer, around: Around) -> Iterator[Feature]:
    """What the clause looks like, and what the offer says."""
    for name, length in (("length before", place.price), ("length behind", len(place.clause) - place.price - 1)):
        yield name, str(max(each for each in _LENGTHS if each <= length))
    yield "bound", offer.bound.value
    yield "denied", around.denied
    if offer.unit not in {None, Unit.OTHER}:
        yield "denied, known", around.denied
    flags = {
        "lent": place.clause[place.price].has("lent"),
        "listed": around.listed,
        "asked": around.asked > 0,
        "asked twice": around.asked > 1,
        "recalled": around.recalled,
        "named": offer.unit is not None,
        "counted": offer.quantity is not None,
        "lasting": offer.days is not None,
    }
    yield from (("is", name) for name, true in flags.items() if true)


def _sum(price: Money) -> Iterator[Feature]:
    """The amount itself: of which currency, how large, and how round."""
    amount, currency = price.amount, price.currency
    size = amount.adjusted()
    yield "currency", currency
    yield "size", f"{currency} {size}"
    yield "size", f"{size}{'+' if amount >= 3 * Decimal(10) ** size else ''}"
    worth = amount / (50 if currency in _COARSE else 1)
    flags = {
        "large": worth >= _LARGE,
        "huge": worth >= _HUGE,
        "broken": amount != int(amount),
        "tens": amount % 10 == 0,
        "hundreds": amount % 100 == 0,
        "nine": amount % 10 == 9,
    }
    yield from (("is", name) for name, true in flags.items() if true)
