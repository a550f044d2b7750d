"""What a clause says of its amounts: a price to be had, or a story, a wage, a fine, a bet, news.

Some words deny an offer alone (`claim`). Where none does, weaker hints are weighed: what the words tell (`told`) and
the shape of the clause (`shaped`).
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from itertools import pairwise

from tutela.model import Offer, Unit
from tutela.texts.forms import is_participle
from tutela.texts.shares import Share, goes_on, is_content
from tutela.texts.tokens import Token


def _against(*kinds: str) -> frozenset[str]:
    return frozenset(f"against.{kind}" for kind in kinds)


_NEVER = _against("story", "past", "wage", "bet", "loan", "threat", "threshold", "gift", "refuse")
_BESIDE = _against("fine")  # `25 € a day, 100 € deposit`: of one amount and not of all
_HARDLY = _against("prize", "market", "have")
_GOAL, _REFUSAL = _against("goal"), _against("refuse")

_BEGINNING = 4

_SPEAKING = {
    "sale.sell": 1.2,
    "hint.deal": 1.2,
    "hint.past": -1.5,
    "form.past": -1.0,
    "form.third": -0.6,
    "hint.would": -1.2,
    "form.would": -1.2,
    "hint.people": -1.5,
    "hint.public": -1.2,
    "hint.hold": -1.2,
    "hint.cash": -1.2,
    "hint.fiction": -2.0,
    "hint.ask": -2.0,
}
"""What words say for or against an offer, about as the logarithm of the odds; each counts twice at the most."""

_SPEAKS = frozenset(_SPEAKING)
_INTO = frozenset({"in", "into", "to", "в", "у", "en", "em", "a", "zu", "auf", "sind", "sono", "son"})
_LARGE = Decimal(1_000_000)
_COARSE = frozenset({"RUB", "UAH", "KZT", "ARS", "COP", "CLP", "INR", "UZS", "VND", "IDR", "KRW", "JPY", "IRR", "IQD"})
"""Currencies of which many are little."""


ENOUGH = -0.7
"""An amount that weighs no more is no offer. A bare fragment (`bike, 80 €, red`) weighs 0.3, a bare sentence -0.8."""


def told(clause: Sequence[Token]) -> float:
    """How far the words of a clause speak for an offer (above 0) or for a story (below)."""
    counts: dict[str, int] = {}
    for piece in clause:
        marks = piece.sense.marks
        if marks and not _SPEAKS.isdisjoint(marks):
            for mark in marks & _SPEAKS:
                counts[mark] = counts.get(mark, 0) + 1
    weight = sum(_SPEAKING[mark] * min(count, 2) for mark, count in counts.items())
    return weight - 1.5 * _is_perfect(clause)


def _is_perfect(clause: Sequence[Token]) -> bool:
    """`ho speso`, `hat … gekostet`: an auxiliary verb, and behind it what may be a participle."""
    for place, piece in enumerate(clause):
        if "hint.aux" in piece.sense.marks:
            return any(
                after.kind == "word" and is_participle(after.text) and not after.has("sale")
                for after in clause[place + 1 :]
            )
    return False


def shaped(clause: Sequence[Token], share: Share, offer: Offer, *, listed: bool, asked: bool) -> float:
    """How far the shape of a sentence speaks for an offer: a thing beside the amount, a number of it, the edges."""
    before, after, price = share.before, share.after, share.price
    goes = bool(share.right) and goes_on(share.right[0])
    known = offer.unit is not None and offer.unit is not Unit.OTHER
    first, last = price is clause[0], price is clause[-1]
    weight = 0.2 * goes + 1.5 * known + 1.0 * listed - 0.4 * asked + 1.6 * (offer.quantity is not None)
    weight += 0.9 * (offer.days is not None) + 0.7 * first + 0.2 * last
    if before is not None:
        if before.has("join.for"):
            weight += 1.2
        elif before.kind == "word" and before.has("plain") and not before.has("bound"):
            weight -= 0.3
        if before.kind in {"item", "time"} or is_content(before):
            weight += 1.0
    if after is not None and after.has("join.article"):
        weight += 0.5
    if not (first or last):
        behind = share.near_right[0] if share.near_right else None
        apart = before is not None and before.kind == "break" and (behind is None or behind.has("join"))
        weight += 0.3 if apart else -0.8
    amount = price.value or Decimal(0)
    if amount >= 3000 * (50 if price.code in _COARSE else 1):
        weight -= 1.0 + 0.5 * (amount >= _LARGE)
    return weight


class Claim(Enum):
    """Whether amounts are prices: yes, only if a known thing is counted, or not."""

    PRICE = "price"
    DOUBTFUL = "doubtful"
    NO_PRICE = "no price"


def claim(clause: Sequence[Token]) -> Claim:
    """What the words of a clause make of its amounts."""
    if _speaks(clause, _NEVER) or _is_rate(clause):
        return Claim.NO_PRICE
    return Claim.DOUBTFUL if _speaks(clause, _GOAL) else Claim.PRICE


def is_refusal(clause: Sequence[Token]) -> bool:
    """Whether a clause begins with words that refuse the price named before it."""
    return _speaks(clause[:_BEGINNING], _REFUSAL)


def is_owed(beside: Sequence[Token]) -> bool:
    """Whether words right beside an amount say that it is paid for nothing, or comes back."""
    return _speaks(beside, _BESIDE)


def is_doubtful(beside: Sequence[Token]) -> bool:
    """Whether words right beside an amount make it doubtful."""
    return _speaks(beside, _HARDLY)


def _speaks(pieces: Sequence[Token], kinds: frozenset[str]) -> bool:
    for piece in pieces:
        marks = piece.sense.marks
        if marks and not kinds.isdisjoint(marks):
            return True
    return False


def _is_rate(clause: Sequence[Token]) -> bool:
    """`1 EUR = 1.08 USD`, `the euro stands at 1.08 dollars`: two currencies and nothing that is bought."""
    places = [place for place, piece in enumerate(clause) if piece.kind == "money"]
    if any(piece.kind == "item" for piece in clause):
        return False
    code = clause[places[0]].code
    if any(piece.kind == "word" and piece.sense.currency not in {None, "XTR", code} for piece in clause[: places[0]]):
        return True
    if len(places) == 1 and any(
        b.kind == "word" and b.sense.currency not in {None, "XTR", code} and (a.text in _INTO or b.has("prefix.for"))
        for a, b in pairwise(clause)
    ):
        return True
    after = zip(clause[places[0] :], clause[places[0] + 1 :], strict=False)
    if any(a.has("join.for") and b.kind == "word" and b.sense.currency not in {None, "XTR"} for a, b in after):
        return True
    between = clause[places[0] : places[-1]]
    return any(piece.text == "=" for piece in between) and len({clause[place].code for place in places}) > 1
