"""Plots of columns and of bars as inline SVG: classes instead of colours, a title and a description, nothing fetched.

Why not a plotting library: `docs/decisions/0004-own-svg-for-plots.md`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tutela.model.figures import Number
from tutela.report.wording import Write, clean, finite

CHARACTER = 8.3
"""Room for one character of 13 units in the widest usual font; text cannot be measured here."""

STACKED = 500
"""Below this width, names and values stand above their bars."""

_WIDE = frozenset("%@MWmwЖШЩЮжшщюфым")
_HEIGHT, _TOP, _FOOT = 268.0, 30.0, 40.0
_ROW, _STACKED_ROW, _THICK = 32.0, 48.0, 18.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One column or bar.

    `value` None is drawn as a question mark, never as nothing; `high` adds a pale stretch up to the upper bound.
    Values below zero have no bar. `text` is how the value is written; `label` and, below it, `group` stand at the
    axis of a column plot (`group` only where it changes). `pale` marks a value that covers only part of its month.
    """

    name: str
    value: Number | None
    text: str
    label: str = ""
    group: str = ""
    high: Number | None = None
    pale: bool = False


def columns(
    bars: Sequence[Bar],
    *,
    ident: str,
    title: str,
    desc: str,
    write: Write,
    width: int = 720,
    marks: Sequence[float] = (),
) -> Markup:
    """Upright columns over time, `width` units wide; `ident` must be unique on the page.

    `write` labels the axis. At each of `marks`, in columns from the first, stands a broken line with its number.
    """
    ticks = _ticks(max((_size(bar.value) for bar in bars), default=0.0))
    axis = _room(write(tick) for tick in ticks) + 8
    slot = (width - axis) / max(len(bars), 1)
    floor, scale = _HEIGHT - _FOOT, (_HEIGHT - _FOOT - _TOP) / ticks[-1]
    body = Markup().join(
        [
            *(_gridline(tick, write(tick), floor - tick * scale, axis, width) for tick in ticks),
            *(_column(bar, axis + i * slot, slot, floor, scale) for i, bar in enumerate(bars)),
            *(_mark(str(n), axis + i * slot, floor) for n, i in enumerate(marks, 1)),
            *_column_values(bars, axis, slot, floor, scale),
            *_column_labels(bars, axis, slot),
        ]
    )
    return frame(body, ident, title, desc, width, _HEIGHT)


def bars(rows: Sequence[Bar], *, ident: str, title: str, desc: str, width: int = 720) -> Markup:
    """Lying bars with their names and values beside them, or above them where `width` is below `STACKED` units."""
    top = max((max(_size(row.value), _size(row.high)) for row in rows), default=0.0) or 1.0
    room = _room(row.text for row in rows) + 8
    if width < STACKED:
        step, drawn = _STACKED_ROW, (_stacked_bar(row, i, width, room, top) for i, row in enumerate(rows))
    else:
        gutter = min(0.4 * width, _room(row.name for row in rows) + 8)
        scale = (width - gutter - room) / top
        step, drawn = _ROW, (_bar(row, i, gutter, scale) for i, row in enumerate(rows))
    return frame(Markup().join(drawn), ident, title, desc, width, step * max(len(rows), 1))


def frame(
    body: Markup, ident: str, title: str, desc: str, width: float, height: float, *, name: str = "plot"
) -> Markup:
    """An image with a title and a description; `ident` must be unique on the page, `name` is its class."""
    return Markup(
        '<svg class="{n}" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{i}-title {i}-desc">'
        '<title id="{i}-title">{t}</title><desc id="{i}-desc">{d}</desc>{b}</svg>'
    ).format(n=name, w=coordinate(width), h=coordinate(height), i=ident, t=clean(title), d=clean(desc), b=body)


