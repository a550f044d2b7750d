"""What sections are built of. The template knows how each is laid out, and nothing of what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from tutela.report.notes import Said


@dataclass(frozen=True, slots=True)
class File:
    """The name of a file below the report's folder. Prints itself as a link."""

    name: str

    def __html__(self) -> Markup:
        return Markup('<a class="id" href="{0}">{0}</a>').format(self.name)


Text = str | Said | File
"""Everything that is printed; markup is made in Python alone."""

ROWS = 100
"""Rows of one table on the page; the rest is in the data files."""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column. `look` is a class of the style sheet: `n` for numbers, `id` for pseudonyms, `tier`."""

    name: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of each row heads it. `total` counts the rows that there are; `file` holds them all."""

    form: ClassVar[str] = "table"
    ident: str
    caption: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]
    total: int
    file: str = ""
    foot: tuple[Text, ...] = ()
    wide: bool = False


def table(
    ident: str,
    caption: Text,
    columns: Sequence[Column],
    rows: Sequence[tuple[Text, ...]],
    file: str = "",
    *,
    wide: bool = False,
) -> Table:
    """The table of the first `ROWS` rows. A last column in which nothing stands is left out."""
    if rows and len(columns) > 2 and not any(row[-1] for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Table(ident, caption, tuple(columns), tuple(rows[:ROWS]), len(rows), file, wide=wide)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; `soft` for what explains."""

    form: ClassVar[str] = "paragraph"
    text: Text
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot, drawn twice: for wide and for narrow screens; `legend` holds a swatch and its meaning."""

    wide: Markup
    narrow: Markup
    note: str = ""
    legend: tuple[tuple[Markup, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A finding, its plot where there is something to draw, and the numbers behind it."""

    form: ClassVar[str] = "figure"
    ident: str
    title: str
    subtitle: str
    plot: Plot | None
    numbers: Table
    open: bool = False


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks behind a summary."""

    form: ClassVar[str] = "folded"
    summary: str
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    form: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms and what is to say about each; `look` is a class of the style sheet."""

    form: ClassVar[str] = "facts"
    items: tuple[tuple[str, Text], ...]
    look: str = "method"


@dataclass(frozen=True, slots=True)
class Steps:
    """What was done, in order: a name, a sentence, and parameters with their values."""

    form: ClassVar[str] = "steps"
    items: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the figures that matter: its interval, one sentence, how sure it is."""

    label: Text
    figure: str
    unit: Text
    sentence: Text
    certainty: Text
    anchor: str
    more: str


@dataclass(frozen=True, slots=True)
class Headlines:
    """The figures that a reader meets first."""

    form: ClassVar[str] = "headlines"
    items: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything about one measure."""

    form: ClassVar[str] = "entry"
    ident: str
    label: Text
    figure: str
    unit: Text
    facts: tuple[tuple[str, Text], ...]
    file: str
    breakdowns: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A derived match as a plan; `post` and `place` say where, `words` what it shows."""

    drawing: Markup
    post: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Plans:
    """The surest derived matches, and how many more there are."""

    form: ClassVar[str] = "plans"
    title: str
    about: str
    plans: tuple[Plan, ...]
    more: str
    legend: tuple[tuple[Markup, str], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command to type."""

    form: ClassVar[str] = "command"
    label: str
    text: str


Block = (
    Table | Paragraph | Figure | Folded | Heading | Facts | Steps | Headlines | Entry | Plans | Command
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """One section with its heading; `ident` is where links lead."""

    ident: str
    heading: str
    blocks: tuple[Block, ...]
