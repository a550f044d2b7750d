"""What a text sells, where rules do not know it, or hardly anything else in the text speaks for what they say.

Rules find a thing by its name, in lists that never have all names. What a whole text is about, the pieces of its words
and what lists know of them tell; their weights are learned by `bench/offer_odds.py` from all labelled prices, whatever
rules say of them.
"""

from collections.abc import Mapping
from dataclasses import replace

from tutela.model import Offer, Unit

SAID = 6.0
"""So much more than for a known thing that rules found must speak for another, in nats; tried with hands left out."""


def with_unit(offer: Offer, of_text: Mapping[str, float]) -> Offer:
    """The offer with the unit that most speaks for, if a thing is named: `of_text` has the odds of each unit.

    Access has no quantity.
    """
    if offer.unit is None:
        return offer
    speaks = {unit: of_text[unit.value] + (SAID if unit == offer.unit != Unit.OTHER else 0.0) for unit in Unit}
    unit = max(speaks, key=speaks.__getitem__)
    return replace(offer, unit=unit, quantity=None if unit is Unit.ACCESS else offer.quantity)
