"""What is in the folder: every file, every column, with its meaning and its kind of value."""

from collections.abc import Iterator

from tutela.report import labels
from tutela.report.blocks import Block, File, Folded, Paragraph, Section, Text, table
from tutela.report.notes import joined
from tutela.report.sections.view import View

_WHERE = {"channel": "pseudonym", "post": "pseudonym"}
_SPAN = {"start": "position", "end": "position"}

EVIDENCE = {
    "offers": _WHERE
    | {"origin": "word", "amount": "number", "currency": "word", "bound": "word", "quantity": "number", "unit": "word"}
    | {"days": "days"}
    | _SPAN,
    "payments": _WHERE | {"amount": "number", "currency": "word"},
    "reward_rules": _WHERE | {"deed": "word", "count": "count", "reward": "number", "unit": "word"} | _SPAN,
    "counters": _WHERE | {"count": "count"},
    "promotion_edges": _WHERE | {"kind": "word", "target": "pseudonym", "observed": "yes_no"},
    "polls": _WHERE
    | {"option": "count", "voters": "count", "total": "count", "multiple": "yes_no", "closed": "yes_no"},
    "minor_signals": _WHERE | {"sign": "word"} | _SPAN,
}
"""Columns of `evidence/NAME.csv` and of `observations/NAME.parquet`, with the kind of value in each."""

OBSERVED = {
    "channels": {"channel": "pseudonym", "kind": "word"},
    "readings": {"channel": "pseudonym", "time": "time", "members": "count", "state": "word"},
    "posts": _WHERE
    | {"time": "time", "zoned": "boolean", "kind": "word", "forwarded": "boolean", "author": "pseudonym"},
    "images": _WHERE | {"kind": "word", "hashed": "boolean", "quality": "number", "skipped": "word"},
    "acts": _WHERE | {"person": "pseudonym", "role": "word"},
    "languages": {"channel": "pseudonym", "language": "word", "texts": "count", "every": "count"},
}
"""Columns of the tables that stand in `observations/NAME.parquet` alone."""

MEASURE = {
    "by": "word", "key": "word", "value": "number", "low": "number", "high": "number", "unit": "text",
    "window_start": "time", "window_end": "time", "completeness": "share", "note": "text", "definition": "text",
}  # fmt: skip
"""Columns of `measures/NAME.csv`."""

SKIPPED = {"code": "word", "reason": "text", "count": "count"}

MATCH = {
    "channel": "pseudonym", "post": "pseudonym", "attachment": "count", "case": "word", "protection": "word",
    "tier": "word", "transform": "object", "distance": "bits", "inliers": "count", "confidence": "share",
    "copied": "boxes", "altered": "boxes", "why": "text",
}  # fmt: skip
"""Keys of each line of `matches.ndjson`."""

REPORT = {
    "schema": "word", "generated": "time", "version": "text", "title": "text", "lang": "word", "cases": "count",
    "sources": "list", "sources.label": "text", "sources.kind": "word", "sources.posts": "count",
    "sources.images": "count", "sources.repairs": "count", "sources.damaged": "count", "sources.refused": "object",
    "measures": "list", "measures.name": "word", "measures.value": "number", "measures.low": "number",
    "measures.high": "number", "measures.unit": "text", "measures.definition": "text", "measures.window": "object",
    "measures.window.start": "time", "measures.window.end": "time", "measures.completeness": "share",
    "measures.parts": "list", "measures.parts.by": "word", "measures.parts.key": "word",
    "measures.parts.value": "number", "measures.parts.note": "text", "measures.note": "text",
    "matches": "object", "matches.total": "count", "matches.by_tier": "object", "skipped": "list",
    "skipped.code": "word", "skipped.reason": "text", "skipped.count": "count",
}  # fmt: skip
"""Keys of `report.json`, those of objects in lists after a dot."""


def dictionary(view: View) -> Section:
    """The files of this folder with their rows, then the columns of each."""
    words = view.words
    columns = [view.column("file", "id"), view.column("rows", "n"), view.column("holds")]
    files = table("files", words.say("caption_files"), columns, list(_files(view)))
    blocks: list[Block] = [Paragraph(words.say("dictionary_about")), files]
    blocks += [_columns(view, i, names, name, columns) for i, (names, name, columns) in enumerate(_tables(view), 1)]
    return Section("dictionary", words.say("title_dictionary"), tuple(blocks))


def _files(view: View) -> Iterator[tuple[Text, ...]]:
    words, contents = view.words, view.contents
    for name, rows in (("report.html", None), ("report.json", None), ("matches.ndjson", len(contents.matches))):
        yield File(name), "" if rows is None else words.number(rows), words.say(f"file_{name.replace('.', '_')}")
    for measure in sorted(contents.measures, key=lambda each: each.name):
        holds = joined(labels.label(words, measure.name), f": {words.say('file_measure')}")
        yield File(f"measures/{measure.name}.csv"), words.number(1 + len(measure.parts)), holds
    yield File("measures/skipped.csv"), words.number(len(contents.skipped)), words.say("file_skipped")
    for name, held in sorted(contents.evidence.items()):
        yield File(f"evidence/{name}.csv"), words.number(len(held.rows)), _holds(view, name)
    for name in (*OBSERVED, *EVIDENCE):
        yield f"observations/{name}.parquet", "", _holds(view, name)
    yield "observations/openings.ndjson", "", words.say("file_openings")
    yield "custody.ndjson", "", words.say("file_custody")


def _holds(view: View, name: str) -> Text:
    key = f"file_observations_{name}" if name in OBSERVED else f"file_evidence_{name}"
    return view.words.say(key) if view.words.has(key) else ""


def _tables(view: View) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What a table of columns is called, by which name its columns are looked up, and the columns."""
    yield "report.json", "report", REPORT
    yield "matches.ndjson", "match", MATCH
    yield "measures/*.csv", "measure", MEASURE
    yield "measures/skipped.csv", "skipped", SKIPPED
    for name, columns in EVIDENCE.items():
        yield f"evidence/{name}.csv, observations/{name}.parquet", name, columns
    for name, columns in OBSERVED.items():
        yield f"observations/{name}.parquet", name, columns


def _columns(view: View, number: int, names: str, name: str, columns: dict[str, str]) -> Folded:
    words = view.words
    heads = (view.column("column", "id"), view.column("kind_of_value"), view.column("meaning"))
    rows: list[tuple[Text, ...]] = [
        (column, words.say(f"kind_{kind}"), words.say(meaning(view, name, column))) for column, kind in columns.items()
    ]
    caption = words.say("caption_columns", file=names)
    return Folded(names, (table(f"columns-{number}", caption, heads, rows),))


def meaning(view: View, name: str, column: str) -> str:
    """The key of what a column means: its own in that table, else that of all columns of its name."""
    own = f"column_{name}_{column.replace('.', '_')}"
    return own if view.words.has(own) else f"column_{column.rpartition('.')[2]}"
