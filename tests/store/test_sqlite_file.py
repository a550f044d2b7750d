"""What is particular to a bank in a file: its rights, its place in a folder, and what is left in it of deleted rows."""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import only_sqlite
from store.stores import add, nothing
from tutela.store import BankMissing, BankUnusable, Store, sqlite, tables
from waiting import until

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


def reading(folder: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(folder / "bank.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM secrets").fetchone()
    return reader


def left(folder: Path, word: bytes) -> bool:
    return any(word in path.read_bytes() for path in folder.iterdir())


def test_what_another_process_still_reads_is_overwritten_soon_after_it_ends(tmp_path: Path, store: Store) -> None:
    add(store, "a secret word")
    reader = reading(tmp_path)
    with store.write() as connection:
        connection.execute(tables.secrets.delete())
    started = time.monotonic()
    assert not store.scrub()
    assert time.monotonic() - started < 5, "nobody waits for a reader that may never end"
    assert left(tmp_path, b"a secret word")
    reader.close()
    until(lambda: not left(tmp_path, b"a secret word"))


@contextmanager
def before_each(statement: str, do: Callable[[], None]) -> Iterator[None]:
    """Does something before each statement that begins so, on every connection."""

    def begins(connection: object, cursor: object, said: str, *_: object) -> None:
        if said.startswith(statement):
            do()

    sa.event.listen(sa.Engine, "before_cursor_execute", begins)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", begins)


def test_a_reader_that_comes_as_the_last_one_ends_is_waited_for_too(tmp_path: Path, store: Store) -> None:
    """The thread that tries again has just found nobody, and is about to end, when another deletion finds a reader."""
    idle, go_on = threading.Event(), threading.Event()

    def held() -> None:
        if threading.current_thread().name == "tutela-scrub":
            idle.set()
            go_on.wait(1)

    reader = reading(tmp_path)
    add(store, "one")
    assert not store.scrub()
    reader.close()
    with before_each(f"PRAGMA busy_timeout={sqlite.BUSY_SECONDS * 1000}", held):
        assert idle.wait(20)
        add(store, "a secret word")
        reader = reading(tmp_path)
        with store.write() as connection:
            connection.execute(tables.secrets.delete())
        assert not store.scrub()
        go_on.set()
    assert left(tmp_path, b"a secret word")
    reader.close()
    until(lambda: not left(tmp_path, b"a secret word"))


def test_an_overwriting_that_fails_names_the_bank_and_leaves_its_connection_patient(
    tmp_path: Path, store: Store
) -> None:
    def fails() -> None:
        raise OSError("the disk is gone")

    with before_each("PRAGMA wal_checkpoint", fails), pytest.raises(BankUnusable, match=str(tmp_path / "bank.db")):
        store.scrub()
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == sqlite.BUSY_SECONDS * 1000


def test_a_commit_that_fails_leaves_nothing_locked(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE one (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE two (one INTEGER REFERENCES one DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(BankUnusable), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO two VALUES (7)")
    add(store, "a")
