"""The drawing of the promotion network: every channel, nothing overlapping, the same on every machine."""

import math
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from report.examples import CHANNELS, EDGES, OUTSIDE, contents, defined, realistic
from report.strategies import HOSTILE
from tutela.model import Part
from tutela.report import Contents
from tutela.report.blocks import Figure, Table
from tutela.report.graph import PATTERNS, Link, Node, network, swatch
from tutela.report.layout import Frame, layout
from tutela.report.sections.network import network as section
from tutela.report.sections.view import View

FRAME = Frame(40, 30, 680, 390)
links = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.floats(0, 1)), max_size=30)


def draw(nodes: list[Node], links: list[Link], width: int = 720, height: int = 440) -> ElementTree.Element:
    """The drawing as XML, which is stricter than HTML."""
    markup = network(nodes, links, ident="net", title="A title", desc="A description", width=width, height=height)
    return ElementTree.fromstring(markup)


class TestLayout:
    def test_a_known_network_lies_where_it_always_lay(self) -> None:
        """Whole numbers, worked out without what differs between machines."""
        assert layout([20, 10, 10], [(0, 1, 1.0), (0, 2, 0.5)], FRAME) == [(335, 224), (40, 390), (680, 30)]

    @settings(max_examples=40)
    @example([(0, 1, 1.0)] * 30)  # are pulled onto each other, unless they are parted afterwards
    @given(links)
    def test_no_two_nodes_touch_and_all_lie_in_the_frame(self, given: list[tuple[int, int, float]]) -> None:
        radii = [26.0, *[9.0] * 11]
        pairs = [(a, b, strength) for a, b, strength in given if a != b]
        places = layout(radii, pairs, FRAME)
        for x, y in places:
            assert FRAME.left <= x <= FRAME.right
            assert FRAME.top <= y <= FRAME.bottom
        for (i, one), (j, other) in combinations(enumerate(places), 2):
            assert math.dist(one, other) > radii[i] + radii[j]

    def test_what_is_linked_lies_closer(self) -> None:
        cliques = [(a, b, 1.0) for group in (range(5), range(5, 10)) for a, b in combinations(group, 2)]
        places = layout([9.0] * 10, [*cliques, (0, 5, 0.1)], FRAME)
        inside = [math.dist(places[a], places[b]) for a, b, _ in cliques]
        across = [math.dist(places[a], places[b]) for a in range(5) for b in range(5, 10)]
        assert sum(inside) / len(inside) < 0.6 * sum(across) / len(across)

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_few_nodes_have_a_place_too(self, count: int) -> None:
        assert len(layout([9.0] * count, [], FRAME)) == count


class TestDrawing:
    def test_communities_are_told_by_pattern_as_well_as_by_colour(self) -> None:
        """So that they can be told apart without colours, and in print."""
        seen = set()
        for number in range(1, PATTERNS + 1):
            drawn = ElementTree.fromstring(swatch(number))
            assert [node.attrib["class"] for node in drawn.iter("circle")] == [f"node c{number}"]
            seen.add(tuple(node.attrib["d"] for node in drawn.iter("path")))
        assert len(seen) == PATTERNS

    def test_the_area_of_a_node_grows_with_its_members(self) -> None:
        small, middle, large = (Node("a", "", size).radius for size in (0.0, 0.25, 1.0))
        assert middle - small == pytest.approx((large - small) / 2)

    def test_an_arrow_is_thicker_where_it_leads_more_often(self) -> None:
        nodes = [Node("a", "a", 1), Node("b", "b", 0.5)]
        drawn = draw(nodes, [Link(0, 1, "often", 1.0), Link(1, 0, "seldom", 0.0)])
        widths = [float(node.attrib["stroke-width"]) for node in drawn.iter("path") if node.attrib["class"] == "link"]
        assert widths == [4.5, 1.0]
        assert [node.text for node in drawn.iter("title")][1:3] == ["often", "seldom"]

    def test_the_way_there_and_the_way_back_lie_apart(self) -> None:
        nodes = [Node("a", "a", 1), Node("b", "b", 1)]
        drawn = draw(nodes, [Link(0, 1, "", 1), Link(1, 0, "", 1)])
        bends = [
            node.attrib["d"].split("Q")[1].split()[:2] for node in drawn.iter("path") if node.attrib["class"] == "link"
        ]
        assert bends[0] != bends[1]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_texts_stay_texts(self, text: str) -> None:
        drawn = draw([Node(text, text, 1), Node("b", "b", 0, outside=True)], [Link(0, 1, text, 1)])
        tags = ["svg", "title", "desc", "g", "title", "path", "path", "g", "title", "circle", "g", "title", "circle"]
        assert [node.tag for node in drawn.iter()] == [*tags, "text", "text"]

    def test_colours_are_left_to_the_style_sheet(self) -> None:
        drawn = draw([Node("a", "a", 1, 2), Node("b", "b", 0)], [Link(0, 1, "", 1)])
        assert not [node for node in drawn.iter() if {"fill", "stroke", "style", "href"} & set(node.attrib)]


