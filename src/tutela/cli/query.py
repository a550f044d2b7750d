"""``tutela query``."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.paths import PATH
from tutela.cli.settings import Settings, shared_options

if TYPE_CHECKING:
    from tutela.report import Answer


@click.command("query")
@click.argument("sql")
@click.option("--out", default="demo-report", show_default=True, type=PATH, help="Folder of the report.")
@shared_options
def command(settings: Settings, sql: str, out: Path) -> None:
    """Ask a question in SQL over what a scan observed: one SELECT, read-only."""
    from tutela.report import query

    answer = query(out, sql)
    click.echo(_lines(answer) if settings.json else _table(answer), nl=False)


def _lines(answer: "Answer") -> str:
    rows = (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
    return "".join(json.dumps(row, ensure_ascii=False, default=_text) + "\n" for row in rows)


def _table(answer: "Answer") -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(answer.columns)
    table.writerows(answer.rows)
    return text.getvalue()


def _text(value: object) -> str:
    from datetime import date

    return value.isoformat() if isinstance(value, date) else str(value)
