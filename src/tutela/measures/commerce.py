"""What is offered for money, what was seen to be paid, and what is promised for good deeds."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from math import ceil, floor

import numpy as np

from tutela.measures.columns import ORIGINS, Observations, Origin, Said, T
from tutela.measures.completeness import seen_share
from tutela.measures.parts import by_channel, by_member, in_order
from tutela.measures.suppression import SMALLEST
from tutela.measures.timeline import by_month, window
from tutela.model import Bound, Measure, Offer, Part, RewardRule

COMMONEST = 50
"""So many different prices and rules stand in a report; the evidence has all."""

PRECISION, RECALL = 0.893, 0.826
"""How well offers are read: on labelled texts as hundreds of people would write them (`wide` in docs/offers.md)."""

_BOUNDS = {Bound.EXACT: "", Bound.AT_MOST: "up to ", Bound.AT_LEAST: "from "}


def offers(seen: Observations) -> Measure:
    """Prices stated for something one can get."""
    said = seen.offers
    read = int(np.count_nonzero(said.origin != ORIGINS.index(Origin.INVOICE)))
    return Measure(
        name="offers",
        value=said.post.size,
        low=floor(said.post.size - read * (1 - PRECISION)),
        high=ceil(said.post.size + read * (1 / RECALL - 1)),
        unit="offers stated",
        definition=(
            "Prices stated in messages for something one can get, in the text, on a button or in an invoice; each time "
            "it is stated counts. A price says amount and currency, whether it is a limit, how many of what, and for "
            "how many days, as far as it is stated. Nothing says that anybody paid it."
        ),
        window=window(seen.posts.at[said.post]),
        completeness=seen_share(seen),
        parts=_prices(said)
        + _currencies(said)
        + by_member("origin", ORIGINS, said.origin)
        + by_channel(seen, seen.posts.channel[said.post])
        + by_month(seen.posts.at[said.post]),
        note=(
            "Read from text by rules and learned odds, which miss some and take others for offers: see docs/offers.md."
        ),
    )


def payments_floor(seen: Observations) -> Measure:
    """Payments that a source itself reports, added up by currency."""
    said = seen.payments
    sums: dict[str, Decimal] = {}
    times: Counter[str] = Counter()
    for place in said.value.tolist():
        money = said.values[place]
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
        times[money.currency] += 1
    floors = {code: max(0.0, float(amount)) for code, amount in sums.items()}
    only = next(iter(floors.values())) if len(floors) == 1 else None
    several = "Several currencies are not added up." if len(sums) > 1 else ""
    refunded = "More was refunded than was seen paid: that counts as 0." if min(sums.values(), default=0) < 0 else ""
    return Measure(
        name="payments_floor",
        value=only if sums else 0,
        low=only if sums else 0,
        high=None,
        unit=next(iter(sums)) if len(sums) == 1 else "by currency",
        definition=(
            "Payments that the platform itself reports in what was read: service lines about payments and gifts, paid "
            "reactions; refunds are taken off. Each currency stands by itself. It is a floor: most payments leave no "
            "trace in a channel. No price that is merely stated counts."
        ),
        window=window(seen.posts.at[said.post]),
        completeness=None,
        parts=tuple(Part("currency", code, floors[code], _times(times[code])) for code in sorted(sums)),
        note=" ".join(filter(None, (several, refunded))),
    )


def reward_rules(seen: Observations) -> Measure:
    """Rewards promised for likes, invitations and the like; counters on buttons beside them."""
    said, counters = seen.rewards, seen.counters
    counted = [counters.values[place] for place in counters.value.tolist()]
    buttons = Part("counter", "buttons", len(counted), f"adding up to {sum(counted)}")
    return Measure(
        name="reward_rules",
        value=said.post.size,
        low=said.post.size,
        high=said.post.size,
        unit="rules stated",
        definition=(
            "Statements in messages that something is given for likes, invitations, shares, votes and the like; each "
            "time one is stated counts. Beside them stand the numbers that buttons carry, as they stood when read."
        ),
        window=window(seen.posts.at[said.post]),
        completeness=seen_share(seen),
        parts=_commonest("rule", said, rule_words)
        + by_channel(seen, seen.posts.channel[said.post])
        + ((buttons,) if counted else ()),
    )


def price_words(offer: Offer) -> str:
    """The offer in words that do not depend on how it was put: `100 RUB for 100 image over 7 days`."""
    words = f"{_BOUNDS[offer.bound]}{plain(offer.price.amount)} {offer.price.currency}"
    if offer.quantity is not None or offer.unit is not None:
        what = [plain(offer.quantity)] if offer.quantity is not None else []
        words += " for " + " ".join([*what, *([offer.unit.value] if offer.unit else [])])
    return words if offer.days is None else f"{words} over {offer.days:g} days"


def rule_words(rule: RewardRule) -> str:
    """The rule in such words: `5 coin for 3 invite`."""
    return f"{plain(rule.reward)} {rule.unit.value} for {rule.count} {rule.deed.value}"


def plain(number: Decimal) -> str:
    """`1500`, `1.5`: no exponent and no zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _prices(said: Said[Offer]) -> tuple[Part, ...]:
    return _commonest("price", said, price_words)


def _currencies(said: Said[Offer]) -> tuple[Part, ...]:
    counts = Counter(said.values[place].price.currency for place in said.value.tolist())
    return in_order(Part("currency", code, count) for code, count in counts.items())


def _commonest(by: str, said: Said[T], words: Callable[[T], str]) -> tuple[Part, ...]:
    counts: Counter[str] = Counter()
    times = np.bincount(said.value, minlength=len(said.values)).tolist()
    for value, count in zip(said.values, times, strict=True):
        counts[words(value)] += count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Part(by, key, count) for key, count in ranked[:COMMONEST])


def _times(count: int) -> str:
    return f"fewer than {SMALLEST} payments" if count < SMALLEST else f"{count} payments"
