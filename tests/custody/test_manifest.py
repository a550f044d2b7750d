"""The files that a log answers for: what became of them afterwards is found, and no name leads elsewhere."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custody.conftest import event, joined, plain, seal, ticking
from tutela.custody import (
    LOG_NAME,
    CustodyError,
    CustodyLog,
    Event,
    Signer,
    add_manifest,
    commit_manifest,
    parse_line,
    verify,
    verify_opening,
)

FILES = {"report.html": b"<!doctype html>", "measures/channels.csv": b"by,key\r\n", "empty": b""}
MISSING = "missing: the log says that this file was written"
CHANGED = "changed: the file is not what the log says was written"
ADDED = "added: the log does not know this file"
LINK = "cannot be read (a link, and links are not followed)"
NO_FILE = "cannot be read (not a regular file)"
CLOSED = "cannot be compared: the log only commits to it, and what opens that is not here"
OPENINGS = "secret/openings"


def found(folder: Path) -> list[tuple[str, str]]:
    return [(problem.where, problem.what) for problem in verify(folder).problems]


@pytest.fixture
def folder(tmp_path: Path, signer: Signer) -> Path:
    """An output folder with its closed log."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with CustodyLog.create(tmp_path / LOG_NAME, signer, now=ticking().__next__) as log:
        log.record("scan.opened")
        add_manifest(log, tmp_path, list(FILES))
    return tmp_path


def test_an_untouched_folder_verifies(folder: Path, signer: Signer) -> None:
    verification = verify(folder, public_key=signer.public_key)
    assert (verification.ok, verification.events) == (True, 4)