class TestSection:
    def test_every_connection_and_every_channel_is_drawn_and_listed(self) -> None:
        figure = next(block for block in section(View(realistic())).blocks if isinstance(block, Figure))
        assert (
            figure.title == "18 connections between channels; 6 of them lead to the channel with the highest hub score"
        )
        assert figure.plot is not None
        drawn = ElementTree.fromstring(figure.plot.wide)
        assert len([node for node in drawn.iter("path") if node.attrib["class"] == "link"]) == len(EDGES)
        assert len([node for node in drawn.iter("circle") if "outside" in node.attrib["class"]]) == len(OUTSIDE)
        names = [node.text for node in drawn.iter("text")]
        assert sorted(str(name) for name in names) == sorted(ref[3:7] for ref in CHANNELS)
        assert figure.numbers.total == len(EDGES)
        assert figure.numbers.rows[0][0] == f"{CHANNELS[1]} → {CHANNELS[0]}"

    def test_sizes_follow_members_only_where_any_are_known(self) -> None:
        def note(said: Contents) -> str:
            figure = next(block for block in section(View(said)).blocks if isinstance(block, Figure))
            assert figure.plot is not None
            return figure.plot.note

        whole = realistic()
        unknown = replace(whole, measures=tuple(m for m in whole.measures if m.name != "memberships"))
        assert "follows its members" in note(whole)
        assert "follows its hub score, since no member count is known" in note(unknown)

    @pytest.mark.parametrize(
        ("hubs", "title"),
        [
            ({"ch-0a": 0.2, "ch-0b": 0.5, "ch-0c": 0.3},
             "2 connections between channels; 1 of them leads to the channel with the highest hub score"),
            ({"ch-0a": 0.5, "ch-0b": 0.3, "ch-0c": 0.2}, "2 connections between channels"),
            ({"ch-0a": 0.2, "ch-0b": 0.4, "ch-0c": 0.4}, "2 connections between channels"),
        ],
    )  # fmt: skip
    def test_the_hub_is_named_where_there_is_one_and_something_leads_there(
        self, hubs: dict[str, float], title: str
    ) -> None:
        edges = [Part("edge", pair, 1) for pair in ("ch-0a ch-0b", "ch-0a ch-0c")]
        parts = [*edges, *(Part("hub", ref, score) for ref, score in hubs.items())]
        said = section(View(contents([defined("promotion_edges", 2, 2, *parts)])))
        assert next(block for block in said.blocks if isinstance(block, Figure)).title == title

    def test_the_legend_names_what_is_drawn(self) -> None:
        figure = next(block for block in section(View(realistic())).blocks if isinstance(block, Figure))
        assert figure.plot is not None
        assert [meaning for _, meaning in figure.plot.legend] == ["community 1", "community 2", "not observed"]

    def test_hubs_are_listed_from_the_highest_with_members_and_community(self) -> None:
        hubs = next(block for block in section(View(realistic())).blocks if isinstance(block, Table))
        assert [str(cell) for cell in hubs.rows[0]] == [CHANNELS[0], "34%", "6 in, 2 out", "45,216", "1"]
        assert [row[0] for row in hubs.rows][-1] == CHANNELS[3]
