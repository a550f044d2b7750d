"""The report for programs: JSON, NDJSON and CSV, as text. Pure functions."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from tutela.matching.fields import match_fields
from tutela.measures import SMALLEST, Table
from tutela.model import Measure, Part, Tier, Window
from tutela.report.contents import Contents, MatchLine, SkippedLine, SourceLine
from tutela.report.labels import RATIOS, SHARES
from tutela.report.wording import clean, instant

SCHEMA = "tutela.report/1"

MEASURE_HEADER = (
    "by", "key", "value", "low", "high", "unit", "window_start", "window_end", "completeness", "note", "definition",
)  # fmt: skip
SKIPPED_HEADER = ("code", "reason", "count")

_UNITS = {
    ("messages", "post_kind"): "posts", ("growth", "month"): "images", ("growth", "month-cumulative"): "images",
    ("growth", "trend"): "% more images each week", ("languages", "language"): "messages with text",
    ("polls", "poll"): "voters", ("reward_rules", "counter"): "buttons", ("promotion_edges", "edge"): "times seen",
    ("communities", "channel"): "", ("minor_signals", "sign"): "signs",
}  # fmt: skip
"""Units of parts, by measure and breakdown, that are not counted in the unit of their measure."""

_PLAIN = re.compile(r"(?:[A-Za-z][0-9A-Za-z_-]*\n)*").fullmatch
"""Lines of a word or a pseudonym each: nearly every cell of a table that has a row for each message."""

_TOGETHER = 1024  # rows that are looked at together

_FORMULA = tuple("=+-@＝＋－＠")

Cell = str | int | float | None


def report_json(contents: Contents) -> str:
    """The whole report but its match lines, as one JSON object (schema `tutela.report/1`)."""
    tiers = Counter(line.match.tier for line in contents.matches)
    report = {
        "schema": SCHEMA,
        "generated": instant(contents.generated),
        "version": contents.version,
        "title": contents.title,
        "lang": contents.lang,
        "cases": contents.cases if contents.cases == 0 or contents.cases >= SMALLEST else None,
        "sources": [_source(line) for line in contents.sources],
        "measures": [_measure(measure) for measure in contents.measures],
        "matches": {"total": len(contents.matches), "by_tier": {tier.value: tiers[tier] for tier in Tier}},
        "skipped": [_skipped(line) for line in contents.skipped],
    }
    return _dump(report, indent=2) + "\n"


def matches_ndjson(matches: Iterable[MatchLine]) -> str:
    """One JSON object a line, one line a match, in the order given."""
    return "".join(_dump(_match(line)) + "\n" for line in matches)


def measure_csv(measure: Measure) -> str:
    """A row for the figure itself (`by` and `key` empty), then one for each part. Unknown is an empty cell."""
    start, end = _ends(measure.window)
    figure = (
        "", "", measure.value, measure.low, measure.high, measure.unit,
        start, end, measure.completeness, measure.note, measure.definition,
    )  # fmt: skip
    return _csv(MEASURE_HEADER, [figure, *(_part_row(part, _part_unit(measure, part)) for part in measure.parts)])


def skipped_csv(skipped: Iterable[SkippedLine]) -> str:
    """A row for each reason why items have no fingerprint."""
    return _csv(SKIPPED_HEADER, [(line.code.value, line.reason, line.count) for line in skipped])


def table_csv(table: Table) -> str:
    """The table as it is."""
    return _csv(table.header, table.rows)


def _part_unit(measure: Measure, part: Part) -> str:
    """What the value of a part is; empty where it only has an order."""
    kind = (measure.name, part.by)
    if part.key.endswith("median days"):
        return "days"
    if kind in SHARES:
        return "share (0 to 1)"
    if kind in RATIOS:
        return "ratio"
    return part.key if kind == ("payments_floor", "currency") else _UNITS.get(kind, measure.unit)


def _part_row(part: Part, unit: str) -> tuple[Cell, ...]:
    return (part.by, part.key, part.value, None, None, unit, None, None, None, part.note, None)


def _source(line: SourceLine) -> dict[str, object]:
    return {
        "label": line.label,
        "kind": line.kind,
        "posts": line.posts,
        "images": line.images,
        "repairs": line.repairs,
        "damaged": line.damaged,
        "refused": dict(line.refused),
    }


def _measure(measure: Measure) -> dict[str, object]:
    start, end = _ends(measure.window)
    return {
        "name": measure.name,
        "value": measure.value,
        "low": measure.low,
        "high": measure.high,
        "unit": measure.unit,
        "definition": measure.definition,
        "window": {"start": start, "end": end} if measure.window else None,
        "completeness": measure.completeness,
        "parts": [{"by": p.by, "key": p.key, "value": p.value, "note": p.note} for p in measure.parts],
        "note": measure.note,
    }


def _ends(window: Window | None) -> tuple[str | None, str | None]:
    return (instant(window.start), instant(window.end)) if window else (None, None)


def _match(line: MatchLine) -> dict[str, object]:
    seen = {"channel": line.channel, "post": line.post, "attachment": line.attachment}
    return {**seen, **match_fields(line.match)}


def _skipped(line: SkippedLine) -> dict[str, object]:
    return {"code": line.code.value, "reason": line.reason, "count": line.count}


def _dump(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=indent)


def _csv(header: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(header)
    left = iter(rows)
    while some := list(islice(left, _TOGETHER)):
        table.writerows(some if _are_plain(some) else [[_defused(cell) for cell in row] for row in some])
    return text.getvalue()


def _are_plain(rows: Iterable[tuple[Cell, ...]]) -> bool:
    """Whether no text in these rows needs a closer look."""
    texts = [cell for row in rows for cell in row if isinstance(cell, str)]
    lines = "".join([f"{text}\n" for text in texts])
    return lines.count("\n") == len(texts) and _PLAIN(lines) is not None


def _defused(cell: Cell) -> Cell:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    text = clean(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