def coordinate(value: float) -> str:
    """A coordinate: hundredths are finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _column(bar: Bar, x: float, slot: float, floor: float, scale: float) -> Markup:
    if finite(bar.value) is None:
        return _tipped(bar, [letters("?", x + slot / 2, floor - 6, "middle", "unknown")])
    height = _size(bar.value) * scale
    name = "bar pale" if bar.pale else "bar"
    return _tipped(bar, [_rect(x + slot * 0.14, floor - height, slot * 0.72, height, name)])


def _column_values(bars: Sequence[Bar], axis: float, slot: float, floor: float, scale: float) -> list[Markup]:
    """The value over each column where all fit, else over the tallest alone."""
    known = [(i, bar) for i, bar in enumerate(bars) if finite(bar.value) is not None]
    if known and _room(bar.text for _, bar in known) + 4 > slot:
        known = [max(known, key=lambda pair: _size(pair[1].value))]
    right = axis + slot * len(bars)
    places = [(bar, axis + (i + 0.5) * slot, floor - _size(bar.value) * scale - 6) for i, bar in known]
    return [letters(bar.text, x, y, _anchor(bar.text, x, axis, right), "value") for bar, x, y in places]


def _anchor(text: str, x: float, left: float, right: float) -> str:
    """Text near either end leans inwards, so that it stays inside the plot."""
    half = _room([text]) / 2
    if x + half > right:
        return "end"
    return "start" if x - half < left else "middle"


def _column_labels(bars: Sequence[Bar], axis: float, slot: float) -> list[Markup]:
    """As many labels as fit beside each other, the group below wherever it changes."""
    room = _room(text for bar in bars for text in (bar.label, bar.group))
    every = max(1, math.ceil((room + 4) / slot))
    fitting = int(len(bars) - room / 2 / slot + 0.5) if every > 1 else len(bars)
    texts: list[Markup] = []
    group = ""
    for i in range(0, fitting, every):
        x = axis + (i + 0.5) * slot
        texts.append(letters(bars[i].label, x, _HEIGHT - _FOOT + 17, "middle", "label"))
        if bars[i].group != group:
            group = bars[i].group
            texts.append(letters(group, x, _HEIGHT - _FOOT + 34, "middle", "label"))
    return texts


def _mark(text: str, x: float, floor: float) -> Markup:
    line = Markup('<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>')
    return line.format(coordinate(x), coordinate(12.0), coordinate(floor)) + letters(
        text, x, 10, "middle", "value mark"
    )


def _gridline(tick: float, label: str, y: float, axis: float, width: float) -> Markup:
    line = Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        "grid" if tick else "base", coordinate(axis), coordinate(width), coordinate(y), coordinate(y)
    )
    return line + letters(label, axis - 8, y + 4, "end", "label")


def _bar(row: Bar, i: int, gutter: float, scale: float) -> Markup:
    """Name, bar and value in one line; a bar that is not there leaves its room to the value."""
    y = i * _ROW + (_ROW - _THICK) / 2
    end = gutter + max(_size(row.value), _size(row.high)) * scale
    name = letters(_cut(row.name, gutter - 8), 0, y + 13, "start", "name")
    value = letters(row.text, end + 8 if end > gutter else gutter, y + 13, "start", "value")
    return _tipped(row, [name, *_stretches(row, gutter, y, scale), value])


def _stacked_bar(row: Bar, i: int, width: float, room: float, top: float) -> Markup:
    """Name and value above, the bar below over the whole width."""
    y = i * _STACKED_ROW
    name = letters(_cut(row.name, width - room), 0, y + 13, "start", "name")
    value = letters(row.text, width, y + 13, "end", "value")
    return _tipped(row, [name, value, *_stretches(row, 0.0, y + 20, width / top)])


def tipped(tip: str, drawn: Sequence[Markup]) -> Markup:
    """A group of shapes that says `tip` where a pointer rests on it."""
    return Markup("<g><title>{}</title>{}</g>").format(clean(tip), Markup().join(drawn))


def _tipped(bar: Bar, drawn: Sequence[Markup]) -> Markup:
    return tipped(f"{bar.name}: {bar.text}", drawn)


def _stretches(row: Bar, x: float, y: float, scale: float) -> list[Markup]:
    """The bar, and a pale stretch from it to the upper bound."""
    solid, whole = _size(row.value) * scale, _size(row.high) * scale
    found = [(x, solid, "bar"), (x + solid, whole - solid, "bar pale")]
    return [_rect(start, y, length, _THICK, name) for start, length, name in found if length > 0]


def _rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, coordinate(x), coordinate(y), coordinate(width), coordinate(height)
    )


def letters(text: str, x: float, y: float, anchor: str, name: str) -> Markup:
    """A text at a point; `anchor` is start, middle or end."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, coordinate(x), coordinate(y), anchor, clean(text)
    )


def _size(value: Number | None) -> float:
    """A value as a length: nothing below zero, and no more than a float can carry."""
    size = finite(value)
    return 0.0 if size is None or size < 1e-9 else float(min(size, 1e300))


def _ticks(top: float) -> list[float]:
    """Zero and up to five round steps that reach `top`; whole steps where `top` is a count."""
    if top == 0:
        return [0.0, 1.0]
    unit = 10.0 ** math.floor(math.log10(top / 4))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10, 20) if unit * factor * 4 >= top * 0.999)
    step = step if top < 1 else float(math.ceil(step)) if step < 10 else step
    return [i * step for i in range(math.ceil(top / step * 0.999) + 1)]


def _room(texts: Iterable[str]) -> float:
    """Room for the longest; a few letters take half as much again."""
    return CHARACTER * max((len(text) + 0.5 * sum(c in _WIDE for c in text) for text in texts), default=0.0)


def _cut(text: str, room: float) -> str:
    letters = max(round(room / CHARACTER - 0.49), 1)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
