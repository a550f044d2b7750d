"""Every measure with its definition, and the breakdowns that no section above shows."""

from collections.abc import Iterable
from itertools import groupby

from tutela.model import Measure
from tutela.report import labels
from tutela.report.blocks import Block, Entry, Paragraph, Section, Table
from tutela.report.notes import Said, joined
from tutela.report.sections.view import View

ABOVE = {
    "growth": frozenset({"month", "month-cumulative", "change", "trend"}),
    "unique_members": frozenset({"overlap"}),
    "memberships": frozenset({"channel"}),
    "images_shared": frozenset({"channel"}),
    "channels": frozenset({"state"}),
    "promotion_edges": frozenset({"hub", "edge"}),
    "offers": frozenset({"price", "currency"}),
    "payments_floor": frozenset({"currency"}),
    "reward_rules": frozenset({"rule", "counter"}),
    "languages": frozenset({"language", "channel"}),
    "polls": frozenset({"poll"}),
    "minor_signals": frozenset({"sign", "channel"}),
    "completeness": frozenset({"channel"}),
    "report_effect": frozenset({"state", "replaced", "members", "posts"}),
}
"""Breakdowns by measure that stand in a section of their own."""


def measures(view: View) -> Section:
    """All measures in the order given."""
    words = view.words
    blocks: list[Block] = [_entry(view, i, measure) for i, measure in enumerate(view.contents.measures, 1)]
    return Section("measures", words.say("title_measures"), tuple(blocks or [Paragraph(words.say("measures_none"))]))


def _entry(view: View, number: int, measure: Measure) -> Entry:
    words, window = view.words, measure.window
    unsure = words.certainty(measure)
    note = labels.note(words, measure.note)
    facts = (
        (words.say("fact_definition"), labels.definition(words, measure)),
        (words.say("fact_uncertainty"), Said(((f"{unsure} " if note else unsure, False), *note.pieces))),
        (words.say("fact_window"), words.days(window) if window else words.say("unknown")),
        (words.say("fact_completeness"), words.percent(measure.completeness)),
    )
    return Entry(
        f"measure-{number}",
        labels.label(words, measure.name),
        words.interval(measure),
        labels.unit(words, measure),
        facts,
        f"measures/{measure.name}.csv",
        tuple(_breakdowns(view, number, measure)),
    )


def _breakdowns(view: View, number: int, measure: Measure) -> Iterable[Table]:
    name = labels.label(view.words, measure.name)
    rest = sorted((p for p in measure.parts if p.by not in ABOVE.get(measure.name, ())), key=lambda part: part.by)
    for i, (kind, parts) in enumerate(groupby(rest, key=lambda part: part.by), 1):
        caption = joined(name, ": ", labels.by(view.words, kind))
        yield view.part_table(f"breakdown-{number}-{i}", caption, measure, list(parts), "part")