def test_the_log_says_name_size_and_hash(folder: Path) -> None:
    entry = parse_line((folder / LOG_NAME).read_bytes().splitlines()[1])
    assert isinstance(entry, Event)
    content = FILES["report.html"]
    facts = {"name": "report.html", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert (entry.act, entry.facts) == ("output.written", facts)


def test_the_log_alone_says_nothing_about_its_files(folder: Path) -> None:
    (folder / "report.html").unlink()
    assert verify(folder / LOG_NAME).ok
    assert not verify(folder).ok


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_grew_is_found(folder: Path, name: str) -> None:
    (folder / name).write_bytes(FILES[name] + b"x")
    assert found(folder) == [(name, CHANGED)]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert found(folder) == [(name, MISSING)]


def test_every_changed_byte_of_a_file_is_found(folder: Path) -> None:
    content = FILES["report.html"]
    for at in range(len(content)):
        (folder / "report.html").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert found(folder) == [("report.html", CHANGED)]


def test_two_files_that_changed_places_are_found(folder: Path) -> None:
    (folder / "empty").write_bytes(FILES["report.html"])
    (folder / "report.html").write_bytes(b"")
    assert found(folder) == [("report.html", CHANGED), ("empty", CHANGED)]


def linked(path: Path) -> None:
    path.rename(path.parent.parent / "kept")
    path.symlink_to(path.parent.parent / "kept")


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folded(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(("put", "what"), [(linked, LINK), (piped, NO_FILE), (folded, NO_FILE)])
def test_nothing_may_stand_in_for_a_file(folder: Path, put: Callable[[Path], None], what: str) -> None:
    """Not even a link to a file with the very same content, and a pipe does not hold the verifier up."""
    put(folder / "measures/channels.csv")
    assert found(folder)[0] == ("measures/channels.csv", what)


def test_a_link_in_the_place_of_a_folder_is_not_followed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "measures"
    shutil.move(folder / "measures", elsewhere)
    (folder / "measures").symlink_to(elsewhere)
    assert ("measures/channels.csv", LINK) in found(folder)
    assert ("measures", ADDED) in found(folder)


def test_a_link_in_the_place_of_the_log_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / LOG_NAME
    (folder / LOG_NAME).rename(elsewhere)
    (folder / LOG_NAME).symlink_to(elsewhere)
    assert found(folder)[0] == (LOG_NAME, LINK)


def test_the_folder_itself_may_be_reached_through_a_link(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The reader chose that path."""
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(folder)
    assert verify(link).ok


@pytest.mark.parametrize("name", ["more", "measures/more.csv", "new/deep/more", ".hidden", LOG_NAME + ".old", "\udcff"])
def test_a_file_that_the_log_does_not_know_is_found(folder: Path, name: str) -> None:
    """Someone would take it for part of the evidence."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"")
    assert found(folder) == [(name.replace("\udcff", "\ufffd"), ADDED)]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/"), lambda path: path.symlink_to("gone")])
def test_what_is_no_file_is_an_added_one_too(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "more")
    assert found(folder) == [("more", ADDED)]


def test_an_empty_folder_is_no_added_file(folder: Path) -> None:
    (folder / "nothing" / "inside").mkdir(parents=True)
    assert verify(folder).ok


def test_a_folder_without_a_log_is_a_problem(tmp_path: Path) -> None:
    assert found(tmp_path) == [(LOG_NAME, "cannot be read (No such file or directory)")]


def test_a_folder_too_deep_to_list_is_a_problem(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=descriptor)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    assert found(folder) == [("folder", "cannot be listed in full (File name too long)")]
    shutil.rmtree(folder / ("d" * 200))


def test_a_file_recorded_twice_counts_as_it_was_the_last_time(folder: Path, signer: Signer) -> None:
    (folder / LOG_NAME).unlink()
    with CustodyLog.create(folder / LOG_NAME, signer) as log:
        add_manifest(log, folder, list(FILES))
        (folder / "empty").write_bytes(b"no longer")
        add_manifest(log, folder, ["empty"])
    assert verify(folder).ok


HOSTILE = [
    "", ".", "..", "/etc/passwd", "//etc/passwd", "../secret", "measures/../../secret", "measures/./a", "a//b", "a/",
    "..\\secret", "a\x00b", "a\nb", "\x1b[2J", "a\u202eb", LOG_NAME,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_not_recorded(folder: Path, signer: Signer, name: str) -> None:
    path = folder / "second"
    with CustodyLog.create(path, signer) as log:
        with pytest.raises(CustodyError, match="plain relative name"):
            add_manifest(log, folder, [name])
        assert path.read_bytes() == b""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_in_a_signed_log_is_a_problem_and_not_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nothing but the log is opened, whatever the log says."""
    empty = {"size": 0, "sha256": hashlib.sha256().hexdigest()}
    line = plain(event(0, act="output.written", facts={"name": name, **empty}))
    (tmp_path / LOG_NAME).write_bytes(joined([line, seal([line])]))
    opened: list[object] = []
    really = os.open
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", lambda path, *rest, **more: opened.append(path) or really(path, *rest, **more))
        problems = found(tmp_path)
    assert opened == [tmp_path, LOG_NAME]
    assert len(problems) == 1
    assert "is no plain relative name of an output file" in problems[0][1]
    assert problems[0][1].isprintable()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"name": "a"},
        {"name": "a", "size": "1", "sha256": ""},
        {"name": 1, "size": 1, "sha256": ""},
        {"name": "a", "size": 1, "sha256": "", "more": 1},
    ],
)
def test_an_entry_of_another_shape_is_a_problem(tmp_path: Path, facts: dict[str, Any]) -> None:
    line = plain(event(0, act="output.written", facts=facts))
    (tmp_path / LOG_NAME).write_bytes(joined([line, seal([line])]))
    assert "is no proper entry of the manifest" in found(tmp_path)[0][1]


@pytest.mark.parametrize("size", [-1, 0, 1, 2**53 - 1])
def test_a_wrong_size_is_a_changed_file(tmp_path: Path, size: int) -> None:
    """With the hash of the content as it is."""
    (tmp_path / "a").write_bytes(b"12")
    said = {"name": "a", "size": size, "sha256": hashlib.sha256(b"12").hexdigest()}
    line = plain(event(0, act="output.written", facts=said))
    (tmp_path / LOG_NAME).write_bytes(joined([line, seal([line])]))
    assert found(tmp_path) == [("a", CHANGED)]


def test_a_file_that_was_blown_up_is_not_read_to_its_end(folder: Path) -> None:
    """Four terabytes of nothing take no time."""
    os.truncate(folder / "report.html", 2**42)
    assert found(folder) == [("report.html", CHANGED)]


@pytest.mark.parametrize("make", [lambda path: None, os.mkfifo, lambda path: path.symlink_to("report.html"), os.mkdir])
def test_only_a_file_can_be_recorded(folder: Path, signer: Signer, make: Callable[[Path], None]) -> None:
    make(folder / "other")
    with CustodyLog.create(folder / "second", signer) as log:
        with pytest.raises(CustodyError, match="cannot be read"):
            add_manifest(log, folder, ["report.html", "other", "empty"])
        assert (folder / "second").read_bytes().count(b"\n") == 1, "what stands before it is recorded, the rest is not"


names = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="/\\\x00"), min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)  # files on a busy machine
@given(st.dictionaries(names.filter(lambda name: name not in (".", "..", LOG_NAME)), st.binary(max_size=9), max_size=4))
def test_what_is_recorded_verifies_whatever_it_is_called(
    tmp_path_factory: pytest.TempPathFactory, signer: Signer, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("named")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with CustodyLog.create(folder / LOG_NAME, signer) as log:
        log.record("scan.opened")
        add_manifest(log, folder, list(files))
    assert found(folder) == []
    for name in files:
        (folder / name).write_bytes(files[name] + b"\x00")
    assert sorted(found(folder)) == sorted((name, CHANGED) for name in files)


SECRET = {"secret/readings": b"members: 7", "secret/matches": b"{}"}


@pytest.fixture
def partly(folder: Path, signer: Signer) -> Path:
    """The same folder with files that its log only commits to."""
    (folder / "secret").mkdir()
    for name, content in SECRET.items():
        (folder / name).write_bytes(content)
    (folder / LOG_NAME).unlink()
    with CustodyLog.create(folder / LOG_NAME, signer, now=ticking().__next__) as log:
        add_manifest(log, folder, list(FILES))
        commit_manifest(log, folder, list(SECRET), OPENINGS)
    return folder


def test_what_is_committed_to_verifies_and_its_changes_are_found(partly: Path) -> None:
    assert found(partly) == []
    (partly / "secret/readings").write_bytes(b"members: 8")
    (partly / "secret/matches").unlink()
    assert found(partly) == [("secret/readings", CHANGED), ("secret/matches", MISSING)]


def test_files_that_changed_places_do_not_pass_for_each_other(partly: Path) -> None:
    (partly / "secret/matches").write_bytes(SECRET["secret/readings"])
    (partly / "secret/readings").write_bytes(SECRET["secret/matches"])
    assert found(partly) == [("secret/readings", CHANGED), ("secret/matches", CHANGED)]


def test_a_committed_file_that_was_blown_up_is_not_read_to_its_end(partly: Path) -> None:
    os.truncate(partly / "secret/readings", 2**42)
    assert found(partly) == [("secret/readings", CHANGED)]


def test_without_what_opens_them_committed_files_cannot_be_compared(partly: Path) -> None:
    (partly / OPENINGS).unlink()
    assert found(partly) == [*((name, CLOSED) for name in SECRET), (OPENINGS, MISSING)]


def test_every_changed_byte_of_what_opens_them_is_found(partly: Path) -> None:
    content = (partly / OPENINGS).read_bytes()
    for at in range(0, len(content), 7):
        (partly / OPENINGS).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert (OPENINGS, CHANGED) in found(partly)


def test_the_log_says_of_them_what_nobody_can_guess_from(partly: Path) -> None:
    """Neither hash nor size, nor the size of what opens them."""
    log = (partly / LOG_NAME).read_bytes()
    for content in SECRET.values():
        assert hashlib.sha256(content).hexdigest().encode() not in log
    entries = [parse_line(line) for line in log.splitlines()[3:5]]
    assert [(entry.act, entry.facts) for entry in entries if isinstance(entry, Event)] == [
        ("output.committed", {"name": name}) for name in SECRET
    ]
    assert (partly / OPENINGS).stat().st_size == 512 * len(SECRET)


def test_a_stranger_verifies_a_file_from_its_documented_opening(partly: Path) -> None:
    lines = [json.loads(line) for line in (partly / OPENINGS).read_text().splitlines()]
    for line, (name, content) in zip(lines, SECRET.items(), strict=True):
        said = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert line["detail"] == said
        assert verify_opening(bytes.fromhex(line["commitment"]), bytes.fromhex(line["salt"]), plain(said))


def test_an_opening_of_another_file_opens_nothing(partly: Path, signer: Signer) -> None:
    """Not even where the signer swaps the two names."""
    lines = (partly / LOG_NAME).read_bytes().splitlines()
    first, second = (json.loads(line) for line in lines[3:5])
    first["facts"], second["facts"] = second["facts"], first["facts"]
    lines[3:5] = plain(first), plain(second)
    (partly / LOG_NAME).write_bytes(joined([*lines[:-1], seal(lines[:-1])]))
    assert found(partly) == [(name, CLOSED) for name in reversed(SECRET)]


@pytest.mark.parametrize(
    "line", [b"", b"\xff", b"[]", b"{}", b"[" * 99_999, b'{"commitment":"x","salt":"y","detail":{"name":"a"}}']
)
def test_hostile_openings_open_nothing(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "o").write_bytes(line + b"\n")
    said = {"name": "o", "size": len(line) + 1, "sha256": hashlib.sha256(line + b"\n").hexdigest()}
    events = [
        plain(event(0, act="output.committed", facts={"name": "a"}, commitment="00" * 32)),
        plain(event(1, act="openings.written", facts=said)),
    ]
    (tmp_path / LOG_NAME).write_bytes(joined([*events, seal(events)]))
    assert found(tmp_path) == [("a", CLOSED)]


@pytest.mark.parametrize(
    ("facts", "commitment"),
    [({"name": "a"}, None), ({}, "00" * 32), ({"name": "a", "size": 1}, "00" * 32), ({"name": "../a"}, "00" * 32)],
)
def test_a_committed_entry_of_another_shape_is_a_problem(
    tmp_path: Path, facts: dict[str, Any], commitment: str | None
) -> None:
    line = plain(event(0, act="output.committed", facts=facts, commitment=commitment))
    (tmp_path / LOG_NAME).write_bytes(joined([line, seal([line])]))
    assert len(found(tmp_path)) == 1
