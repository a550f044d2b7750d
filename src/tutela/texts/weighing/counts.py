"""How many a price buys: no number, one, or a number near it; what is seen of each, and what rules say, weighed.

The weights, in nats, are learned by `bench/offer_odds.py` from all labelled prices, whatever rules say of them;
`counts.tsv` holds them.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tutela.model import Offer, Unit
from tutela.texts.shares import Share
from tutela.texts.tokens import Token
from tutela.texts.weighing.nearby import Nearby, evidence, likeliest, nearby, of_amount
from tutela.texts.weighing.odds import Feature, weights
from tutela.texts.weighing.seen import Place

TABLE = "counts.tsv"
NONE, ONE, NUMBER = "none", "one", "number"
"""The answers of the table."""

SAID, UNSAID = 2.0, 1.0
"""So much speaks for a number that rules say, and for none where they say none, in nats; tried with hands left out."""

_SINGLE = Decimal(1)


def with_count(offer: Offer, place: Place, share: Share, seen: Sequence[Feature]) -> Offer:
    """The offer with the quantity that most speaks for; `seen` of the amount is what no rule speaks of."""
    if offer.unit is Unit.ACCESS:
        return offer
    near = numbers(offer, place, share)
    amount = weights(of_amount(offer, seen, near), TABLE)
    speaks: dict[Decimal | None, float] = {None: amount[NONE], _SINGLE: amount[ONE]}
    for number in near:
        speaks[number.value] = speaks.get(number.value, 0.0) + weights(number.seen, TABLE)[NUMBER]
    quantity = likeliest(speaks, offer.quantity, SAID, UNSAID)
    if quantity == offer.quantity:
        return offer
    return replace(evidence(offer, quantity, near, place), quantity=quantity)


def numbers(offer: Offer, place: Place, share: Share) -> list[Nearby[Decimal]]:
    """The numbers of anything that a price may be for."""
    return nearby(_count, offer, place, share)


def _count(piece: Token) -> Decimal | None:
    """Also what rules take for a size (a word with a value), and Stars, which may be what is sold."""
    counting = piece.kind in {"num", "item", "word"} or piece.code == "XTR"
    return piece.value if counting and piece.value is not None and piece.value > 0 else None
