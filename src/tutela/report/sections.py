"""The sections of the page, worked out from the contents. Pure functions; the template only lays them out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from tutela.model import Measure, Part, Tier
from tutela.model.figures import Number
from tutela.report import labels, svg
from tutela.report.contents import Contents, MatchLine
from tutela.report.findings import Month, channels_title, growth_title, images_title, months, partial_note
from tutela.report.wording import UNKNOWN, capital, certainty, count, day, interval, month_name, number, people, percent

HEADLINES = ("channels", "memberships", "images_shared", "unique_images", "growth")
ROWS = 100
"""Rows of one table of matches or parts; the rest is in the data files."""
BARS = 15
"""Channels in one plot, the largest first."""
WIDE, NARROW = 720, 340
"""Widths of the two drawings of each plot; the style sheet shows one."""

Draw = Callable[..., Markup]


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot, drawn twice: for wide and for narrow screens."""

    title: str
    note: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the numbers behind a plot."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A finding, its plot where there is something to draw, and the numbers behind it."""

    title: str
    plot: Plot | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The matches of one tier, surest first, `lines` being the first of `total`."""

    label: str
    meaning: str
    total: int
    channels: int
    posts: int
    cases: int
    lines: tuple[MatchLine, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A measure's parts of one sort; `rows` are the first of `total`."""

    title: str
    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything about one measure; `text` is its figure as an interval, `unit` is empty where that is unknown."""

    label: str
    measure: Measure
    text: str
    unit: str
    certainty: str
    window: str
    completeness: str
    breakdowns: tuple[Breakdown, ...]


def headlines(contents: Contents) -> list[Entry]:
    """Up to five figures that a reader meets first."""
    found = [measure for name in HEADLINES if (measure := _find(contents, name))]
    return [_entry(measure) for measure in found or contents.measures[:5]]


def opening(contents: Contents) -> str:
    """What was read, what was looked for, what was found."""
    if not contents.sources:
        return "Tutela read nothing: no source was given."
    posts, images = (sum(getattr(line, name) for line in contents.sources) for name in ("posts", "images"))
    sources = count(len(contents.sources), "source")
    read = f"Tutela read {count(posts, 'post')} with {count(images, 'image')} from {sources}"
    if not contents.cases:
        return f"{read}. It looked for no copies, since its bank held no cases."
    found = count(len(contents.matches), "match", "matches")
    return f"{read}, looked for copies of the pictures protected in {people(contents.cases)} cases, and found {found}."


def growth(contents: Contents) -> Series | None:
    """Images by month; None where nothing is dated."""
    measure = _find(contents, "growth")
    series = months(measure) if measure else ()
    if measure is None or not series:
        return None
    notes = {part.key: part.note for part in measure.parts if part.by == "month"}
    rows = tuple(Row(month_name(m.key), number(m.value), notes.get(m.key, "")) for m in series)
    return _series(
        "growth", growth_title(series), partial_note(series), rows, [_month_bar(m) for m in series], svg.columns
    )


def by_channel(contents: Contents, name: str, noun: str, verb: str) -> Series | None:
    """A measure's parts by channel, largest first, unknown last; None where there are none."""
    measure = _find(contents, name)
    parts = [part for part in measure.parts if part.by == "channel"] if measure else []
    if not parts:
        return None
    parts.sort(key=lambda part: (part.value is None, -(part.value or 0), part.key))
    rows = tuple(Row(part.key, labels.part_value(part), part.note) for part in parts)
    bars = [svg.Bar(part.key, part.value, labels.part_value(part)) for part in parts[:BARS]]
    note = f"The {BARS} largest of {number(len(parts))} channels; all are in the table." if len(parts) > BARS else ""
    return _series(name, channels_title([part.value for part in parts], noun, verb), note, rows, bars, svg.bars)


def images(contents: Contents) -> Series | None:
    """Posted, forwarded, different and uncompared images side by side; None where none of them is measured."""
    names = ("images_shared", "forwarded_images", "unique_images", "unhashed_images")
    found = [measure for name in names if (measure := _find(contents, name))]
    if not found:
        return None
    rows = tuple(Row(labels.label(m.name), interval(m), m.note) for m in found)
    bars = [svg.Bar(labels.label(m.name), _solid(m), interval(m), high=m.high) for m in found]
    title = images_title(_find(contents, "images_shared"), _find(contents, "unique_images"))
    pale = (
        "Outlined: from the least to the most that the data allow."
        if any(m.low != m.high and m.high for m in found)
        else ""
    )
    return _series("images", title, pale, rows, bars, svg.bars)


def groups(matches: Sequence[MatchLine]) -> list[Group]:
    """The matches by tier, leaving out tiers without any."""
    return [_group(tier, lines) for tier in Tier if (lines := [m for m in matches if m.match.tier is tier])]


def entries(contents: Contents) -> list[Entry]:
    """All measures in the order given."""
    return [_entry(measure) for measure in contents.measures]


def _entry(measure: Measure) -> Entry:
    text = interval(measure)
    return Entry(
        labels.label(measure.name),
        measure,
        text,
        "" if text == UNKNOWN else measure.unit,
        certainty(measure),
        f"{day(measure.window.start)} – {day(measure.window.end)}" if measure.window else UNKNOWN,
        percent(measure.completeness),
        tuple(_breakdowns(measure.parts)),
    )


def _find(contents: Contents, name: str) -> Measure | None:
    return next((measure for measure in contents.measures if measure.name == name), None)


def _series(ident: str, title: str, note: str, rows: tuple[Row, ...], bars: Sequence[svg.Bar], draw: Draw) -> Series:
    """With a plot where there is at least one length to draw."""
    if not any(bar.value or bar.high for bar in bars):
        return Series(title, None, rows)
    desc = "; ".join(f"{bar.name}: {bar.text}" for bar in bars)
    wide, narrow = (
        draw(bars, ident=f"plot-{ident}-{width}", title=title, desc=desc, width=width) for width in (WIDE, NARROW)
    )
    return Series(title, Plot(title, note, wide, narrow), rows)


def _month_bar(month: Month) -> svg.Bar:
    name, _, year = month_name(month.key).rpartition(" ")
    return svg.Bar(month_name(month.key), month.value, number(month.value), name[:3], year, pale=month.partial)


def _solid(measure: Measure) -> Number | None:
    return measure.low if measure.low is not None else measure.value


def _group(tier: Tier, lines: Sequence[MatchLine]) -> Group:
    ordered = sorted(lines, key=lambda m: (-m.match.confidence, m.channel, m.post, m.attachment))
    name, meaning = labels.TIERS[tier]
    return Group(
        name,
        meaning,
        len(lines),
        channels=len({m.channel for m in lines}),
        posts=len({m.post for m in lines}),
        cases=len({m.match.case for m in lines}),
        lines=tuple(ordered[:ROWS]),
    )


def _breakdowns(parts: Iterable[Part]) -> Iterable[Breakdown]:
    for kind, found in groupby(sorted(parts, key=lambda part: part.by), key=lambda part: part.by):
        rows = [Row(labels.part_key(part), labels.part_value(part), part.note) for part in found]
        yield Breakdown(capital(labels.by(kind)), tuple(rows[:ROWS]), len(rows))
