"""What was read and what was not: sources, completeness, what was refused, what was skipped."""

from collections import Counter

from tutela.report import labels
from tutela.report.blocks import Block, Paragraph, Section, Table, Text, table
from tutela.report.notes import said
from tutela.report.sections.view import View, largest_first

_COUNTS = ("posts", "images", "repairs", "damaged")


def reading(view: View) -> Section:
    """Sources first, then what is missing from them."""
    words, contents = view.words, view.contents
    blocks: list[Block] = []
    if contents.sources:
        blocks += [_sources(view), Paragraph(words.say("read_repaired"), soft=True)]
        refused = _refused(view)
        blocks.append(refused if refused.rows else Paragraph(words.say("read_all")))
    else:
        blocks.append(Paragraph(words.say("read_no_source")))
    measure, parts = view.find("completeness"), largest_first(view.parts("completeness", "channel"))
    if measure is not None and parts:
        title = words.say("complete_title", share=words.interval(measure))
        blocks.append(view.part_figure("complete", title, measure, parts, "channel", value="share"))
    return Section("read", words.say("title_read"), (*blocks, *_skipped(view)))


def _sources(view: View) -> Table:
    words, lines = view.words, view.contents.sources
    columns = [view.column("source"), view.column("format"), *(view.column(name, "n") for name in _COUNTS)]
    rows: list[tuple[Text, ...]] = [
        (
            said(words.code, line.label),
            labels.source(words, line.kind),
            *(words.number(getattr(line, name)) for name in _COUNTS),
        )
        for line in lines
    ]
    foot: tuple[Text, ...] = ()
    if len(lines) > 1:
        foot = (words.say("together"), "", *(words.number(sum(getattr(line, n) for line in lines)) for n in _COUNTS))
    return Table("sources", words.say("caption_sources"), tuple(columns), tuple(rows), len(rows), "report.json", foot)


def _refused(view: View) -> Table:
    words = view.words
    rows: list[tuple[Text, ...]] = [
        (said(words.code, line.label), labels.refused(words, reason), words.number(count))
        for line in view.contents.sources
        for reason, count in sorted(line.refused.items())
    ]
    columns = (view.column("source"), view.column("part"), view.column("how_many", "n"))
    return table("refused", words.say("caption_refused"), columns, rows, "report.json")


def _skipped(view: View) -> list[Block]:
    words, skipped = view.words, view.contents.skipped
    if not skipped:
        return [Paragraph(words.say("skipped_none" if view.contents.sources else "skipped_nothing"))]
    counts: Counter[tuple[Text, str]] = Counter()
    for line in skipped:
        counts[labels.skip(words, line.code, line.reason), line.code.value] += line.count
    rows: list[tuple[Text, ...]] = [(*why, words.number(count)) for why, count in counts.items()]
    columns = (view.column("reason"), view.column("code", "id"), view.column("items", "n"))
    return [
        Paragraph(words.say("skipped_some", n=sum(line.count for line in skipped))),
        table("skipped", words.say("caption_skipped"), columns, rows, "measures/skipped.csv"),
    ]
