"""Numbers and times near an amount of money, as answers to how many it buys and for how long; what is seen of each.

`counts.py` and `durations.py` weigh them against what the rules say.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from tutela.model import Offer
from tutela.texts.shares import Share
from tutela.texts.tokens import Token
from tutela.texts.weighing.odds import ALWAYS, Feature
from tutela.texts.weighing.seen import NEAR, Place

T = TypeVar("T", bound=Hashable)

_LENGTHS = (0, 1, 2, 3, 5, 8)
_SIZES = (1, 2, 4, 9, 12, 30, 99, 999)
_YEARS = range(1900, 2100)
_FEW, _MANY = 100, 3
_STEM, _ENDING = 4, 3
_BESIDE = (-2, -1, 1, 2)


class Nearby(NamedTuple, Generic[T]):
    """A number or time near a price, and what is seen of it."""

    value: T
    piece: Token
    seen: list[Feature]


def nearby(read: Callable[[Token], T | None], offer: Offer, place: Place, share: Share) -> list[Nearby[T]]:
    """The different values that `read` finds in the clause of a price and around it, nearest clause first."""
    clause, price = place.clause, place.price
    found: dict[T, tuple[Token, list[Feature]]] = {}
    for where in range(max(0, price - NEAR), min(price + NEAR + 1, len(clause))):
        if where != price and (value := read(clause[where])) is not None:
            found.setdefault(value, (clause[where], []))[1].extend(_in_clause(offer, place, share, where))
    near = set(found)
    for name, pieces in (("far", place.before), ("beyond", place.behind)):
        for where, piece in enumerate(pieces):
            if (value := read(piece)) is not None and value not in near:
                found.setdefault(value, (piece, []))[1].extend(_outside(name, offer, pieces, where))
    everywhere = [ALWAYS, ("nearby", str(min(len(found), _MANY)))]
    return [Nearby(value, piece, seen + everywhere) for value, (piece, seen) in found.items()]


def of_offer(offer: Offer, near: Sequence[Nearby[T]]) -> list[Feature]:
    """What is seen of an offer, beside what is of its amount, that may say that it says no number."""
    return [ALWAYS, ("unit", str(offer.unit)), ("nearby", str(min(len(near), _MANY)))]


def likeliest(speaks: Mapping[T | None, float], said: T | None, known: float, unsaid: float) -> T | None:
    """The answer that most speaks for; what rules said counts as much more: `known`, or `unsaid` for none.

    What they found nowhere near is left to them.
    """
    if said not in speaks:
        return said
    return max(speaks, key=lambda answer: speaks[answer] + (answer == said) * (unsaid if said is None else known))


def evidence(offer: Offer, value: T | None, near: Iterable[Nearby[T]], place: Place) -> Offer:
    """The offer, whose evidence holds the value too; it does without what another sentence says."""
    piece = next((each.piece for each in near if each.value == value), None)
    if piece is None or piece not in place.clause:
        return offer
    return replace(offer, start=min(offer.start, piece.start), end=max(offer.end, piece.end))


def _in_clause(offer: Offer, place: Place, share: Share, where: int) -> Iterator[Feature]:
    """What is seen of a piece in the clause of the price."""
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


def _outside(name: str, offer: Offer, pieces: Sequence[Token], where: int) -> Iterator[Feature]:
    """What is seen of a piece before the clause of the price, or beyond it."""
    between = pieces[where:] if name == "far" else pieces[:where]
    yield f"{name} breaks", str(min(sum(each.kind == "break" for each in between), _MANY))
    for by in _BESIDE:
        yield from _seen(f"{name} {by:+d}", pieces, where + by)
    yield from _itself(name, offer, pieces[where])


def _itself(name: str, offer: Offer, piece: Token) -> Iterator[Feature]:
    """What a piece is, and what the price is for."""
    yield f"{name} unit", f"{piece.unit}, {offer.unit}"
    yield "is", "digits" if piece.text[:1].isdigit() else "words"
    if piece.days is not None:
        yield f"{name} days", str(round(piece.days, 2))
        return
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
    yield f"{name} lasting", str(offer.days is not None)


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
