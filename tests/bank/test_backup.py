"""A bank is copied while it is in use, and what was restored is the bank as it was at that moment."""

import resource
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers import Server

from databases import only_server, only_sqlite
from samples import fingerprint as looks
from tutela.bank import Bank, CaseRefused
from tutela.store import BackupRefused, BankUnusable, KeyMissing


@only_sqlite
def test_a_restored_bank_finds_what_was_protected_and_opens_with_its_pins(url: str, tmp_path: Path) -> None:
    with Bank.open(url, create=True) as bank:
        kept, pin = bank.protect([looks(1)], kind="ordinary")
        secret = bank.custody_key()
        bank.back_up(tmp_path / "backup.db")
        later, _ = bank.protect([looks(2)], kind="ordinary")
    restored = tmp_path / "elsewhere"
    restored.mkdir()
    shutil.copy(tmp_path / "backup.db", restored / "bank.db")
    shutil.copy(tmp_path / "bank.key", restored / "bank.key")
    with Bank.open(f"sqlite:///{restored / 'bank.db'}") as bank:
        assert [match.case for match in bank.match(looks(1))] == [kept]
        assert bank.match(looks(2)) == []
        assert bank.custody_key() == secret
        with pytest.raises(CaseRefused):
            bank.withdraw(later, pin)
        assert bank.withdraw(kept, pin) == 1


@only_sqlite
def test_a_copy_is_one_file_of_the_owners_and_nothing_without_the_key(url: str, tmp_path: Path) -> None:
    with Bank.open(url, create=True) as bank:
        bank.protect([looks(1)], kind="ordinary")
        before = set(tmp_path.iterdir())
        bank.back_up(tmp_path / "backup.db")
    assert set(tmp_path.iterdir()) - before == {tmp_path / "backup.db"}
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
    assert looks(1).sha256 not in (tmp_path / "backup.db").read_bytes()
    with pytest.raises(KeyMissing):
        Bank.open(f"sqlite:///{tmp_path / 'backup.db'}")


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file of this process may become larger."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@only_sqlite
def test_no_file_is_overwritten_and_a_copy_that_fails_leaves_none(url: str, tmp_path: Path) -> None:
    """Nor does anybody take the bank for broken (status 4) because of the place for the copy."""
    (tmp_path / "there").write_bytes(b"mine")
    with Bank.open(url, create=True) as bank:
        for taken in (tmp_path / "there", tmp_path, Path()):
            with pytest.raises(BackupRefused, match="a file of this name") as refusal:
                bank.back_up(taken)
            assert refusal.value.exit_status == 2
        with pytest.raises(BackupRefused, match="cannot be written"):
            bank.back_up(tmp_path / "nowhere" / "backup.db")
        with small_files(8192), pytest.raises(BackupRefused, match="cannot be written"):
            bank.back_up(tmp_path / "backup.db")
    assert (tmp_path / "there").read_bytes() == b"mine"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") or path.name == "backup.db"]


@only_sqlite
def test_a_bank_whose_file_is_damaged_is_said_to_be_and_not_copied(url: str, tmp_path: Path) -> None:
    with Bank.open(url, create=True) as bank:
        with sqlite3.connect(tmp_path / "bank.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        with (tmp_path / "bank.db").open("rb+") as file:
            file.seek(8192)
            file.write(b"\xff" * 4096)
        with pytest.raises(BankUnusable, match=r"bank\.db: the bank cannot be copied"):
            bank.back_up(tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()


@only_sqlite
def test_copies_that_are_made_while_others_write_are_whole(url: str, tmp_path: Path) -> None:
    stop = threading.Event()
    with Bank.open(url, create=True) as bank:

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                bank.protect([looks(number), looks(number + 1)], kind="ordinary")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                bank.back_up(tmp_path / f"copy{number}.db")
        finally:
            stop.set()
            writer.join()
    for number in range(5):
        copy = sqlite3.connect(tmp_path / f"copy{number}.db")
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        cases, protections = (
            copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("cases", "protections")
        )
        assert protections == 2 * cases
        copy.close()


@only_server
def test_a_dump_of_a_bank_on_a_server_is_the_bank_as_it_was_at_that_moment(
    url: str, addresses: Callable[[], str], server: Server, tmp_path: Path
) -> None:
    """Made while the bank is in use, restored into another database, opened with the same key (`docs/deploy.md`)."""
    dump = str(tmp_path / "bank.dump")
    with Bank.open(url, create=True) as bank:
        kept, pin = bank.protect([looks(1)], kind="ordinary")
        gone, other_pin = bank.protect([looks(2)], kind="ordinary")
        bank.withdraw(gone, other_pin)
        server.program("pg_dump", url, "--format=custom", f"--file={dump}")
        later, later_pin = bank.protect([looks(3)], kind="ordinary")
    assert looks(1).sha256 not in Path(dump).read_bytes()
    restored = addresses()
    server.program("pg_restore", restored, "--exit-on-error", "--no-owner", dump)
    with Bank.open(restored) as bank:
        assert [match.case for match in bank.match(looks(1))] == [kept]
        assert bank.match(looks(2)) == bank.match(looks(3)) == []
        with pytest.raises(CaseRefused):
            bank.withdraw(later, later_pin)
        assert bank.status(gone, other_pin).withdrawn_at is not None
        assert bank.withdraw(kept, pin) == 1
        new, _ = bank.protect([looks(4)], kind="ordinary")
        assert [match.case for match in bank.match(looks(4))] == [new]
    with Bank.open(url) as bank:
        assert [match.case for match in bank.match(looks(3))] == [later]


@only_server
def test_a_bank_on_a_server_says_what_copies_it(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="not a file"):
        bank.back_up(tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
