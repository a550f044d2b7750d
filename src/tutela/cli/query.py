"""``tutela query``."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.paths import PATH
from tutela.cli.settings import TEXT, Settings, shared_options

if TYPE_CHECKING:
    from tutela.report import Answer


@click.command("query")
@click.argument("sql", type=TEXT)
@click.option("--out", default="demo-report", show_default=True, type=PATH, help="Folder of the report.")
@shared_options
def command(settings: Settings, sql: str, out: Path) -> None:
    """Ask a question in SQL over what a scan observed: one SELECT, read-only."""
    from tutela.report import query

    answer = query(out, sql)
    click.echo(_lines(answer) if settings.json else _table(answer), nl=False)


def _lines(answer: "Answer") -> str:
    from tutela.report import ReportError

    if len(set(answer.columns)) < len(answer.columns):
        raise ReportError(
            "two columns have the same name", where="the query", remedy="Name the columns apart: SELECT 1 AS a, 2 AS b"
        )
    rows = (_said(dict(zip(answer.columns, row, strict=True))) for row in answer.rows)
    return "".join(json.dumps(row, ensure_ascii=False, default=_text) + "\n" for row in rows)


def _said(value: object) -> object:
    """The value as JSON can say it, also within lists and maps: null for what is no number, keys as text."""
    from tutela.report.wording import finite

    match value:
        case float():
            return finite(value)
        case list() | tuple():
            return [_said(each) for each in value]
        case dict():
            return {_text(key): _said(each) for key, each in value.items()}
    return value


def _table(answer: "Answer") -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(answer.columns)
    table.writerows(answer.rows)
    return text.getvalue()


def _text(value: object) -> str:
    from datetime import date

    return value.isoformat() if isinstance(value, date) else str(value)
