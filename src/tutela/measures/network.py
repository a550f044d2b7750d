"""Which channels lead to which, and which belong together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import EDGE_KINDS, UNKNOWN, EdgeKind, Observations
from tutela.measures.completeness import seen_share
from tutela.measures.parts import in_order
from tutela.measures.timeline import window
from tutela.model import Measure, Part

RESAMPLES = 40
"""Networks drawn anew from the messages, for the interval of the number of communities."""

STRONGEST = 50
"""So many connections stand in a report; the evidence has all."""

_MENTION = EDGE_KINDS.index(EdgeKind.MENTION)
_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """One row for each time that a message of `source` leads to `target`.

    Both are nodes: the positions of channels, then one for each place that was not observed. `row` is in `Edges`.
    """

    source: _Rows
    target: _Rows
    row: _Rows
    names: tuple[str, ...]
    observed: int


def ties(seen: Observations) -> Ties:
    """Every tie between different channels."""
    leads = seen.leads.astype(np.int64)
    outside = np.flatnonzero(leads == UNKNOWN)
    nodes = leads.copy()
    nodes[outside] = len(seen.channels) + np.arange(outside.size)
    source = seen.posts.channel[seen.edges.post].astype(np.int64)
    target = nodes[seen.edges.place] if seen.places else np.empty(0, np.int64)
    rows = np.flatnonzero(source != target)
    names = tuple(channel.ref for channel in seen.channels) + tuple(seen.places[place] for place in outside.tolist())
    return Ties(source[rows], target[rows], rows, names, len(seen.channels))


def promotion_edges(seen: Observations) -> Measure:
    """Ordered pairs of channels of which the first leads to the second."""
    tied = ties(seen)
    kinds = seen.edges.kind[tied.row]
    sure = (kinds != _MENTION) | (tied.target < tied.observed)
    certain, possible = _pairs(tied, sure), _pairs(tied, np.ones(sure.size, np.bool_))
    return Measure(
        name="promotion_edges",
        value=len(certain),
        low=len(certain),
        high=len(possible),
        unit="connections",
        definition=(
            "Ordered pairs of different channels of which the first leads to the second: it forwards from it, links to "
            "it, or mentions its handle. The handle of a channel that was not observed may be a person's or a bot's: "
            "such mentions count in the upper bound only. A hub's score is its PageRank: the share of time that "
            "somebody spends there who follows connections at random."
        ),
        window=window(seen.posts.at[seen.edges.post[tied.row]]),
        completeness=seen_share(seen),
        parts=_by_kind(tied, kinds) + _strongest(tied, certain) + in_order(_hubs(seen, tied, certain)),
        note=_outside(sum(pair[1] >= tied.observed for pair in certain)),
    )


def communities(seen: Observations) -> Measure:
    """Groups of observed channels that lead to one another, or to the same places, more than to others."""
    tied = ties(seen)
    web = _web(seen, tied)
    groups = _groups(web, web.times)
    counts = _resampled(web) if groups else []
    low, high = (np.quantile(counts, (0.025, 0.975), method="nearest").tolist()) if counts else (len(groups),) * 2
    return Measure(
        name="communities",
        value=len(groups),
        low=min(low, len(groups)),
        high=max(high, len(groups)),
        unit="communities",
        definition=(
            "Groups of at least two observed channels that are connected among themselves, or through the same places, "
            "more than chance would have it (Louvain, Blondel et al. 2008, on connections weighted by the logarithm of "
            "how often they were seen). The interval is that of drawing the messages anew (95 %)."
        ),
        window=window(seen.posts.at[seen.edges.post[tied.row]]),
        completeness=seen_share(seen),
        parts=in_order(
            Part("channel", name, number, f"one of {len(group)}")
            for number, group in enumerate(groups, 1)
            for name in group
        ),
    )


def _pairs(tied: Ties, chosen: NDArray[np.bool_]) -> dict[tuple[int, int], int]:
    """How often each ordered pair was seen."""
    ends, counts = _counted(tied.source[chosen], tied.target[chosen], len(tied.names))
    return {(source, target): count for (source, target), count in zip(ends.tolist(), counts.tolist(), strict=True)}


def _counted(source: _Rows, target: _Rows, nodes: int) -> tuple[_Rows, _Rows]:
    """The different pairs in order, and how often each comes. One number is much faster to sort than two."""
    pairs, counts = np.unique(source * nodes + target, return_counts=True)
    return np.stack(np.divmod(pairs, max(1, nodes)), axis=1), counts


def _by_kind(tied: Ties, kinds: NDArray[np.uint8]) -> tuple[Part, ...]:
    return tuple(
        Part("kind", kind.value, len(_pairs(tied, kinds == place)), f"seen {times} time{'' if times == 1 else 's'}")
        for place, kind in enumerate(EDGE_KINDS)
        if (times := np.count_nonzero(kinds == place))
    )


def _strongest(tied: Ties, pairs: dict[tuple[int, int], int]) -> tuple[Part, ...]:
    named = sorted(((tied.names[s], tied.names[t], n) for (s, t), n in pairs.items()), key=lambda e: (-e[2], e[:2]))
    return tuple(Part("edge", f"{source} {target}", count) for source, target, count in named[:STRONGEST])


def _hubs(seen: Observations, tied: Ties, pairs: dict[tuple[int, int], int]) -> Iterable[Part]:
    score = pagerank(pairs, len(tied.names))
    into, out = (Counter(pair[end] for pair in pairs) for end in (1, 0))
    for chat in seen.chats:
        if into[chat] or out[chat]:
            yield Part("hub", seen.channels[chat].ref, float(score[chat]), f"{into[chat]} in, {out[chat]} out")


def _outside(count: int) -> str:
    if count == 1:
        return "1 of them leads to a channel that was not observed."
    return f"{count} of them lead to channels that were not observed."


def pagerank(pairs: dict[tuple[int, int], int], nodes: int, damping: float = 0.85) -> NDArray[np.float64]:
    """The PageRank (Brin, Page 1998) of each node, in all 1, for weighted ordered pairs; without pairs 0 for each."""
    if not pairs:
        return np.zeros(nodes)
    source, target = np.array(list(pairs), np.int64).reshape(-1, 2).T
    weight = np.array(list(pairs.values()), float)
    out = np.bincount(source, weight, minlength=nodes)
    rank = np.full(nodes, 1 / nodes)
    for _ in range(100):
        flow = np.bincount(target, rank[source] * weight / out[source], minlength=nodes)
        rank = (1 - damping + damping * rank[out == 0].sum()) / nodes + damping * flow
    return np.asarray(rank / rank.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Web:
    """Connections from a chat to a chat or a place outside: rows of `ends` are two nodes, `times` how often each came.

    Nodes are positions in the sorted `names`, so that nothing depends on the order in which channels were read.
    """

    names: list[str]
    chats: frozenset[int]
    outside: frozenset[int]
    ends: _Rows
    times: _Rows


def _web(seen: Observations, tied: Ties) -> _Web:
    order = sorted(range(len(tied.names)), key=tied.names.__getitem__)
    node = np.empty(len(order), np.int64)
    node[order] = np.arange(len(order))
    from_chat = np.isin(tied.source, seen.chats)
    chosen = from_chat & (np.isin(tied.target, seen.chats) | (tied.target >= tied.observed))
    ends, times = _counted(node[tied.source[chosen]], node[tied.target[chosen]], len(order))
    chats, outside = node[list(seen.chats)], node[tied.observed :]
    names = [tied.names[place] for place in order]
    return _Web(names, frozenset(chats.tolist()), frozenset(outside.tolist()), ends, times)


def _resampled(web: _Web) -> list[int]:
    fate, size = np.random.default_rng(0), web.times.sum()
    return [len(_groups(web, fate.multinomial(size, web.times / size))) for _ in range(RESAMPLES)]


def _groups(web: _Web, times: _Rows) -> list[list[str]]:
    """Communities as lists of chats, the largest first. `times` says how often each connection counts."""
    import networkx

    graph = networkx.Graph()
    for (source, target), seen_times in zip(web.ends.tolist(), times.tolist(), strict=True):
        if seen_times:
            known = graph.get_edge_data(source, target, {"weight": 0.0})["weight"]
            graph.add_edge(source, target, weight=known + float(np.log1p(seen_times)))
    alone = [node for node, degree in graph.degree() if node in web.outside and degree < 2]
    graph.remove_nodes_from(alone)  # a place that one channel leads to joins nobody
    found = networkx.community.louvain_communities(graph, seed=0) if graph.number_of_edges() else []
    groups = [[web.names[node] for node in sorted(web.chats & group)] for group in found]
    return sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group))
