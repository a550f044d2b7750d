"""What every section works with: the contents, the words, and how parts become tables and plots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from tutela.model import Measure, Part
from tutela.model.figures import Number
from tutela.report import labels, svg
from tutela.report.blocks import Column, Figure, Plot, Table, Text, table
from tutela.report.contents import Contents
from tutela.report.wording import Words, words

BARS = 15
"""Bars in one plot, the largest first."""
WIDE, NARROW = 720, 340
"""Widths of the two drawings of each plot; the style sheet shows one."""

Draw = Callable[..., Markup]


@dataclass(frozen=True)
class View:
    """The contents of one report and the words of its language."""

    contents: Contents
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", words(self.contents.lang))

    def find(self, name: str) -> Measure | None:
        """The measure of that name."""
        return next((measure for measure in self.contents.measures if measure.name == name), None)

    def parts(self, name: str, by: str) -> list[Part]:
        """A measure's parts of one sort, in their order; none where there is no such measure."""
        measure = self.find(name)
        return [part for part in measure.parts if part.by == by] if measure else []

    def total(self, name: str) -> Number | None:
        """A measure's value, None where it is unknown or not measured."""
        measure = self.find(name)
        return measure.value if measure else None

    def column(self, key: str, look: str = "") -> Column:
        """A column headed by the text `head_{key}`."""
        return Column(self.words.say(f"head_{key}"), look)

    def row(self, measure: Measure, part: Part) -> tuple[Text, ...]:
        """A part as name, value and note."""
        key, value = labels.part_key(self.words, part), labels.part_value(self.words, measure, part)
        return key, value, labels.note(self.words, part.note)

    def part_table(
        self, ident: str, caption: Text, measure: Measure, parts: Sequence[Part], first: str, value: str = "value"
    ) -> Table:
        """The parts with their values and notes, and the file that holds them; `first` and `value` head columns."""
        columns = (self.column(first, "id" if first == "channel" else ""), self.column(value, "n"), self.column("note"))
        rows = [self.row(measure, part) for part in parts]
        return table(ident, caption, columns, rows, f"measures/{measure.name}.csv")

    def bars(self, measure: Measure, parts: Sequence[Part]) -> list[svg.Bar]:
        """The first `BARS` parts as bars."""
        return [
            svg.Bar(str(labels.part_key(self.words, p)), p.value, labels.part_value(self.words, measure, p))
            for p in parts[:BARS]
        ]

    def part_figure(
        self, ident: str, title: str, measure: Measure, parts: Sequence[Part], first: str, *, value: str = "value"
    ) -> Figure:
        """Bars of the parts, and their numbers."""
        subtitle = self.words.say(f"plot_{ident}") if self.words.has(f"plot_{ident}") else ""
        numbers = self.part_table(f"{ident}-numbers", subtitle or title, measure, parts, first, value)
        note = self.words.say("bars_first", n=BARS, all=len(parts)) if len(parts) > BARS else ""
        plot = self.plot(ident, title, self.bars(measure, parts), svg.bars, note)
        return Figure(ident, title, subtitle, plot, numbers)

    def plot(
        self, ident: str, title: str, bars: Sequence[svg.Bar], draw: Draw, note: str = "", **said: object
    ) -> Plot | None:
        """Both drawings; None where there is no length to draw."""
        if not any(bar.value or bar.high for bar in bars):
            return None
        desc = "; ".join(f"{bar.name}: {bar.text}" for bar in bars)
        wide, narrow = (
            draw(bars, ident=f"plot-{ident}-{width}", title=title, desc=desc, width=width, **said)
            for width in (WIDE, NARROW)
        )
        return Plot(wide, narrow, note)


def largest_first(parts: Sequence[Part]) -> list[Part]:
    """The largest first, unknown last."""
    return sorted(parts, key=lambda part: (part.value is None, -(part.value or 0), part.key))
