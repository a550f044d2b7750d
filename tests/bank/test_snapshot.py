"""A bank opened from its snapshot is the one in its database, and no snapshot holds what the bank has given up."""

import errno
import logging
import os
import platform
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from bank.looks import PICTURES, eager, look
from databases import only_server
from samples import changed, fingerprint
from tutela.bank import AllowedId, Bank, replica
from tutela.index import HammingIndex, files
from tutela.matching import Matcher, cascade
from tutela.model import CaseRef, Fingerprint, Pin
from tutela.store import tables
from waiting import until


@pytest.fixture(autouse=True)
def _eager() -> Iterator[None]:
    with eager():
        yield


@pytest.fixture
def decrypted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Fingerprints that were read from the database."""
    read: list[bytes] = []
    decode = replica.decode_fingerprint

    def noted(data: bytes) -> Fingerprint:
        read.append(data)
        return decode(data)

    monkeypatch.setattr(replica, "decode_fingerprint", noted)
    return read


@pytest.fixture
def file(url: str) -> Path:
    """Where a bank's snapshot is, or would be; on a server that hangs on which bank it is, so one is made."""
    if url.startswith("sqlite"):
        return Path(f"{url.removeprefix('sqlite:///')}.index")
    with Bank.open(url, create=True) as bank:
        return bank._snapshot.path


def filled(url: str, pictures: int = PICTURES) -> tuple[CaseRef, Pin]:
    """A bank with one case, and its snapshot."""
    with Bank.open(url, create=True) as bank:
        given = bank.protect([fingerprint(n) for n in range(pictures)], kind="ordinary")
        bank.match(fingerprint(0))
    return given


def row(url: str) -> bool:
    """Whether the database has a key for the snapshot."""
    with Bank.open(url) as bank, bank._store.read() as connection:
        return bank._keys.has(connection, bank._snapshot.row)


def left(file: Path) -> list[Path]:
    """A snapshot and drafts of one."""
    return [path for path in file.parent.iterdir() if file.name in path.name]


def test_no_protection_is_decrypted_where_there_is_a_snapshot(url: str, file: Path, decrypted: list[bytes]) -> None:
    filled(url)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    decrypted.clear()
    found = look(url)
    assert [bool(matches) for matches in found] == [True] * 3 * PICTURES
    assert decrypted == []


def test_only_what_changed_since_is_decrypted(url: str, decrypted: list[bytes]) -> None:
    filled(url, pictures=40)
    with Bank.open(url) as bank:
        bank.protect([fingerprint(100), fingerprint(101)], kind="ordinary")
    decrypted.clear()
    assert all(look(url, range(100, 102)))
    assert len(decrypted) == 2


def test_nothing_readable_lies_in_the_file(url: str, file: Path) -> None:
    with Bank.open(url, create=True) as bank:
        registration = bank.register([fingerprint(1)], kind="ordinary")
        entry = bank.allow(fingerprint(2))
        bank.match(fingerprint(1))
    data = file.read_bytes()
    for seed in (1, 2):
        fp = fingerprint(seed)
        assert fp.sha256[:8] not in data
        assert fp.pdq is not None
        assert fp.pdq.code[:8] not in data
    for name in (registration.case, registration.protections[0], entry):
        assert name[:8].encode() not in data


def test_a_small_bank_has_none(url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "SNAPSHOT_FROM", PICTURES + 1)
    filled(url)
    assert not file.exists()


def test_it_is_written_anew_once_more_than_an_eighth_changed(url: str, file: Path) -> None:
    filled(url, pictures=40)
    first = file.read_bytes()
    with Bank.open(url) as bank:
        bank.protect([fingerprint(100 + n) for n in range(4)], kind="ordinary")
        bank.match(fingerprint(0))
    assert file.read_bytes() == first
    with Bank.open(url) as bank:
        bank.protect([fingerprint(200 + n) for n in range(4)], kind="ordinary")
        bank.match(fingerprint(0))
    assert file.read_bytes() != first


def test_a_picture_in_the_snapshot_s_allowlist_can_be_taken_off_it(url: str, decrypted: list[bytes]) -> None:
    logo = changed(fingerprint(0), 9, seed=0)
    filled(url)
    with Bank.open(url) as bank:
        entry = bank.allow(logo)
        assert bank.match(logo) == []
    decrypted.clear()
    with Bank.open(url) as bank:
        assert bank.match(logo) == []
        assert decrypted == []
        bank.disallow(entry)
        assert bank.match(logo)


