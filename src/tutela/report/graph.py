"""The promotion network as inline SVG: nodes, arrows, and a pattern for each community. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tutela.report import svg
from tutela.report.layout import Frame, Point, layout

PATTERNS = 6
"""Communities that have a pattern and a colour of their own; what follows is drawn as if in none."""

_SMALLEST, _LARGEST, _OUTSIDE = 9.0, 26.0, 5.0
_HATCH = 6
_DIRECTIONS: tuple[tuple[tuple[float, float], ...], ...] = (
    (), ((1.0, 0.0),), ((0.0, 1.0),), ((0.7071, 0.7071),), ((1.0, 0.0), (0.0, 1.0)), ((0.7071, -0.7071),),
)  # fmt: skip
"""The strokes over the nodes of each community: unit vectors across which they are laid."""


@dataclass(frozen=True, slots=True)
class Node:
    """A channel: its short `name`, what is told of it (`tip`), a `size` from 0 to 1, its community from 1, 0 for none.

    `outside` marks a place that messages lead to and that was not observed; it has no name and no size.
    """

    name: str
    tip: str
    size: float
    community: int = 0
    outside: bool = False

    @property
    def radius(self) -> float:
        """In units of the drawing; the area goes with the size."""
        return _OUTSIDE if self.outside else _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(min(max(self.size, 0.0), 1))


@dataclass(frozen=True, slots=True)
class Link:
    """Channel `source` leads to `target` (positions of nodes); `strength` runs from 0 to 1."""

    source: int
    target: int
    tip: str
    strength: float


def network(
    nodes: Sequence[Node], links: Sequence[Link], *, ident: str, title: str, desc: str, width: int, height: int
) -> Markup:
    """The drawing, `width` × `height` units; `ident` must be unique on the page."""
    across = max([_LARGEST, *(len(node.name) * svg.CHARACTER / 2 for node in nodes)]) + 4
    frame = Frame(across, _LARGEST + 4, width - across, height - _LARGEST - 24)
    pairs = [(link.source, link.target, link.strength) for link in links]
    places = layout([node.radius for node in nodes], pairs, frame)
    body = Markup().join(
        [
            *(_arrow(link, nodes, places) for link in links),
            *(svg.tipped(node.tip, [*_disc(node, place)]) for node, place in zip(nodes, places, strict=True)),
            *(_label(node, place) for node, place in zip(nodes, places, strict=True) if node.name),
        ]
    )
    return svg.frame(body, ident, title, desc, width, height, name="plot network")


def swatch(community: int, *, outside: bool = False) -> Markup:
    """A small node to stand in a legend."""
    node = Node("", "", 0.12, community, outside)
    return Markup('<svg class="plot network swatch" viewBox="0 0 32 32" aria-hidden="true">{}</svg>').format(
        Markup().join(_disc(node, (16.0, 16.0)))
    )


def _label(node: Node, place: Point) -> Markup:
    return svg.letters(node.name, place[0], place[1] + node.radius + 15, "middle", "name")


def _disc(node: Node, place: Point) -> Iterable[Markup]:
    known = 1 <= node.community <= PATTERNS
    name = "outside" if node.outside else f"c{node.community}" if known else "alone"
    x, y, r = (svg.coordinate(value) for value in (*place, node.radius))
    yield Markup('<circle class="node {}" cx="{}" cy="{}" r="{}"/>').format(name, x, y, r)
    strokes = "".join(
        stroke
        for direction in (_DIRECTIONS[node.community - 1] if known and not node.outside else ())
        for stroke in _strokes(place, node.radius - 1, direction)
    )
    if strokes:
        yield Markup('<path class="hatch" d="{}"/>').format(strokes)


def _strokes(centre: Point, radius: float, across: Point) -> Iterable[str]:
    """Parallel chords of a circle, `_HATCH` units apart."""
    (x, y), (a, b) = centre, across
    for n in range(-int(radius // _HATCH), int(radius // _HATCH) + 1):
        off = n * _HATCH
        half = math.sqrt(max(radius * radius - off * off, 0.0))
        mid = (x + a * off, y + b * off)
        ends = (mid[0] - b * half, mid[1] + a * half, mid[0] + b * half, mid[1] - a * half)
        yield "M{} {}L{} {}".format(*(svg.coordinate(end) for end in ends))


def _arrow(link: Link, nodes: Sequence[Node], places: Sequence[Point]) -> Markup:
    """A bent line from rim to rim, so that the way there and the way back lie apart."""
    start, end = places[link.source], places[link.target]
    across, down = end[0] - start[0], end[1] - start[1]
    far = math.sqrt(across * across + down * down)
    if far < 1:
        return Markup()
    bend = (start[0] + end[0]) / 2 - down * 0.12, (start[1] + end[1]) / 2 + across * 0.12
    width = 1 + 3.5 * link.strength
    tail = _towards(start, bend, nodes[link.source].radius + 1)
    neck = _towards(end, bend, nodes[link.target].radius + 3 + 2 * width)
    tip = _towards(end, bend, nodes[link.target].radius + 1)
    a, b = (tip[0] - neck[0]) / 2, (tip[1] - neck[1]) / 2
    points = [
        *tail,
        *bend,
        *neck,
        neck[0] - b - a / 2,
        neck[1] + a - b / 2,
        *tip,
        neck[0] + b - a / 2,
        neck[1] - a - b / 2,
    ]
    drawn = [svg.coordinate(value) for value in points]
    line = Markup('<path class="link" stroke-width="{}" d="M{} {}Q{} {} {} {}"/>').format(
        svg.coordinate(width), *drawn[:6]
    )
    head = Markup('<path class="head" d="M{} {}L{} {}L{} {}z"/>').format(*drawn[6:])
    return svg.tipped(link.tip, [line, head])


def _towards(start: Point, end: Point, far: float) -> Point:
    across, down = end[0] - start[0], end[1] - start[1]
    size = math.sqrt(across * across + down * down) or 1.0
    return start[0] + across / size * far, start[1] + down / size * far
