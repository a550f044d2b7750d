"""The evidence behind the measures: one table for each family, every row with the pseudonym of its post.

Whoever holds the key of the investigation makes the same pseudonyms from the source and so finds the posts; nobody
else does. No table holds a text, a name or a time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import EDGE_KINDS, ORIGINS, Observations, Said, T
from tutela.measures.network import ties
from tutela.measures.polls import hidden_options
from tutela.model import Offer, RewardRule

Cell = str | int | float | None

_ORIGINS = tuple(origin.value for origin in ORIGINS)
_EDGE_KINDS = tuple(kind.value for kind in EDGE_KINDS)


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are made whenever they are gone through, not kept: there can be millions."""

    make: Callable[[], Iterator[Row]]
    count: int

    def __iter__(self) -> Iterator[Row]:
        return self.make()

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind under their header."""

    header: tuple[str, ...]
    rows: Rows


def evidence(seen: Observations) -> Mapping[str, Table]:
    """The tables by name. `start` and `end` bound the words in the text of the post, in code points."""
    options = sum(len(poll.voters) for poll in seen.polls)
    return {
        "offers": _table(
            "channel post origin amount currency bound quantity unit days start end", _offers, seen, len(seen.offers)
        ),
        "payments": _table("channel post amount currency", _payments, seen, len(seen.payments)),
        "reward_rules": _table("channel post deed count reward unit start end", _rewards, seen, len(seen.rewards)),
        "counters": _table("channel post count", _counters, seen, len(seen.counters)),
        "promotion_edges": _table("channel post kind target observed", _edges, seen, ties(seen).row.size),
        "polls": _table("channel post option voters total multiple closed", _polls, seen, options),
        "minor_signals": _table("channel post sign start end", _signals, seen, len(seen.signals)),
    }


def _table(header: str, make: Callable[[Observations], Iterator[Row]], seen: Observations, count: int) -> Table:
    return Table(tuple(header.split()), Rows(partial(make, seen), count))


def _where(seen: Observations, posts: NDArray[np.integer]) -> Iterator[tuple[str, str]]:
    """Channel and post for each of these rows."""
    channels = [channel.ref for channel in seen.channels]
    return zip(map(channels.__getitem__, seen.posts.channel[posts].tolist()), seen.posts.refs_of(posts), strict=True)


def _said(seen: Observations, said: Said[T], cells: Callable[[T], Row]) -> Iterator[Row]:
    """Rows whose last `cells` tell the value; they are made once for each, since the same is said again and again."""
    shown = [cells(value) for value in said.values]
    for where, place in zip(_where(seen, said.post), said.value.tolist(), strict=True):
        yield *where, *shown[place]


def _offers(seen: Observations) -> Iterator[Row]:
    shown = [_offer(offer) for offer in seen.offers.values]
    places = zip(_where(seen, seen.offers.post), seen.offers.origin.tolist(), seen.offers.value.tolist(), strict=True)
    for where, origin, place in places:
        yield *where, _ORIGINS[origin], *shown[place]


def _offer(offer: Offer) -> Row:
    return (
        _number(offer.price.amount), offer.price.currency, offer.bound.value,
        None if offer.quantity is None else _number(offer.quantity),
        offer.unit.value if offer.unit else None, offer.days, offer.start, offer.end,
    )  # fmt: skip


def _payments(seen: Observations) -> Iterator[Row]:
    return _said(seen, seen.payments, lambda money: (_number(money.amount), money.currency))


def _rewards(seen: Observations) -> Iterator[Row]:
    return _said(seen, seen.rewards, _reward)


def _reward(rule: RewardRule) -> Row:
    return rule.deed.value, rule.count, _number(rule.reward), rule.unit.value, rule.start, rule.end


def _counters(seen: Observations) -> Iterator[Row]:
    return _said(seen, seen.counters, lambda count: (count,))


def _signals(seen: Observations) -> Iterator[Row]:
    return _said(seen, seen.signals, lambda signal: (signal.sign.value, signal.start, signal.end))


def _edges(seen: Observations) -> Iterator[Row]:
    tied = ties(seen)
    kinds, targets = seen.edges.kind[tied.row].tolist(), tied.target.tolist()
    for (channel, post), kind, target in zip(_where(seen, seen.edges.post[tied.row]), kinds, targets, strict=True):
        yield channel, post, _EDGE_KINDS[kind], tied.names[target], "yes" if target < tied.observed else "no"


def _polls(seen: Observations) -> Iterator[Row]:
    posts = np.array([poll.post for poll in seen.polls], np.intp)
    for poll, where in zip(seen.polls, _where(seen, posts), strict=True):
        hidden = hidden_options(poll)
        total = poll.total if poll.total is not None and not hidden.total else None
        for number, voters in enumerate(poll.voters, 1):
            told = None if number in hidden.options else voters
            yield *where, number, told, total, _yes(poll.multiple), _yes(poll.closed)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
