"""Writing a report: each file whole or not at all, and nothing of an earlier run left to mislead."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tutela.model import Measure, Part
from tutela.report.contents import Contents
from tutela.report.data import MEASURE_HEADER, matches_ndjson, measure_csv, report_json, skipped_csv, table_csv
from tutela.report.errors import ReportError
from tutela.report.page import report_html
from tutela.report.wording import finite

_SKIPPED = "skipped"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def write_report(out: Path, contents: Contents) -> tuple[str, ...]:
    """Write the report into the folder `out` and return the names written, relative to it.

    The order is always the same: `report.html`, `report.json`, `matches.ndjson`, then `evidence/*.csv` and
    `measures/*.csv` by name. Each file is complete before it takes its name; the page comes last, so that it never
    speaks of figures that are not there yet. Tables of an earlier report whose measures this one lacks are removed;
    other files stay.

    Raises `ReportError` when a measure's name cannot be a file name or stands twice, when a time has no zone, or when
    the folder cannot be written.
    """
    contents = replace(contents, measures=tuple(_finite(measure) for measure in contents.measures))
    files: dict[str, _Text] = {
        "report.html": partial(str, report_html(contents)),
        "report.json": partial(str, report_json(contents)),
        "matches.ndjson": partial(matches_ndjson, contents.matches),
        **dict(sorted(_tables(contents).items())),
    }
    try:
        _write_all(out, files)
    except OSError as error:
        remedy = "free space there or choose another folder"
        raise ReportError(f"the report cannot be written ({error.strerror})", where=str(out), remedy=remedy) from error
    return tuple(files)


_Text = Callable[[], str]
"""A file's text, made when it is written: those of a large investigation need not be there all at once."""


def _tables(contents: Contents) -> dict[str, _Text]:
    _check_names([measure.name for measure in contents.measures])
    tables: dict[str, _Text] = {
        f"measures/{measure.name}.csv": partial(measure_csv, measure) for measure in contents.measures
    }
    tables[f"measures/{_SKIPPED}.csv"] = partial(skipped_csv, contents.skipped)
    return tables | {f"evidence/{name}.csv": partial(table_csv, table) for name, table in contents.evidence.items()}


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name) or name == _SKIPPED:
            remedy = f"use lower-case letters, digits and _, and not {_SKIPPED!r}"
            raise ReportError("a measure's name cannot be a file name", where=repr(name), remedy=remedy)
        if names.count(name) > 1:
            raise ReportError("two measures have one name", where=repr(name), remedy="rename one of them")


def _finite(measure: Measure) -> Measure:
    """JSON and readers know no NaN and no infinity: either is unknown."""
    return replace(
        measure,
        value=finite(measure.value),
        low=finite(measure.low),
        high=finite(measure.high),
        completeness=finite(measure.completeness),
        parts=tuple(_finite_part(part) for part in measure.parts),
    )


def _finite_part(part: Part) -> Part:
    return replace(part, value=finite(part.value))


def _write_all(out: Path, files: Mapping[str, _Text]) -> None:
    for name, text in reversed(list(files.items())):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        _write(out / name, text())
    for path in (out / "measures").iterdir():
        if f"measures/{path.name}" not in files and _is_stale(path):
            path.unlink()


def _is_stale(path: Path) -> bool:
    """Whether this is a table of an earlier report, whole or cut off; a stranger's table starts otherwise."""
    if not path.name.endswith((".csv", ".csv.part")) or not path.is_file():
        return False
    header = ",".join(MEASURE_HEADER).encode()
    with path.open("rb") as file:
        return header.startswith(file.read(len(header)))


def _write(path: Path, text: str) -> None:
    """Through a neighbouring name, so that a reader meets the old file or the new one and never a half of either."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
