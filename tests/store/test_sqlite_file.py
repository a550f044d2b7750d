"""What is particular to a bank in a file: its rights, its place in a folder, and what is left in it of deleted rows."""

import os
import sqlite3
import stat
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import only_sqlite
from store.stores import add, nothing
from tutela.store import BankMissing, BankUnusable, Store, tables

pytestmark = only_sqlite
"""Each test is about the file."""


def test_only_the_owner_reads_the_file(url: str, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = Store.open(f"sqlite:///{tmp_path / 'new' / 'bank.db'}", create=nothing)
        add(store, "a")
    finally:
        os.umask(old)
    for path in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    store.close()


def test_no_file_is_made_where_none_may_be(url: str, tmp_path: Path) -> None:
    with pytest.raises(BankMissing):
        Store.open(url, create=None)
    assert list(tmp_path.iterdir()) == []


def test_a_creation_that_fails_leaves_no_file(url: str, tmp_path: Path) -> None:
    def breaks(connection: sa.Connection) -> None:
        raise RuntimeError("no key")

    with pytest.raises(RuntimeError):
        Store.open(url, create=breaks)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + bytes(100), os.urandom(4096)])
def test_a_file_that_is_no_bank_is_refused_and_left_as_it_is(url: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bank.db"
    path.write_bytes(content)
    with pytest.raises(BankUnusable) as refusal:
        Store.open(url, create=nothing)
    assert refusal.value.remedy
    assert path.read_bytes() == content


def test_another_program_s_database_is_refused_and_left_as_it_is(url: str, tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE recipes (name)")
    foreign.close()
    with pytest.raises(BankUnusable):
        Store.open(url, create=nothing)
    with sqlite3.connect(path) as foreign:
        assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    foreign.close()


def test_a_scrub_leaves_nothing_of_a_deleted_row_on_disk(tmp_path: Path, store: Store) -> None:
    canary = b"canary" * 20
    with store.write() as connection:
        connection.execute(tables.secrets.insert(), {"name": "gone", "sealed": canary})
    assert any(canary in path.read_bytes() for path in tmp_path.iterdir())
    with store.write() as connection:
        connection.execute(tables.secrets.delete())
    assert store.scrub()
    assert not any(canary[:12] in path.read_bytes() for path in tmp_path.iterdir())


def test_a_full_disk_or_lost_rights_are_explained(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way")
    with pytest.raises(BankUnusable, match="cannot be used"):
        Store.open(f"sqlite:///{folder / 'bank.db'}", create=nothing)


def test_what_another_process_still_reads_is_overwritten_soon_after_it_ends(tmp_path: Path, store: Store) -> None:
    add(store, "a secret word")
    reader = sqlite3.connect(tmp_path / "bank.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM secrets").fetchone()
    with store.write() as connection:
        connection.execute(tables.secrets.delete())
    started = time.monotonic()
    assert not store.scrub()
    assert time.monotonic() - started < 5, "nobody waits for a reader that may never end"
    assert any(b"a secret word" in path.read_bytes() for path in tmp_path.iterdir())
    reader.close()
    deadline = time.monotonic() + 20
    while any(b"a secret word" in path.read_bytes() for path in tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(b"a secret word" in path.read_bytes() for path in tmp_path.iterdir())
