"""Which number says how many a price buys, where no rule knows: what is seen of each number near it, weighed.

The weights, in nats, are learned by `bench/offer_odds.py` from all labelled prices, whatever rules say of them;
`counts.tsv` holds them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from tutela.model import Offer, Unit
from tutela.texts.odds import ALWAYS, Feature, weight
from tutela.texts.seen import NEAR, Place
from tutela.texts.shares import Share
from tutela.texts.tokens import Token

TABLE = "counts.tsv"

SURELY = 1.0
"""So much must speak for a number, in nats: of hands left out four in five are right then, as of those rules know."""

_LENGTHS = (0, 1, 2, 3, 5, 8)
_SIZES = (1, 2, 4, 9, 12, 30, 99, 999)
_YEARS = range(1900, 2100)
_FEW, _MANY = 100, 3
_STEM, _ENDING = 4, 3
_BESIDE = (-2, -1, 1, 2)


class Number(NamedTuple):
    """A number near a price, and what is seen of it."""

    value: Decimal
    piece: Token
    seen: frozenset[Feature]


def is_uncounted(offer: Offer) -> bool:
    """Whether no rule knows how many the price buys; access has no number."""
    return offer.quantity is None and offer.unit != Unit.ACCESS


def with_count(offer: Offer, place: Place, share: Share) -> Offer:
    """The offer with the quantity that most speaks for, if no rule knows it and enough does."""
    if not is_uncounted(offer):
        return offer
    weighed = [(weight(number.seen, TABLE), number) for number in numbers(offer, place, share)]
    odds, number = max(weighed, key=lambda each: each[0], default=(0.0, None))
    if number is None or odds <= SURELY:
        return offer
    start, end = offer.start, offer.end
    if number.piece in place.clause:  # evidence does without what another sentence says
        start, end = min(start, number.piece.start), max(end, number.piece.end)
    return replace(offer, quantity=number.value, start=start, end=end)


def numbers(offer: Offer, place: Place, share: Share) -> list[Number]:
    """The different numbers in the clause of a price and before it, nearest clause first."""
    clause, price = place.clause, place.price
    found: dict[Decimal, tuple[Token, set[Feature]]] = {}
    for where in range(max(0, price - NEAR), min(price + NEAR + 1, len(clause))):
        if (value := _count(clause[where], offer)) is not None:
            found.setdefault(value, (clause[where], set()))[1].update(_in_clause(offer, place, share, where))
    near = set(found)
    for where, piece in enumerate(place.before):
        if (value := _count(piece, offer)) is not None and value not in near:
            found.setdefault(value, (piece, set()))[1].update(_outside(offer, place.before, where))
    everywhere = {ALWAYS, ("numbers", str(min(len(found), _MANY)))}
    return [Number(value, piece, frozenset(seen | everywhere)) for value, (piece, seen) in found.items()]


def _count(piece: Token, offer: Offer) -> Decimal | None:
    """The number of anything that the price may be for; where it is of another thing, rules have passed over it."""
    counting = piece.kind == "num" or (piece.kind == "item" and piece.unit == offer.unit)
    return piece.value if counting and piece.value is not None and piece.value > 0 else None


def _in_clause(offer: Offer, place: Place, share: Share, where: int) -> Iterator[Feature]:
    """What is seen of a number in the clause of the price."""
    clause, price = place.clause, place.price
    piece, left = clause[where], where < price
    between = clause[where + 1 : price] if left else clause[price + 1 : where]
    side = f"{piece.kind} {'before' if left else 'behind'}"
    yield side, str(max(each for each in _LENGTHS if each <= len(between)))
    yield from ((f"{side} over", kind) for kind in {each.kind for each in between})
    own, near = (share.left, share.near_left) if left else (share.right, share.near_right)
    yield side, "near" if piece in near else "own" if piece in own else "away"
    for by in _BESIDE:
        name = f"{piece.kind} {by:+d}"
        if where + by == price:
            yield name, "<price>"
        yield from _seen(name, clause, where + by)
    yield from _itself(piece.kind, offer, piece)
    behind = clause[where + 1] if where + 1 < len(clause) else None
    yield "is", "tight" if behind is not None and behind.tight else "loose"


def _outside(offer: Offer, before: Sequence[Token], where: int) -> Iterator[Feature]:
    """What is seen of a number before the clause of the price."""
    yield "breaks", str(min(sum(each.kind == "break" for each in before[where:]), _MANY))
    for by in _BESIDE:
        yield from _seen(f"far {by:+d}", before, where + by)
    yield from _itself("far", offer, before[where])


def _itself(name: str, offer: Offer, piece: Token) -> Iterator[Feature]:
    """What a number is, and what the price is for."""
    value = piece.value or Decimal(0)
    if value != int(value):
        size = "broken"
    elif value in _YEARS:
        size = "year"
    else:
        size = str(next((most for most in _SIZES if value <= most), "more"))
    yield f"{name} size", size
    if value < _FEW:
        yield f"{name} value", str(value.normalize())
    yield f"{name} unit", f"{piece.unit}, {offer.unit}"
    yield f"{name} lasting", str(offer.days is not None)
    yield "is", "digits" if piece.text[:1].isdigit() else "words"


def _seen(name: str, pieces: Sequence[Token], where: int) -> Iterator[Feature]:
    """What stands in a place."""
    if not 0 <= where < len(pieces):
        yield name, "-"
        return
    piece = pieces[where]
    if piece.kind in {"word", "sign"}:
        yield name, piece.text
        if len(piece.text) > _STEM:
            yield f"{name} beginning", piece.text[:_STEM]
            yield f"{name} ending", piece.text[-_ENDING:]
    elif piece.kind == "item":
        yield name, f"<{piece.unit}>"
        yield f"{name} item", piece.text[:_STEM]
    else:
        yield name, f"<{piece.kind}>"
    yield from ((f"{name} mark", mark) for mark in piece.sense.marks)
