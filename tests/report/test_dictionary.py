"""The dictionary: every file and every column that is written stands in it, and nothing else does."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from report.examples import contents, match, realistic
from report.tree import read
from tutela.measures import Observer, evidence
from tutela.model import Tier
from tutela.report import query, write_observations, write_report
from tutela.report.catalogue import LANGUAGES, catalogue
from tutela.report.data import MEASURE_HEADER, SKIPPED_HEADER
from tutela.report.sections.dictionary import EVIDENCE, MATCH, MEASURE, OBSERVED, REPORT, SKIPPED, meaning
from tutela.report.sections.view import View

NOTHING = Observer().finish()


def test_the_columns_of_the_evidence_are_described() -> None:
    assert {name: tuple(columns) for name, columns in EVIDENCE.items()} == {
        name: table.header for name, table in evidence(NOTHING).items()
    }


def test_the_columns_of_the_measures_are_described() -> None:
    assert (tuple(MEASURE), tuple(SKIPPED)) == (MEASURE_HEADER, SKIPPED_HEADER)


def test_the_columns_of_the_observations_are_described(tmp_path: Path) -> None:
    written = {Path(name).stem for name in write_observations(tmp_path, NOTHING, evidence(NOTHING))}
    described = {**EVIDENCE, **OBSERVED}
    assert written == set(described)
    for name, columns in described.items():
        assert query(tmp_path, f"SELECT * FROM {name}").columns == tuple(columns), name


def test_the_keys_of_the_matches_are_described(tmp_path: Path) -> None:
    write_report(tmp_path, contents(matches=[match(tier) for tier in Tier]))
    for line in (tmp_path / "matches.ndjson").read_text("utf-8").splitlines():
        assert set(json.loads(line)) == set(MATCH)


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Paths of the keys of objects, also of those in lists; what depends on the data (reasons, tiers) has no keys."""
    if isinstance(value, list):
        for each in value:
            yield from keys(each, path)
    elif isinstance(value, dict) and path not in ("sources.refused", "matches.by_tier"):
        for key, inside in value.items():
            there = f"{path}.{key}" if path else key
            yield there
            yield from keys(inside, there)


def test_the_keys_of_the_report_are_described(tmp_path: Path) -> None:
    write_report(tmp_path, realistic())
    assert set(keys(json.loads((tmp_path / "report.json").read_text("utf-8")))) == set(REPORT)


def test_every_file_is_listed_with_its_rows(tmp_path: Path) -> None:
    said = realistic()
    written = {
        *write_report(tmp_path, said),
        *write_observations(tmp_path, NOTHING, evidence(NOTHING)),
        "custody.ndjson",
        "observations/openings.ndjson",
    }
    page = read((tmp_path / "report.html").read_text("utf-8"))
    table = next(node for node in page.all("table") if node.one("caption").text.startswith("The files"))
    rows = [[cell.text for cell in row.all("th", "td")] for row in table.one("tbody").all("tr")]
    assert [name for name, _, _ in rows if name not in written] == []
    assert written - {name for name, _, _ in rows} == set()
    for name, count, holds in rows:
        assert holds
        if name.endswith(".csv"):
            with (tmp_path / name).open(newline="", encoding="utf-8") as file:
                assert count == str(len(list(csv.reader(file))) - 1), name


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_column_has_a_meaning_and_a_kind_of_value(code: str) -> None:
    view = View(contents(lang=code))
    tables = {"report": REPORT, "match": MATCH, "measure": MEASURE, "skipped": SKIPPED, **EVIDENCE, **OBSERVED}
    for name, columns in tables.items():
        for column, kind in columns.items():
            assert view.words.has(meaning(view, name, column)), (name, column)
            assert view.words.has(f"kind_{kind}"), kind


def test_no_meaning_is_left_over() -> None:
    view = View(contents())
    tables = {"report": REPORT, "match": MATCH, "measure": MEASURE, "skipped": SKIPPED, **EVIDENCE, **OBSERVED}
    used = {meaning(view, name, column) for name, columns in tables.items() for column in columns}
    assert {key for key in catalogue("en") if key.startswith("column_")} - used == set()
