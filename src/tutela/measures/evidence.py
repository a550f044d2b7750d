"""The evidence behind the measures: one table for each family, every row with the pseudonym of its post.

Whoever holds the key of the investigation makes the same pseudonyms from the source and so finds the posts; nobody
else does. No table holds a text, a name or a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tutela.measures.columns import EDGE_KINDS, ORIGINS, Observations, Said, T
from tutela.measures.network import ties
from tutela.measures.polls import hidden_options

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind under their header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def evidence(seen: Observations) -> Mapping[str, Table]:
    """The tables by name. `start` and `end` bound the words in the text of the post, in code points."""
    return {
        "offers": Table(
            ("channel", "post", "origin", "amount", "currency", "bound", "quantity", "unit", "days", "start", "end"),
            tuple(_offers(seen)),
        ),
        "payments": Table(("channel", "post", "amount", "currency"), tuple(_payments(seen))),
        "reward_rules": Table(
            ("channel", "post", "deed", "count", "reward", "unit", "start", "end"), tuple(_rewards(seen))
        ),
        "counters": Table(
            ("channel", "post", "count"), tuple((*where, count) for where, _, count in _said(seen, seen.counters))
        ),
        "promotion_edges": Table(("channel", "post", "kind", "target", "observed"), tuple(_edges(seen))),
        "polls": Table(("channel", "post", "option", "voters", "total", "multiple", "closed"), tuple(_polls(seen))),
        "minor_signals": Table(("channel", "post", "sign", "start", "end"), tuple(_signals(seen))),
    }


def _where(seen: Observations, post: int) -> tuple[str, str]:
    return seen.channels[seen.posts.channel[post]].ref, seen.posts.ref(post)


def _said(seen: Observations, said: Said[T]) -> Iterator[tuple[tuple[str, str], str, T]]:
    for post, origin, place in zip(said.post.tolist(), said.origin.tolist(), said.value.tolist(), strict=True):
        yield _where(seen, post), ORIGINS[origin].value, said.values[place]


def _offers(seen: Observations) -> Iterator[tuple[Cell, ...]]:
    for where, origin, offer in _said(seen, seen.offers):
        yield (
            *where, origin, _number(offer.price.amount), offer.price.currency, offer.bound.value,
            None if offer.quantity is None else _number(offer.quantity),
            offer.unit.value if offer.unit else None, offer.days, offer.start, offer.end,
        )  # fmt: skip


def _payments(seen: Observations) -> Iterator[tuple[Cell, ...]]:
    for where, _, money in _said(seen, seen.payments):
        yield *where, _number(money.amount), money.currency


def _rewards(seen: Observations) -> Iterator[tuple[Cell, ...]]:
    for where, _, rule in _said(seen, seen.rewards):
        yield *where, rule.deed.value, rule.count, _number(rule.reward), rule.unit.value, rule.start, rule.end


def _signals(seen: Observations) -> Iterator[tuple[Cell, ...]]:
    for where, _, signal in _said(seen, seen.signals):
        yield *where, signal.sign.value, signal.start, signal.end


def _edges(seen: Observations) -> Iterator[tuple[Cell, ...]]:
    tied = ties(seen)
    for row, target in zip(tied.row.tolist(), tied.target.tolist(), strict=True):
        where = _where(seen, int(seen.edges.post[row]))
        yield *where, EDGE_KINDS[seen.edges.kind[row]].value, tied.names[target], _yes(target < tied.observed)


def _polls(seen: Observations) -> Iterator[tuple[Cell, ...]]:
    for poll in seen.polls:
        where, hidden = _where(seen, poll.post), hidden_options(poll)
        total = poll.total if poll.total is not None and not hidden.total else None
        for number, voters in enumerate(poll.voters, 1):
            told = None if number in hidden.options else voters
            yield *where, number, told, total, _yes(poll.multiple), _yes(poll.closed)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
