"""Copies of protected pictures, and pictures made from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutela.model import Tier
from tutela.report import derived, labels
from tutela.report.blocks import Block, Folded, Paragraph, Section, Table, Text, table
from tutela.report.contents import MatchLine
from tutela.report.findings import matches_title
from tutela.report.sections.view import View


def matches(view: View) -> Section:
    """By tier, surest first; plans of the derived ones; the lines themselves folded away."""
    words, lines = view.words, view.contents.matches
    title = matches_title(words, [line.match for line in lines], view.contents.cases)
    blocks: list[Block] = [Paragraph(words.say("sentence", text=title))]
    groups = [_Group(tier, found) for tier in Tier if (found := [m for m in lines if m.match.tier is tier])]
    if groups:
        blocks += [Paragraph(words.say("matches_verdict")), _tiers(view, groups)]
        if (plans := derived.plans(words, lines)) is not None:
            blocks.append(plans)
        blocks += [_folded(view, i, group) for i, group in enumerate(groups, 1)]
    return Section("matches", words.say("title_matches"), tuple(blocks))


@dataclass(frozen=True, slots=True)
class _Group:
    tier: Tier
    lines: Sequence[MatchLine]


def _tiers(view: View, groups: Sequence[_Group]) -> Table:
    words = view.words
    columns = [
        view.column("tier", "tier"),
        *(view.column(key, "n") for key in ("matches", "posts", "channels", "cases")),
    ]
    columns.append(view.column("meaning"))
    rows: list[tuple[Text, ...]] = [
        (
            labels.tier(words, group.tier)[0],
            words.number(len(group.lines)),
            words.number(len({line.post for line in group.lines})),
            words.number(len({line.channel for line in group.lines})),
            words.people(len({line.match.case for line in group.lines})),
            labels.tier(words, group.tier)[1],
        )
        for group in groups
    ]
    return table("tiers", words.say("caption_tiers"), columns, rows)


def _folded(view: View, number: int, group: _Group) -> Folded:
    words = view.words
    ordered = sorted(group.lines, key=lambda m: (-m.match.confidence, m.channel, m.post, m.attachment))
    name = labels.tier(words, group.tier)[0]
    columns = [view.column("post", "id"), view.column("channel", "id"), view.column("attachment", "n")]
    columns += [view.column("orientation"), view.column("confidence", "n"), view.column("why")]
    rows = [_row(view, line) for line in ordered]
    caption = words.say("caption_tier", tier=name)
    summary = words.say("matches_tier", tier=name, matches=words.say("count_matches", n=len(ordered)))
    return Folded(summary, (table(f"matches-{number}", caption, columns, rows, "matches.ndjson", wide=True),))


def _row(view: View, line: MatchLine) -> tuple[Text, ...]:
    words, match = view.words, line.match
    return (
        line.post,
        line.channel,
        words.number(line.attachment),
        labels.orientation(words, match),
        words.percent(match.confidence),
        labels.note(words, match.why),
    )
