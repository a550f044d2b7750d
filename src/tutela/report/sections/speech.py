"""Which languages messages are in, and how polls were answered."""

from dataclasses import replace
from itertools import groupby

from tutela.measures.languages import ABSTAINED
from tutela.model import Measure, Part
from tutela.report import labels, svg
from tutela.report.blocks import Block, Figure, Folded, Paragraph, Section, table
from tutela.report.sections.view import View, largest_first

PLOTTED = 4
"""Polls that are plotted, those with most voters."""


def languages(view: View) -> Section:
    """Messages by language, what could not be told last, and the commonest language of each channel."""
    words, measure = view.words, view.find("languages")
    parts = view.parts("languages", "language")
    if measure is None or not parts:
        return Section("languages", words.say("title_languages"), (Paragraph(words.say("languages_none")),))
    told = largest_first([part for part in parts if part.key != ABSTAINED])
    untold = [part for part in parts if part.key == ABSTAINED]
    blocks: list[Block] = [_by_language(view, measure, told, untold)]
    if channels := largest_first(view.parts("languages", "channel")):
        caption = words.say("caption_main-language")
        main = view.part_table("main-language", caption, measure, channels, "channel", "share")
        blocks.append(Folded(caption, (main,)))
    blocks.append(Paragraph(words.say("languages_untold"), soft=True))
    return Section("languages", words.say("title_languages"), tuple(blocks))


def _by_language(view: View, measure: Measure, told: list[Part], untold: list[Part]) -> Figure:
    """What could not be told is outlined, since it may be in any of them."""
    title = _title(view, told)
    figure = view.part_figure("by-language", title, measure, told + untold, "language")
    outlined = [svg.Bar(bar.name, None, bar.text, high=bar.value) for bar in view.bars(measure, untold)]
    plot = view.plot("by-language", title, [*view.bars(measure, told), *outlined], svg.bars, _outlined(view, untold))
    return replace(figure, plot=plot)


def _outlined(view: View, untold: list[Part]) -> str:
    return view.words.say("languages_outlined") if untold else ""


def _title(view: View, told: list[Part]) -> str:
    total = sum(part.value or 0 for part in told)
    if not total:
        return view.words.say("languages_no_title")
    share = view.words.percent((told[0].value or 0) / total)
    return view.words.say("languages_title", language=str(labels.part_key(view.words, told[0])), share=share)


def polls(view: View) -> Section:
    """The polls with most voters as plots, all of them as a table; options by number."""
    words, measure = view.words, view.find("polls")
    ident, heading = "polls", words.say("title_polls")
    if measure is None or not measure.value:
        return Section(ident, heading, (Paragraph(words.say("polls_none")),))
    options = _options(view)
    shown = [poll for poll in largest_first(view.parts("polls", "poll")) if options.get(poll.key) and poll.value]
    blocks: list[Block] = [_figure(view, measure, i, poll, options[poll.key]) for i, poll in enumerate(shown[:PLOTTED])]
    rows = [
        (part.key, labels.part_value(words, measure, part), labels.note(words, part.note))
        for part in largest_first(view.parts("polls", "poll"))
    ]
    columns = (view.column("poll", "id"), view.column("voters", "n"), view.column("note"))
    caption = words.say("caption_polls")
    blocks.append(Folded(caption, (table("all-polls", caption, columns, rows, "measures/polls.csv"),)))
    blocks.append(Paragraph(words.say("polls_unchecked"), soft=True))
    return Section(ident, heading, tuple(blocks))


def _options(view: View) -> dict[str, list[Part]]:
    parts = view.parts("polls", "option")
    return {key: list(found) for key, found in groupby(parts, key=lambda part: part.key.rpartition(" ")[0])}


def _figure(view: View, measure: Measure, i: int, poll: Part, options: list[Part]) -> Figure:
    words = view.words
    known = [part for part in options if part.value is not None]
    first = max(known, key=lambda part: part.value or 0) if known else None
    voters = words.say("count_voters", n=poll.value or 0)
    title = words.say("poll_hidden", voters=voters)
    if first is not None:
        option, share = str(labels.part_key(words, first)), labels.part_value(words, measure, first)
        title = words.say("poll_title", voters=voters, option=option, share=share)
    numbers = view.part_table(f"poll-{i}-numbers", words.say("caption_poll", poll=poll.key), measure, options, "option")
    plot = view.plot(f"poll-{i}", title, view.bars(measure, options), svg.bars)
    return Figure(f"poll-{i}", title, words.say("plot_poll", poll=poll.key), plot, numbers)
