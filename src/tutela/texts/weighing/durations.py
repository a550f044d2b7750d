"""For how long a price holds: no time, or one near it; what is seen of each, and what rules say, weighed.

The weights, in nats, are learned by `bench/offer_odds.py` from all labelled prices, whatever rules say of them;
`durations.tsv` holds them.
"""

from collections.abc import Mapping
from dataclasses import replace

from tutela.model import Offer
from tutela.texts.shares import Share
from tutela.texts.tokens import Token
from tutela.texts.weighing.nearby import Nearby, evidence, likeliest, nearby, of_offer
from tutela.texts.weighing.odds import UNTIMED, weights
from tutela.texts.weighing.seen import Place

TABLE, TIME = "durations.tsv", "time"
"""What is seen of an offer, for no time, and of each time near it, for that one."""

SAID, UNSAID = 2.0, 1.5
"""So much speaks for a time that rules say, and for none where they say none, in nats; tried with hands left out."""


def with_time(offer: Offer, place: Place, share: Share, of_amount: Mapping[str, float]) -> Offer:
    """The offer with the duration that most speaks for; `of_amount` has the odds of none."""
    near = times(offer, place, share)
    if not near:
        return offer
    speaks: dict[float | None, float] = {None: of_amount[UNTIMED] + weights(of_offer(offer, near), TABLE)[UNTIMED]}
    speaks |= {time.value: weights(time.seen, TABLE)[TIME] for time in near}
    days = likeliest(speaks, offer.days, SAID, UNSAID)
    return offer if days == offer.days else replace(evidence(offer, days, near, place), days=days)


def times(offer: Offer, place: Place, share: Share) -> list[Nearby[float]]:
    """The times that a price may hold for."""
    return nearby(_days, offer, place, share)


def _days(piece: Token) -> float | None:
    return piece.days if piece.kind in {"time", "item"} else None
