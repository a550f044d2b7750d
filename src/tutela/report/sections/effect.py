"""What came of reports."""

import re
from collections.abc import Sequence

from tutela.measures.effect import HORIZONS
from tutela.model import Measure, Part
from tutela.report import labels, svg
from tutela.report.blocks import Block, Figure, Paragraph, Section, Table, Text, table
from tutela.report.notes import joined
from tutela.report.sections.summary import effect_sentence
from tutela.report.sections.view import View
from tutela.report.wording import capital

_NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_INTERVAL = re.compile(rf"{_NUMBER} to {_NUMBER} \(95 %\)(?:; )?")


def effect(view: View) -> Section:
    """The figure with its interval; then states of reported and unreported channels, and the rest as a table."""
    words, measure = view.words, view.find("report_effect")
    ident, heading = "effect", words.say("title_effect")
    if measure is None or not measure.parts:
        return Section(ident, heading, (Paragraph(words.say("effect_none")),))
    head = effect_sentence(view, measure) or labels.definition(words, measure)
    figure = capital(f"{words.interval(measure)} {labels.unit(words, measure)}".strip())
    blocks: list[Block] = [
        Paragraph(head),
        Paragraph(joined(words.say("sentence", text=figure), " ", labels.note(words, measure.note)), soft=True),
    ]
    if states := view.parts("report_effect", "state"):
        blocks.append(_states(view, measure, states))
    if rest := [part for part in measure.parts if part.by != "state"]:
        blocks.append(_table(view, "effect-rest", words.say("effect_rest"), measure, rest))
    blocks.append(Paragraph(words.say("effect_ratio"), soft=True))
    blocks.append(Paragraph(labels.definition(words, measure), soft=True))
    return Section(ident, heading, tuple(blocks))


def _states(view: View, measure: Measure, parts: Sequence[Part]) -> Figure:
    title, subtitle = _title(view, parts), view.words.say("effect_states")
    bars = [_bar(view, measure, part) for part in parts if not part.key.endswith("median days")]
    numbers = _table(view, "effect-states-numbers", subtitle, measure, parts)
    return Figure("effect-states", title, subtitle, view.plot("effect-states", title, bars, svg.bars), numbers)


def _table(view: View, ident: str, caption: str, measure: Measure, parts: Sequence[Part]) -> Table:
    """The interval, which stands in the note, in a column of its own and written as its figure is."""
    words = view.words
    columns = (view.column("part"), view.column("value", "n"), view.column("interval", "n"), view.column("note"))
    rows: list[tuple[Text, ...]] = []
    for part in parts:
        key, value, _ = view.row(measure, part)
        found, write = _INTERVAL.match(part.note), labels.part_writer(words, measure, part)
        told = words.say("interval", low=write(float(found[1])), high=write(float(found[2]))) if found else ""
        rows.append((key, value, told, labels.note(words, part.note[found.end() if found else 0 :])))
    return table(ident, caption, columns, rows, f"measures/{measure.name}.csv")


def _title(view: View, parts: Sequence[Part]) -> str:
    """What happened to reported channels, against unreported ones."""
    days = HORIZONS[-1]
    shares = {part.key: view.words.percent(part.value) for part in parts if part.value is not None}
    reported, unreported = (shares.get(f"{name} within {days} days") for name in ("reported", "unreported"))
    if reported is None or unreported is None:
        return view.words.say("effect_states")
    return view.words.say("effect_title", n=days, reported=reported, unreported=unreported)


def _bar(view: View, measure: Measure, part: Part) -> svg.Bar:
    """A share with its interval, which stands in the note."""
    name, text = str(labels.part_key(view.words, part)), labels.part_value(view.words, measure, part)
    found = _INTERVAL.match(part.note)
    if found is None or part.value is None:
        return svg.Bar(name, part.value, text)
    low, high = float(found[1]), float(found[2])
    write = view.words.percent
    return svg.Bar(name, low, view.words.say("estimate", n=text, low=write(low), high=write(high)), high=high)
