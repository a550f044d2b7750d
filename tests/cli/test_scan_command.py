"""``tutela scan`` and ``tutela custody``, from the outside."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cli.conftest import Tutela
from drawings import picture
from waiting import until


@pytest.fixture
def album(tmp_path: Path) -> Path:
    for number in range(6):
        picture(tmp_path / "album" / f"{number}.jpg", number)
    (tmp_path / "album" / "cut.jpg").write_bytes((tmp_path / "album" / "0.jpg").read_bytes()[:300])
    return tmp_path / "album"


def test_a_scan_answers_its_counts_and_writes_the_report(tutela: Tutela, album: Path, tmp_path: Path) -> None:
    tutela("protect", album / "3.jpg", "--kind", "ordinary")
    ended = tutela("scan", album, "--out", tmp_path / "out", "--json")
    assert ended.status == 0
    assert ended.line == {
        "report": str(tmp_path / "out" / "report.html"),
        "measures": 20,
        "posts": 7,
        "attachments": 7,
        "matches": 1,
        "skipped": 1,
    }
    names = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"report.html", "report.json", "matches.ndjson", "custody.ndjson", "measures/channels.csv"} <= names
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["schema"] == "tutela.report/1"


def test_what_could_not_be_read_is_named_to_whoever_scans_and_nowhere_else(
    tutela: Tutela, album: Path, tmp_path: Path
) -> None:
    dump = tmp_path / "posts.ndjson"
    dump.write_text('{"type": "channel", "id": "one", "kind": "public_channel"}\nno JSON\n')
    ended = tutela("scan", album, dump, "--out", tmp_path / "out", "--strict")
    assert ended.status == 3
    assert f"not read: {album / 'cut.jpg'}: the picture is damaged" in ended.err
    assert f"not read: {dump}: line 2" in ended.err
    assert "2 items could not be read" in ended.err
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"cut.jpg" not in written


def test_of_very_much_that_could_not_be_read_the_first_hundred_are_named(tutela: Tutela, tmp_path: Path) -> None:
    dump = tmp_path / "posts.ndjson"
    dump.write_text('{"type": "channel", "id": "one", "kind": "public_channel"}\n' + "no JSON\n" * 150)
    ended = tutela("scan", dump, dump, "--out", tmp_path / "out")
    assert ended.err.count("not read: ") == 100
    assert "150 items could not be read" in ended.err


def test_the_output_verifies_and_any_change_shows(tutela: Tutela, album: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tutela("scan", album, "--out", out)
    ended = tutela("custody", "verify", out, "--json")
    assert (ended.status, ended.line["ok"], ended.line["problems"]) == (0, True, [])
    assert set(ended.line) >= {"ok", "events", "root", "problems"}
    key = ended.line["key"]
    assert tutela("custody", "verify", out, "--key", key).status == 0
    assert tutela("custody", "verify", out, "--key", "00" * 32).status == 1
    with (out / "report.html").open("a") as page:
        page.write(" ")
    ended = tutela("custody", "verify", out, "--json")
    assert (ended.status, ended.line["ok"]) == (1, False)
    assert ended.line["problems"][0]["where"] == "report.html"


def test_the_bank_opens_what_the_log_only_commits_to(tutela: Tutela, album: Path, tmp_path: Path) -> None:
    case = tutela("protect", album / "3.jpg", "--kind", "ordinary", "--json").line["case"]
    tutela("scan", album, "--out", tmp_path / "out")
    log = (tmp_path / "out" / "custody.ndjson").read_text()
    assert case not in log
    assert "album" not in log
    opened = {line["act"]: line["detail"] for line in tutela("custody", "open", tmp_path / "out", "--json").lines}
    assert opened["source.opened"]["path"] == str(album)
    assert opened["match.found"]["case"] == case
    other = f"sqlite:///{tmp_path / 'other.db'}"
    tutela("protect", album / "1.jpg", "--kind", "ordinary", "--bank", other)
    assert tutela("custody", "open", tmp_path / "out", "--json", "--bank", other).lines == []


def test_what_cannot_be_opened_is_told_with_its_place(tutela: Tutela, album: Path, tmp_path: Path) -> None:
    tutela("scan", album, "--out", tmp_path / "out")
    log = tmp_path / "out" / "custody.ndjson"
    lines = log.read_bytes().splitlines(keepends=True)
    torn = tmp_path / "torn.ndjson"
    torn.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    ended = tutela("custody", "open", torn, "--json")
    assert (ended.status, [line["act"] for line in ended.lines]) == (2, ["scan.started", "source.opened"])
    assert f"{torn}, line 3" in ended.err
    for nowhere in (tmp_path / "nowhere", album):
        ended = tutela("custody", "open", nowhere)
        assert (ended.status, "cannot be read" in ended.err) == (2, True)


def test_a_second_scan_reuses_what_has_not_changed_and_keeps_the_first_log(
    tutela: Tutela, album: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tutela("scan", album, "--out", out)
    first = (out / "custody.ndjson").read_bytes()
    picture(album / "new.jpg", 9)
    ended = tutela("scan", album, "--out", out)
    assert "7 known from an earlier scan" in ended.err
    assert (out / "earlier" / "custody-0001.ndjson").read_bytes() == first
    assert b'"act":"log.continued"' in (out / "custody.ndjson").read_bytes()
    assert tutela("custody", "verify", out).status == 0
    assert tutela("custody", "verify", out / "earlier" / "custody-0001.ndjson").status == 0


def test_somebody_else_s_files_are_never_written_over(tutela: Tutela, album: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    ended = tutela("scan", album, "--out", tmp_path / "mine")
    assert (ended.status, "thesis.txt" in ended.err) == (2, True)
    assert tutela("scan", album, "--out", album).status == 2
    assert tutela("scan", album, "--out", album / "report").status == 2
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def start(*arguments: object) -> subprocess.Popen[str]:
    # A shell starts background jobs deaf to Ctrl-C, and with them whatever tests they run.
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{hear}\nfrom tutela.cli.main import main; main()", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy())


def wait_for(log: Path) -> None:
    until(lambda: log.exists() and b"source.opened" in log.read_bytes(), 60)


def wait_for_memory(bank: Path) -> None:
    """Until the scan has remembered some of the pictures, however slow the machine."""
    with closing(sqlite3.connect(f"{bank.as_uri()}?mode=ro", uri=True)) as database:
        until(lambda: bool(database.execute("SELECT count(*) FROM memory").fetchone()[0]), 60)


@pytest.fixture
def long_album(tmp_path: Path) -> Path:
    """Enough pictures to be interrupted among them."""
    first = picture(tmp_path / "long" / "0000.jpg", 1)
    for number in range(1, 1500):
        os.link(first, tmp_path / "long" / f"{number:04}.jpg")
    return tmp_path / "long"


def shorten(album: Path) -> None:
    """Leaves the first of the pictures: the next run must go on, and need not take long."""
    for late in sorted(album.iterdir())[100:]:
        late.unlink()


def test_ctrl_c_ends_cleanly_and_the_next_run_goes_on(tutela: Tutela, long_album: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start("scan", long_album, "--out", out)
    wait_for(out / "custody.ndjson")
    wait_for_memory(tmp_path / "bank" / "bank.db")
    process.send_signal(signal.SIGINT)
    said, err = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
    assert "Traceback" not in err
    assert "interrupted" in err
    verified = tutela("custody", "verify", out, "--json")
    assert verified.status == 1
    assert "interrupted" in verified.line["problems"][-1]["what"]
    shorten(long_album)
    ended = tutela("scan", long_album, "--out", out)
    assert ended.status == 0
    assert "known from an earlier scan" in ended.err
    assert tutela("custody", "verify", out).status == 0


def test_killed_half_way_nothing_stands_in_the_way_of_the_next_run(
    tutela: Tutela, long_album: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start("scan", long_album, "--out", out)
    wait_for(out / "custody.ndjson")
    wait_for_memory(tmp_path / "bank" / "bank.db")
    process.kill()
    process.communicate(timeout=30)
    assert not (out / "report.html").exists()
    shorten(long_album)
    assert tutela("scan", long_album, "--out", out).status == 0
    assert tutela("custody", "verify", out).status == 0
