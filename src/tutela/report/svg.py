"""Two plots as inline SVG: classes instead of colours, a title and a description, nothing fetched.

Why not a plotting library: `docs/decisions/0004-own-svg-for-plots.md`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tutela.model.figures import Number
from tutela.report.wording import clean, finite, number

CHARACTER = 7.4
"""Room for one character of 13 units, on the generous side; text is cut to fit since it cannot be measured here."""

_HEIGHT, _TOP, _FOOT, _AXIS = 260.0, 22.0, 40.0, 52.0
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


def columns(bars: Sequence[Bar], *, ident: str, title: str, desc: str, width: int = 720) -> Markup:
    """Upright columns over time, `width` units wide; `ident` must be unique on the page."""
    ticks = _ticks(max((_size(bar.value) for bar in bars), default=0.0))
    slot = (width - _AXIS) / max(len(bars), 1)
    floor, scale = _HEIGHT - _FOOT, (_HEIGHT - _FOOT - _TOP) / ticks[-1]
    body = Markup().join(
        [
            *(_gridline(tick, floor - tick * scale, width) for tick in ticks),
            *(_column(bar, _AXIS + i * slot, slot, floor, scale) for i, bar in enumerate(bars)),
            *_column_values(bars, slot, floor, scale),
            *_column_labels(bars, slot),
        ]
    )
    return _frame(body, ident, title, desc, width, _HEIGHT)


def bars(rows: Sequence[Bar], *, ident: str, title: str, desc: str, width: int = 720) -> Markup:
    """Lying bars with their names beside them, or above them where `width` is below 500 units."""
    stacked = width < 500
    gutter = 0.0 if stacked else min(0.4 * width, _room(row.name for row in rows) + 12)
    room = min(0.4 * width, _room(row.text for row in rows) + 12)
    top = max((max(_size(row.value), _size(row.high)) for row in rows), default=0.0) or 1.0
    step = _STACKED_ROW if stacked else _ROW
    body = Markup().join(
        _bar(row, i * step, gutter, room, (width - gutter - room) / top, width) for i, row in enumerate(rows)
    )
    return _frame(body, ident, title, desc, width, step * max(len(rows), 1))


def _frame(body: Markup, ident: str, title: str, desc: str, width: float, height: float) -> Markup:
    return Markup(
        '<svg class="plot" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{i}-title {i}-desc">'
        '<title id="{i}-title">{t}</title><desc id="{i}-desc">{d}</desc>{b}</svg>'
    ).format(w=_n(width), h=_n(height), i=ident, t=clean(title), d=clean(desc), b=body)


def _column(bar: Bar, x: float, slot: float, floor: float, scale: float) -> Markup:
    tip = Markup("<title>{}: {}</title>").format(clean(bar.name), clean(bar.text))
    if finite(bar.value) is None:
        return Markup("<g>{}{}</g>").format(tip, _text("?", x + slot / 2, floor - 6, "middle", "unknown"))
    height = _size(bar.value) * scale
    return Markup("<g>{}{}</g>").format(
        tip, _rect(x + slot * 0.14, floor - height, slot * 0.72, height, "bar pale" if bar.pale else "bar")
    )


def _column_values(bars: Sequence[Bar], slot: float, floor: float, scale: float) -> list[Markup]:
    """The value over each column where all fit, else over the tallest alone."""
    known = [(i, bar) for i, bar in enumerate(bars) if finite(bar.value) is not None]
    if known and _room(bar.text for _, bar in known) > slot:
        known = [max(known, key=lambda pair: _size(pair[1].value))]
    return [
        _text(
            _cut(bar.text, 2 * _AXIS),
            _AXIS + (i + 0.5) * slot,
            floor - _size(bar.value) * scale - 6,
            _anchor(i, len(bars), slot),
            "value",
        )
        for i, bar in known
    ]


def _anchor(i: int, total: int, slot: float) -> str:
    """Text at either end of a crowded axis leans inwards, so that it stays inside the plot."""
    if slot > _AXIS or total == 1:
        return "middle"
    return "end" if i > total - 2 else "middle"


def _column_labels(bars: Sequence[Bar], slot: float) -> list[Markup]:
    every = max(1, math.ceil((_room(bar.label for bar in bars) + 4) / slot))
    shown = list(range(0, len(bars), every))
    texts: list[Markup] = []
    for before, i in zip([None, *shown], shown, strict=False):
        middle = _AXIS + (i + 0.5) * slot
        texts.append(_text(_cut(bars[i].label, 2 * _AXIS), middle, _HEIGHT - _FOOT + 17, "middle", "label"))
        if before is None or bars[before].group != bars[i].group:
            texts.append(_text(_cut(bars[i].group, _AXIS), middle, _HEIGHT - _FOOT + 34, "middle", "label"))
    return texts


def _gridline(tick: float, y: float, width: float) -> Markup:
    line = Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        "grid" if tick else "base", _n(_AXIS), _n(width), _n(y), _n(y)
    )
    return line + _text(_cut(number(tick), _AXIS - 8), _AXIS - 8, y + 4, "end", "label")


def _bar(row: Bar, y: float, gutter: float, room: float, scale: float, width: float) -> Markup:
    above = _STACKED_ROW - _ROW if gutter == 0 else 0
    top = y + above + (_ROW - _THICK) / 2
    solid, whole = _size(row.value) * scale, max(_size(row.value), _size(row.high)) * scale
    known = finite(row.value) is not None
    return Markup().join(
        [
            Markup("<g><title>{}: {}</title>").format(clean(row.name), clean(row.text)),
            _text(_cut(row.name, gutter - 12 or width), 0, y + 13 if above else top + 13, "start", "name"),
            _rect(gutter + solid, top, whole - solid, _THICK, "bar pale") if whole > solid else "",
            _rect(gutter, top, solid, _THICK, "bar") if known else "",
            _text(_cut(row.text, room - 8), gutter + whole + 8 * known, top + 13, "start", "value"),
            Markup("</g>"),
        ]
    )


def _rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, _n(x), _n(y), _n(width), _n(height)
    )


def _text(text: str, x: float, y: float, anchor: str, name: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, _n(x), _n(y), anchor, clean(text)
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
    return CHARACTER * max((len(text) for text in texts), default=0)


def _cut(text: str, room: float) -> str:
    letters = max(int(room / CHARACTER), 1)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _n(value: float) -> str:
    """A coordinate: hundredths are finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
