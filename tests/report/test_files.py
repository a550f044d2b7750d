"""The folder: which files, in which order, whole or not at all, and nothing of an earlier report among them."""

import csv
import io
import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from report.examples import contents, measure, realistic
from report.strategies import anything
from report.tree import read
from tutela.report import Contents, ReportError, write_report

OLD = contents([measure("messages"), measure("old")], title="Old")
NEW = contents([measure("messages"), measure("new")], title="New")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_names_come_back_in_a_fixed_order(tmp_path: Path) -> None:
    written = write_report(tmp_path, contents([measure("messages"), measure("channels")]))
    tables = ("measures/channels.csv", "measures/messages.csv", "measures/skipped.csv")
    assert written == ("report.html", "report.json", "matches.ndjson", *tables)
    assert sorted(files(tmp_path)) == sorted(written)


def test_the_folder_is_made_where_it_is_missing(tmp_path: Path) -> None:
    write_report(tmp_path / "a" / "b", contents())
    assert (tmp_path / "a" / "b" / "report.html").is_file()


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    write_report(tmp_path / "one", realistic())
    write_report(tmp_path / "two", realistic())
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_what_an_earlier_report_left_is_replaced_or_removed(tmp_path: Path) -> None:
    """Tables that were cut off when an earlier run was killed, too."""
    write_report(tmp_path, OLD)
    old = (tmp_path / "measures/old.csv").read_bytes()
    (tmp_path / "measures/gone.csv.part").write_bytes(old[:7])
    (tmp_path / "measures/messages.csv.part").write_bytes(b"half")
    (tmp_path / "report.html.part").write_bytes(b"half")
    written = write_report(tmp_path, NEW)
    assert sorted(files(tmp_path)) == sorted(written)
    write_report(tmp_path / "fresh", NEW)
    assert {name: files(tmp_path)[name] for name in written} == files(tmp_path / "fresh")


def test_a_strangers_files_stay(tmp_path: Path) -> None:
    (tmp_path / "measures" / "folder.csv").mkdir(parents=True)
    strangers = {"measures/mine.csv": b"a,b\n1,2\n", "measures/notes.txt": b"by,key", "measures/x.csv.part": b"PK\x03"}
    for name, content in strangers.items():
        (tmp_path / name).write_bytes(content)
    write_report(tmp_path, NEW)
    assert strangers.items() <= files(tmp_path).items()


def test_a_link_that_waits_under_the_passing_name_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html.part").symlink_to(target)
    write_report(tmp_path / "out", NEW)
    assert target.read_bytes() == b"precious"


class Calls:
    """Counts the calls that make a file whole and fails one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, fail_at: int = -1) -> None:
        self.count = 0
        self.fail_at = fail_at
        patch.setattr(os, "fsync", self.watched(os.fsync))
        patch.setattr(Path, "replace", self.watched(Path.replace))

    def watched(self, really: Any) -> Any:
        def call(*given: Any) -> Any:
            self.count += 1
            if self.count - 1 == self.fail_at:
                raise OSError(28, "No space left on device")
            return really(*given)

        return call


def test_whichever_call_fails_every_file_is_the_old_one_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the page is the last to change, so that it never speaks of figures that are not there."""
    write_report(tmp_path / "old", OLD)
    with monkeypatch.context() as patch:
        calls = Calls(patch)
        write_report(tmp_path / "new", NEW)
    assert calls.count == 2 * 6
    old, new = files(tmp_path / "old"), files(tmp_path / "new")
    for fail_at in range(calls.count):
        out = tmp_path / f"failed-{fail_at}"
        write_report(out, OLD)
        with monkeypatch.context() as patch, pytest.raises(ReportError, match="No space left on device"):
            Calls(patch, fail_at)
            write_report(out, NEW)
        left = files(out)
        assert all(content in (old.get(name), new.get(name)) for name, content in left.items())
        assert left["report.html"] == old["report.html"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ReportError, match=r"cannot be written.*choose another folder") as caught:
        write_report(tmp_path / "file", contents())
    assert caught.value.where == str(tmp_path / "file")


def test_a_folder_in_the_place_of_a_file_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ReportError):
        write_report(tmp_path, contents())


@pytest.mark.parametrize(
    "name", ["", "../up", "a/b", "/etc", "A", "1st", "a.b", "a b", "a\n", "é", "a" * 65, "skipped", "con:"]
)
def test_a_measure_that_can_name_no_file_is_refused(tmp_path: Path, name: str) -> None:
    """Before anything is written."""
    with pytest.raises(ReportError, match="cannot be a file name"):
        write_report(tmp_path / "out", contents([measure(name)]))
    assert not (tmp_path / "out").exists()


def test_two_measures_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="two measures have one name"):
        write_report(tmp_path / "out", contents([measure("messages"), measure("messages")]))
    assert not (tmp_path / "out").exists()


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no time zone"):
        write_report(tmp_path / "out", contents(generated=datetime(2026, 1, 1)))  # noqa: DTZ001
    assert not (tmp_path / "out").exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_any_contents_give_files_that_their_readers_accept(
    tmp_path_factory: pytest.TempPathFactory, drawn: Contents
) -> None:
    """Whatever the texts and numbers: JSON without NaN, one line a match, even tables, a page whose tags nest."""
    out = tmp_path_factory.mktemp("any")
    written = write_report(out, drawn)
    assert sorted(files(out)) == sorted(written)
    report = json.loads((out / "report.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert [said["name"] for said in report["measures"]] == [said.name for said in drawn.measures]
    lines = (out / "matches.ndjson").read_text("utf-8").split("\n")
    assert len([json.loads(line) for line in lines[:-1]]) == len(drawn.matches)
    for table in (out / "measures").iterdir():
        rows = list(csv.reader(io.StringIO(table.read_bytes().decode(), newline=""), strict=True))
        assert len({len(row) for row in rows}) == 1
        assert not [
            cell for row in rows for cell in row if cell.lstrip().startswith(tuple("=+-@")) and not number(cell)
        ]
    page = read((out / "report.html").read_text("utf-8"))
    assert not list(page.all("script", "img", "iframe", "object", "embed", "form", "link", "base"))
    assert not [name for node in page.all() for name in node.attributes if name.startswith("on")]


def number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_report_with_every_list_empty_can_be_written(tmp_path: Path) -> None:
    write_report(tmp_path, replace(contents(), title=""))
    assert (tmp_path / "matches.ndjson").read_bytes() == b""