def test_a_picture_that_is_allowed_while_a_snapshot_is_taken_is_allowed_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logo, entries, arrays = changed(fingerprint(0), 9, seed=0), list[AllowedId](), Matcher.arrays
    filled(url)
    with Bank.open(url) as bank:
        bank.match(fingerprint(0))

        def meanwhile(matcher: Matcher) -> Any:
            if not entries:
                entries.append(bank.allow(logo))
                bank.match(logo)
            return arrays(matcher)

        monkeypatch.setattr(Matcher, "arrays", meanwhile)
        bank.protect([fingerprint(100)], kind="ordinary")
        bank.match(fingerprint(100))
    with Bank.open(url) as bank:
        assert bank.match(logo) == []
        bank.disallow(entries[0])
        assert bank.match(logo)


# Altered, truncated, foreign, missing


def truncated(file: Path, url: str) -> None:
    file.write_bytes(file.read_bytes()[:-64])


def emptied(file: Path, url: str) -> None:
    file.write_bytes(b"")


def altered(file: Path, url: str) -> None:
    data = bytearray(file.read_bytes())
    data[-300:-200] = bytes(100)  # longer than what lies between two sections
    file.write_bytes(data)


def foreign(file: Path, url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filled(f"sqlite:///{folder}/bank.db")
        shutil.copyfile(f"{folder}/bank.db.index", file)


def of_another_row(file: Path, url: str) -> None:
    """What a kill between the file's new name and the end of the transaction leaves."""
    with Bank.open(url) as bank, bank._store.write() as connection:
        bank._keys.keep(connection, bank._snapshot.row, bytes(32))


def row_altered(file: Path, url: str) -> None:
    with Bank.open(url) as bank, bank._store.write() as connection:
        row = tables.secrets.update().where(tables.secrets.c.name == bank._snapshot.row)
        connection.execute(row.values(sealed=bytes(60)))


def younger_than_the_bank(file: Path, url: str) -> None:
    with Bank.open(url) as bank, bank._store.write() as connection:
        connection.exec_driver_sql("DELETE FROM changes")


def of_an_older_version(file: Path, url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cascade, "_FORM", cascade._FORM - 1)
        file.unlink()
        look(url)


UNUSABLE = [
    truncated,
    emptied,
    altered,
    foreign,
    of_another_row,
    row_altered,
    younger_than_the_bank,
    of_an_older_version,
]


@pytest.mark.parametrize("spoil", UNUSABLE, ids=lambda spoil: spoil.__name__)
def test_one_that_cannot_be_used_is_named_once_and_made_anew(
    spoil: Callable[[Path, str], None],
    url: str,
    file: Path,
    decrypted: list[bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    filled(url)
    before = look(url)
    spoil(file, url)
    decrypted.clear()
    with caplog.at_level(logging.WARNING):
        assert look(url) == before
    (warning,) = caplog.messages
    assert warning.startswith(f"{file}: the snapshot of the bank cannot be used")
    assert len(decrypted) == PICTURES
    if spoil is younger_than_the_bank:  # there are no changes any more that a snapshot could be younger than
        return
    decrypted.clear()
    assert look(url) == before
    assert decrypted == []
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("missing", ["file", "row"])
def test_a_missing_one_is_made_anew_without_a_word(
    missing: str, url: str, file: Path, decrypted: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    filled(url)
    before = look(url)
    if missing == "file":
        file.unlink()
    else:
        with Bank.open(url) as bank, bank._store.write() as connection:
            bank._keys.forget(connection, bank._snapshot.row)
    assert look(url) == before
    decrypted.clear()
    assert look(url) == before
    assert decrypted == []
    assert caplog.messages == []


def test_a_full_disk_hinders_nobody(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "write", full)
    filled(url)
    assert all(look(url))
    assert "cannot be written: No space left on device. " in caplog.messages[0]
    assert not left(file)


# Withdrawal, rotation, other processes at the worst moment


def during(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object]) -> None:
    """Has something happen once, between the writing of a file and its row, or before its reading."""
    original, acts = getattr(files, name), [act]

    def interrupted(*arguments: Any) -> Any:
        if name == "read" and acts:
            acts.pop()()
        result = original(*arguments)
        if name == "write" and acts:
            acts.pop()()
        return result

    monkeypatch.setattr(files, name, interrupted)


@pytest.mark.parametrize("act", ["withdraw", "rotate", "disallow"])
def test_row_and_file_go_with_what_is_taken_out(act: str, url: str, file: Path) -> None:
    case, pin = filled(url)
    with Bank.open(url) as bank:
        entry = bank.allow(fingerprint(7))
        assert file.exists()
        assert row(url)
        {
            "withdraw": lambda: bank.withdraw(case, pin),
            "rotate": bank.rotate_key,
            "disallow": lambda: bank.disallow(entry),
        }[act]()
    assert not file.exists()
    assert not row(url)


def test_a_withdrawal_while_a_snapshot_is_written_keeps_it_from_becoming_one(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, pin = filled(url)
    file.unlink()
    with Bank.open(url) as elsewhere:
        during(monkeypatch, "write", lambda: elsewhere.withdraw(case, pin))
        look(url, range(0))
        with Bank.open(url) as bank:
            bank.match(fingerprint(0))
            until(lambda: bank.match(fingerprint(0)) == [], 5)  # a server tells of it up to a second later
    assert not left(file)
    assert not row(url)


def test_when_two_processes_write_at_once_the_last_one_s_file_opens(
    url: str, file: Path, decrypted: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(url)
    file.unlink()
    during(monkeypatch, "write", lambda: look(url))
    before = look(url)
    decrypted.clear()
    assert look(url) == before
    assert decrypted == []


def test_a_file_that_is_replaced_while_it_is_opened_is_opened_again(
    url: str,
    file: Path,
    decrypted: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    filled(url)

    def replace() -> None:
        file.unlink()
        look(url)
        decrypted.clear()

    during(monkeypatch, "read", replace)
    assert all(look(url))
    assert decrypted == []
    assert caplog.messages == []


def test_drafts_of_processes_that_were_killed_are_deleted_after_a_day(url: str, file: Path) -> None:
    filled(url)
    left = [file.with_name(f"{file.name}.0a1b"), file.with_name(f".{file.name}.0a1b.2c3d")]
    fresh = file.with_name(f"{file.name}.ffff")
    for path in (*left, fresh):
        path.touch()
    for path in left:
        os.utime(path, (time.time() - 90_000,) * 2)
    file.unlink()
    look(url)
    assert fresh.exists()
    assert not any(path.exists() for path in left)


# Several threads


def test_several_threads_search_at_the_same_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(url)
    together, search = Barrier(3), HammingIndex.search

    def met(index: HammingIndex, *arguments: Any) -> Any:
        together.wait(timeout=30)
        return search(index, *arguments)

    with Bank.open(url) as bank:
        bank.match(Fingerprint("x", 1, 1, bytes(32), bytes(16), None))
        monkeypatch.setattr(HammingIndex, "search", met)
        found: list[int] = []
        threads = [
            Thread(target=lambda: found.append(len(bank.match(changed(fingerprint(1), 2, 1))))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [1, 1, 1]


def test_while_a_snapshot_is_written_others_match_and_see_changes(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(url)
    begun, go, write = Event(), Event(), files.write

    def slow(*arguments: Any) -> None:
        begun.set()
        assert go.wait(timeout=30)
        write(*arguments)

    with Bank.open(url) as bank:
        bank.match(fingerprint(0))
        monkeypatch.setattr(files, "write", slow)
        bank.protect([fingerprint(100)], kind="ordinary")
        assert bank.match(fingerprint(100))
        assert begun.wait(timeout=30)
        case, pin = bank.protect([fingerprint(101)], kind="ordinary")
        assert bank.match(fingerprint(101))
        bank.withdraw(case, pin)
        assert bank.match(fingerprint(101)) == []
        go.set()
    assert all(look(url, range(100, 101)))


# On a server


@only_server
def test_each_machine_has_its_own_and_a_withdrawal_anywhere_closes_all(
    url: str, tmp_path: Path, decrypted: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, pin = filled(url)
    for name in ("first", "second"):
        monkeypatch.setattr(platform, "node", lambda name=name: name)
        monkeypatch.setenv("TUTELA_CACHE", str(tmp_path / name))
        look(url)
        decrypted.clear()
        assert all(look(url))
        assert decrypted == []
    files = [next((tmp_path / name).iterdir()) for name in ("cache", "first", "second")]
    assert len({file.read_bytes() for file in files}) == 3
    monkeypatch.setattr(platform, "node", lambda: "third")
    with Bank.open(url) as bank:
        bank.withdraw(case, pin)
        with bank._store.read() as connection:
            names = connection.execute(sa.select(tables.secrets.c.name)).scalars()
            assert [name for name in names if name.startswith("snapshot")] == []
    monkeypatch.setattr(platform, "node", lambda: "first")
    monkeypatch.setenv("TUTELA_CACHE", str(tmp_path / "first"))
    assert not any(look(url))


@only_server
def test_the_cache_folder_is_its_owner_s_alone(url: str, file: Path) -> None:
    old = os.umask(0)
    try:
        filled(url)
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@only_server
def test_where_there_can_be_no_cache_folder_a_bank_works_without(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TUTELA_CACHE", str(tmp_path / "file" / "cache"))
    filled(url)
    assert all(look(url))
    assert caplog.messages == []
