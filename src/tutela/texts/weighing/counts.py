"""How many a price buys: no number, one, or a number near it; what is seen of each, and what rules say, weighed.

The weights, in nats, are learned by `bench/offer_odds.py` from all labelled prices, whatever rules say of them;
`counts.tsv` holds them.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tutela.model import Offer, Unit
from tutela.texts.shares import Share
from tutela.texts.tokens import Token
from tutela.texts.weighing.nearby import Nearby, evidence, likeliest, nearby, of_offer
from tutela.texts.weighing.odds import ONE, UNCOUNTED, weights
from tutela.texts.weighing.seen import Place

TABLE, NUMBER = "counts.tsv", "number"
"""What is seen of an offer, for no number and one, and of each number near it, for that one."""

SAID, UNSAID = 2.0, 1.0
"""So much speaks for a number that rules say, and for none where they say none, in nats; tried with hands left out."""

_SINGLE = Decimal(1)


def with_count(offer: Offer, place: Place, share: Share, of_amount: Mapping[str, float]) -> Offer:
    """The offer with the quantity that most speaks for; `of_amount` has the odds of none and of one."""
    if offer.unit is Unit.ACCESS:
        return offer
    near = numbers(offer, place, share)
    own = weights(of_offer(offer, near), TABLE)
    speaks: dict[Decimal | None, float] = {
        None: of_amount[UNCOUNTED] + own[UNCOUNTED],
        _SINGLE: of_amount[ONE] + own[ONE],
    }
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
