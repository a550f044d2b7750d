"""Which channels lead to which: a drawing and a table of hubs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

from markupsafe import Markup

from tutela.model import Measure
from tutela.report import graph, labels
from tutela.report.blocks import Block, Figure, Paragraph, Plot, Section, Text, table
from tutela.report.sections.view import NARROW, WIDE, View, largest_first

DRAWN = 30
"""Nodes in the drawing at most, observed channels first."""

_HEIGHTS = {WIDE: 440, NARROW: 400}
_SHORTEST = 4  # hexadecimal digits of a pseudonym that stand beside its node


@dataclass(frozen=True, slots=True)
class _Network:
    """`edges` by source and target with how often each was seen; observed `channels` first among `names`."""

    edges: Mapping[tuple[str, str], float]
    channels: frozenset[str]
    names: tuple[str, ...]


def network(view: View) -> Section:
    """The drawing with its edges as a table, and the hubs."""
    words, measure = view.words, view.find("promotion_edges")
    ident, heading = "network", words.say("title_network")
    if measure is None or not (measure.value or measure.high):
        return Section(ident, heading, (Paragraph(words.say("network_none")),))
    found = _read(view)
    blocks: list[Block] = [_figure(view, measure, found)] if found.edges else []
    if hubs := largest_first(view.parts("promotion_edges", "hub")):
        members, groups = _values(view, "memberships"), _values(view, "communities")
        rows: list[tuple[Text, ...]] = [
            (
                part.key,
                labels.part_value(words, measure, part),
                labels.note(words, part.note),
                words.number(members.get(part.key)),
                words.number(groups[part.key]) if part.key in groups else "",
            )
            for part in hubs
        ]
        columns = [view.column("channel", "id"), view.column("hub", "n"), view.column("ties")]
        columns += [view.column("memberships", "n"), view.column("community", "n")]
        blocks.append(table("hubs", words.say("caption_hubs"), columns, rows, "measures/promotion_edges.csv"))
        blocks.append(Paragraph(words.say("network_hub"), soft=True))
    return Section(ident, heading, tuple(blocks))


def _read(view: View) -> _Network:
    edges: dict[tuple[str, str], float] = {}
    for part in view.parts("promotion_edges", "edge"):
        source, _, target = part.key.partition(" ")
        if source and target and part.value:
            edges[source, target] = float(part.value)
    channels = [part.key for part in largest_first(view.parts("promotion_edges", "hub"))]
    ends = [end for pair in edges for end in pair]
    names = tuple(dict.fromkeys([*(name for name in channels if name in ends), *ends]))[:DRAWN]
    kept = {pair: seen for pair, seen in edges.items() if set(pair) <= set(names)}
    return _Network(kept, frozenset(channels), names)


def _figure(view: View, measure: Measure, found: _Network) -> Figure:
    words = view.words
    title = words.say("network_title", n=len(found.edges))
    if into := _into(view, found):
        title = words.say("network_into", n=into, title=title)
    nodes, links = _nodes(view, found), _links(view, found)
    desc = "; ".join(link.tip for link in links)
    wide, narrow = (
        graph.network(
            nodes, links, ident=f"plot-network-{width}", title=title, desc=desc, width=width, height=_HEIGHTS[width]
        )
        for width in (WIDE, NARROW)
    )
    size = words.say("network_size_members" if _sized(view) else "network_size_hub")
    plot = Plot(wide, narrow, words.say("network_note", size=size), _legend(view, nodes))
    edges = view.parts("promotion_edges", "edge")
    numbers = view.part_table("network-numbers", words.say("caption_network"), measure, edges, "edge", "seen")
    return Figure("drawing", title, words.say("plot_network"), plot, numbers)


def _into(view: View, found: _Network) -> int:
    """How many of several connections lead to the hub; 0 where two channels have the highest score."""
    hubs = largest_first(view.parts("promotion_edges", "hub"))
    if len(found.edges) < 2 or not hubs or (len(hubs) > 1 and hubs[0].value == hubs[1].value):
        return 0
    return sum(target == hubs[0].key for _, target in found.edges)


def _sized(view: View) -> bool:
    """Whether any member count is known, which the size of a node then follows."""
    return any(_values(view, "memberships").values())


def _nodes(view: View, found: _Network) -> list[graph.Node]:
    words = view.words
    members, hubs = _values(view, "memberships"), _values(view, "promotion_edges", "hub")
    sizes = members if _sized(view) else hubs
    largest, groups = max(sizes.values(), default=0) or 1, _values(view, "communities")
    short = _short(found.names)
    return [
        graph.Node(
            short[name],
            f"{name}: {words.say('count_memberships', n=members[name])}" if name in members else name,
            sizes.get(name, 0) / largest,
            int(groups.get(name, 0)),
        )
        if name in found.channels
        else graph.Node("", words.say("network_outside_tip", name=name), 0.0, outside=True)
        for name in found.names
    ]


def _links(view: View, found: _Network) -> list[graph.Link]:
    place = {name: i for i, name in enumerate(found.names)}
    most = log1p(max(found.edges.values()))
    return [
        graph.Link(
            place[source],
            place[target],
            f"{source} → {target}: {view.words.number(seen)}",
            round(log1p(seen) / most, 3),
        )
        for (source, target), seen in found.edges.items()
        if source != target
    ]


def _legend(view: View, nodes: Sequence[graph.Node]) -> tuple[tuple[Markup, str], ...]:
    words = view.words
    drawn = sorted({node.community for node in nodes if 1 <= node.community <= graph.PATTERNS})
    found = [(graph.swatch(n), words.say("network_community", n=n)) for n in drawn]
    if any(not node.outside and node.community not in drawn for node in nodes):
        found.append((graph.swatch(0), words.say("network_alone")))
    if any(node.outside for node in nodes):
        found.append((graph.swatch(0, outside=True), words.say("network_outside")))
    return tuple(found)


def _values(view: View, name: str, by: str = "channel") -> dict[str, float]:
    return {part.key: float(part.value) for part in view.parts(name, by) if part.value is not None}


def _short(names: Sequence[str]) -> dict[str, str]:
    """The shortest beginnings that tell the pseudonyms apart."""
    bare = {name: name.partition("-")[2] or name for name in names}
    longest = max(len(text) for text in bare.values())
    for length in range(_SHORTEST, longest + 1):
        if len({text[:length] for text in bare.values()}) == len(names):
            return {name: text[:length] for name, text in bare.items()}
    return {name: name[:12] for name in names}
