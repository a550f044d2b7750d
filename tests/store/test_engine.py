"""A store is created whole or not at all, keeps what it acknowledged, and explains what is wrong."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from tutela.store import BankMissing, BankUnusable, Store, StoreError, tables


def nothing(connection: sa.Connection) -> None:
    """A bank that begins empty."""


def url(path: Path) -> str:
    return f"sqlite:///{path}"


Opens = Callable[..., Store]


@pytest.fixture
def opened() -> Iterator[Opens]:
    """Opens stores and closes them all at the end."""
    with ExitStack() as stores:

        def open_store(path: Path, *, create: Callable[[sa.Connection], None] | None = nothing) -> Store:
            store = Store.open(url(path), create=create)
            stores.callback(store.close)
            return store

        yield open_store


@pytest.fixture
def store(opened: Opens, tmp_path: Path) -> Store:
    return opened(tmp_path / "bank.db")


def add(store: Store, name: str) -> None:
    with store.write() as connection:
        connection.execute(tables.secrets.insert(), {"name": name, "sealed": b"x"})


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(sa.select(tables.secrets.c.name).order_by(tables.secrets.c.name)).scalars())


def test_the_migrations_make_exactly_the_tables_that_the_program_speaks_of(store: Store) -> None:
    with store.read() as connection:
        found = sa.inspect(connection)
        assert set(found.get_table_names()) == {*tables.metadata.tables, "alembic_version"}
        for name, table in tables.metadata.tables.items():
            columns = {(c["name"], c["nullable"]) for c in found.get_columns(name)}
            assert columns == {(c.name, c.nullable) for c in table.columns}
            assert found.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
            indexed = {tuple(i["column_names"]) for i in found.get_indexes(name)}
            assert indexed == {(c.name,) for c in table.columns if c.index}


def test_the_first_migration_can_be_taken_back(store: Store) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tutela.store:migrations")
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]


def test_only_the_owner_reads_the_file(opened: Opens, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        add(opened(tmp_path / "new" / "bank.db"), "a")
    finally:
        os.umask(old)
    for path in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_where_there_is_none_and_none_may_be_made_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(BankMissing) as refusal:
        Store.open(url(tmp_path / "bank.db"), create=None)
    assert refusal.value.exit_status == 4
    assert list(tmp_path.iterdir()) == []


def test_a_creation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def breaks(connection: sa.Connection) -> None:
        raise RuntimeError("no key")

    with pytest.raises(RuntimeError):
        Store.open(url(tmp_path / "bank.db"), create=breaks)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + bytes(100), os.urandom(4096)])
def test_a_file_that_is_no_bank_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bank.db"
    path.write_bytes(content)
    with pytest.raises(BankUnusable) as refusal:
        Store.open(url(path), create=nothing)
    assert refusal.value.remedy
    assert path.read_bytes() == content


def test_another_program_s_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE recipes (name)")
    foreign.close()
    with pytest.raises(BankUnusable):
        Store.open(url(path), create=nothing)
    with sqlite3.connect(path) as foreign:
        assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    foreign.close()


@pytest.mark.parametrize("address", ["bank.db", "", "mysql://host/x", "sqlite://", "sqlite:///:memory:", "http://x"])
def test_what_is_no_address_of_a_bank_is_refused(address: str) -> None:
    with pytest.raises(BankUnusable) as refusal:
        Store.open(address, create=nothing)
    assert refusal.value.remedy


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(StoreError) as refusal:
        Store.open("postgresql://user:hunter2@127.0.0.1:1/none", create=nothing)
    assert "hunter2" not in str(refusal.value)


def test_a_transaction_that_fails_never_happened(store: Store) -> None:
    def half_a_transaction() -> None:
        with store.write() as connection:
            connection.execute(tables.secrets.insert(), {"name": "half", "sealed": b"x"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_transaction()
    assert names(store) == []


def test_what_was_written_is_there_for_another_process_and_after_closing(
    opened: Opens, tmp_path: Path, store: Store
) -> None:
    other = opened(tmp_path / "bank.db", create=None)
    add(store, "a")
    assert names(other) == ["a"]
    store.close()
    other.close()
    assert names(opened(tmp_path / "bank.db", create=None)) == ["a"]


def test_writers_wait_for_each_other(opened: Opens, tmp_path: Path) -> None:
    stores = [opened(tmp_path / "bank.db") for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: add(stores[n % 4], f"{n:03}"), range(100)))
    assert names(stores[0]) == [f"{n:03}" for n in range(100)]


def test_one_of_many_that_create_at_once_wins_and_all_use_it(opened: Opens, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: opened(tmp_path / "bank.db"), range(8)))
    add(stores[0], "a")
    assert all(names(store) == ["a"] for store in stores)


def test_a_scrub_leaves_nothing_of_a_deleted_row_on_disk(tmp_path: Path, store: Store) -> None:
    canary = b"canary" * 20
    with store.write() as connection:
        connection.execute(tables.secrets.insert(), {"name": "gone", "sealed": canary})
    assert any(canary in path.read_bytes() for path in tmp_path.iterdir())
    with store.write() as connection:
        connection.execute(tables.secrets.delete())
    assert store.scrub()
    assert not any(canary[:12] in path.read_bytes() for path in tmp_path.iterdir())


def test_instants_come_back_as_utc_to_the_microsecond(store: Store) -> None:
    at = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with store.write() as connection:
        connection.execute(tables.memory.insert(), {"key": b"k", "remembered_at": at, "sealed": b"x"})
        back = connection.execute(sa.select(tables.memory.c.remembered_at)).scalar_one()
    assert back == at
    assert back.tzinfo is UTC


def test_a_naive_instant_is_refused(store: Store) -> None:
    row = {"key": b"k", "remembered_at": datetime(2026, 1, 1), "sealed": b"x"}  # noqa: DTZ001
    with pytest.raises(BankUnusable), store.write() as connection:
        connection.execute(tables.memory.insert(), row)


def test_a_full_disk_or_lost_rights_are_explained(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way")
    with pytest.raises(BankUnusable, match="cannot be used"):
        Store.open(url(folder / "bank.db"), create=nothing)
