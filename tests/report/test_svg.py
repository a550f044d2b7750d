"""The plots: lengths in proportion, nothing outside the frame, no figure cut short."""

import math
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.strategies import HOSTILE, numbers, texts
from tutela.report.svg import Bar, bars, columns
from tutela.report.wording import finite, words

WIDTHS = [720, 340]
number = words("en").number
drawn_bars = st.lists(
    st.builds(
        lambda name, value, high, pale: Bar(name, value, number(value), name[:3], name[:4], high, pale),
        texts,
        numbers,
        numbers,
        st.booleans(),
    ),
    max_size=30,
)


def draw(how: object, given: list[Bar], width: int = 720, **said: object) -> ElementTree.Element:
    """The plot as XML, which is stricter than HTML."""
    said |= {"write": number} if how is columns else {}
    markup = how(given, ident="plot", title="A title", desc="A description", width=width, **said)  # type: ignore[operator]
    return ElementTree.fromstring(markup)


def sized(*values: float | None) -> list[Bar]:
    return [Bar(f"bar {n}", value, number(value), f"b{n}") for n, value in enumerate(values)]


def of_class(plot: ElementTree.Element, tag: str, name: str) -> list[ElementTree.Element]:
    return [node for node in plot.iter(tag) if name in node.attrib["class"].split()]


def lengths(plot: ElementTree.Element, side: str, name: str = "bar") -> list[float]:
    return [float(node.attrib[side]) for node in of_class(plot, "rect", name)]


@pytest.mark.parametrize(("how", "side"), [(columns, "height"), (bars, "width")])
@pytest.mark.parametrize("width", WIDTHS)
def test_lengths_are_in_proportion(how: object, side: str, width: int) -> None:
    found = lengths(draw(how, sized(10, 20, 40), width), side)
    assert found == pytest.approx([found[2] / 4, found[2] / 2, found[2]], abs=0.02)
    assert found[2] > 80


@pytest.mark.parametrize("how", [columns, bars])
def test_unknown_has_no_length_and_is_not_left_out(how: object) -> None:
    plot = draw(how, sized(10, None))
    assert len(lengths(plot, "height")) == 1
    assert "bar 1: unknown" in [node.text for node in plot.iter("title")]


def test_an_upper_bound_is_a_pale_stretch_after_the_bar() -> None:
    plot = draw(bars, [Bar("a", 10, "10–15", high=15), Bar("b", 20, "20")])
    solid, pale = (of_class(plot, "rect", "bar")[i] for i in (0, 1))
    assert "pale" in pale.attrib["class"]
    assert float(pale.attrib["x"]) == pytest.approx(float(solid.attrib["x"]) + float(solid.attrib["width"]), abs=0.02)
    assert float(pale.attrib["width"]) == pytest.approx(float(solid.attrib["width"]) / 2, abs=0.02)


def test_a_month_that_is_partly_covered_is_pale() -> None:
    plot = draw(columns, [Bar("a", 1, "1", pale=True), Bar("b", 1, "1")])
    assert ["pale" in node.attrib["class"] for node in of_class(plot, "rect", "bar")] == [True, False]


def test_a_change_of_level_is_a_broken_line_at_its_place() -> None:
    plot = draw(columns, sized(1, 1, 1, 1), marks=[0.5, 3.0])
    lines = [float(node.attrib["x1"]) for node in of_class(plot, "line", "mark")]
    middles = [float(n.attrib["x"]) + float(n.attrib["width"]) / 2 for n in of_class(plot, "rect", "bar")]
    assert lines[0] == pytest.approx(middles[0], abs=0.02)
    assert lines[1] == pytest.approx((middles[2] + middles[3]) / 2, abs=0.02)
    assert [node.text for node in of_class(plot, "text", "mark")] == ["1", "2"]


@pytest.mark.parametrize("how", [columns, bars])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("top", [1, 999_999, 123_456_789_012, 10**14 + 1])
def test_no_figure_is_cut_short(how: object, width: int, top: int) -> None:
    """1,23… is not a shortened 1,234,567 but another number."""
    plot = draw(how, sized(top, top // 3), width)
    shown = [node.text or "" for node in plot.iter("text")]
    assert number(top) in shown
    assert not [text for text in shown if "…" in text]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_name_is_cut_and_a_short_one_is_not(width: int) -> None:
    plot = draw(bars, [Bar("ch-4f2a91c07be3", 1, "1"), Bar("x" * 300, 1, "1")], width)
    short, long = (node.text or "" for node in of_class(plot, "text", "name"))
    assert short == "ch-4f2a91c07be3"
    assert long.endswith("…")


def test_every_column_is_labelled_where_there_is_room_and_the_year_once() -> None:
    some = [Bar(f"m{n}", n, str(n), "Jan", "2025" if n < 6 else "2026") for n in range(12)]
    labels = [node.text for node in of_class(draw(columns, some), "text", "label")]
    assert labels.count("Jan") == 12
    assert (labels.count("2025"), labels.count("2026")) == (1, 1)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("months", [1, 2, 11, 60, 240])
def test_labels_and_values_do_not_overlap(months: int, width: int) -> None:
    """With 8.3 units a character, the widest of the usual fonts."""
    some = [Bar(f"m{n}", n + 1000, number(n + 1000), "Jan", str(1990 + n // 12)) for n in range(months)]
    plot = draw(columns, some, width)
    lines: dict[str, list[tuple[float, float]]] = {}
    for node in (*of_class(plot, "text", "label"), *of_class(plot, "text", "value")):
        length, x = 8.3 * len(node.text or ""), float(node.attrib["x"])
        start = x - length * {"start": 0, "middle": 0.5, "end": 1}[node.attrib["text-anchor"]]
        assert start >= -0.1
        assert start + length <= width + 0.1
        lines.setdefault(node.attrib["y"], []).append((start, start + length))
    for stretches in lines.values():
        stretches.sort()
        assert all(left[1] <= right[0] + 0.1 for left, right in pairwise(stretches))


def test_figures_do_not_run_together() -> None:
    """As many columns as digits that just fit would read as one number."""
    values = of_class(draw(columns, sized(*[0] * 81, 7)), "text", "value")
    assert [node.text for node in values] == ["7"]


def test_the_axis_starts_at_zero_and_reaches_the_top_in_round_steps() -> None:
    for top in (1, 3, 7, 24, 99, 100, 101, 12_345, 999_999):
        labels = [node.text or "" for node in of_class(draw(columns, sized(top)), "text", "label")]
        ticks = [float(text.replace(",", "")) for text in labels if text != "b0"]
        assert ticks[0] == 0
        assert ticks[-1] >= top > ticks[-2]
        assert len(ticks) <= 6
        assert all(tick == int(tick) for tick in ticks), "counts have no halves"


@given(drawn_bars, st.sampled_from(WIDTHS), st.sampled_from([columns, bars]))
def test_anything_is_drawn_within_its_frame(given: list[Bar], width: int, how: object) -> None:
    plot = draw(how, given, width)
    height = float(plot.attrib["viewBox"].split()[3])
    for node in plot.iter("rect"):
        x, y, wide, high = (float(node.attrib[name]) for name in ("x", "y", "width", "height"))
        assert all(math.isfinite(value) and value >= 0 for value in (x, y, wide, high))
        assert x + wide <= width + 0.1
        assert y + high <= height + 0.1
    unknown = [bar for bar in given if finite(bar.value) is None]
    if how is columns:
        assert len(of_class(plot, "text", "unknown")) == len(unknown)


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(text: str) -> None:
    plot = draw(bars, [Bar(text, 1, text)])
    assert [node.tag for node in plot.iter()] == ["svg", "title", "desc", "g", "title", "text", "rect", "text"]


def test_colours_are_left_to_the_style_sheet() -> None:
    """So that the dark scheme and print change them."""
    for how in (columns, bars):
        plot = draw(how, sized(1, None, 3))
        assert not [node for node in plot.iter() if {"fill", "stroke", "style", "href"} & set(node.attrib)]
