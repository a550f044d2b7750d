"""A store is created whole or not at all, keeps what it acknowledged, and explains what is wrong."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from store.stores import Opens, add, names, nothing
from tutela.store import BankMissing, BankUnusable, Store, StoreError, tables


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


def test_where_there_is_none_and_none_may_be_made_it_says_so(url: str) -> None:
    for _ in range(2):
        with pytest.raises(BankMissing) as refusal:
            Store.open(url, create=None)
        assert refusal.value.exit_status == 4


def test_a_creation_that_fails_leaves_nothing(url: str) -> None:
    def breaks(connection: sa.Connection) -> None:
        raise RuntimeError("no key")

    with pytest.raises(RuntimeError):
        Store.open(url, create=breaks)
    with pytest.raises(BankMissing):
        Store.open(url, create=None)


def test_a_bank_of_a_newer_version_is_refused_and_left_as_it_is(opened: Opens, url: str) -> None:
    store = opened()
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for create in (None, nothing):
        with pytest.raises(BankUnusable, match="newer version") as refusal:
            Store.open(url, create=create)
        assert "Update" in (refusal.value.remedy or "")
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"


@pytest.mark.parametrize("address", ["bank.db", "", "mysql://host/x", "sqlite://", "sqlite:///:memory:", "http://x"])
def test_what_is_no_address_of_a_bank_is_refused(address: str) -> None:
    with pytest.raises(BankUnusable) as refusal:
        Store.open(address, create=nothing)
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:hunter2@127.0.0.1:1/none",
        "postgresql+asyncpg://user:hunter2@127.0.0.1:1/none",
        "postgresql://user@127.0.0.1:1/none?password=hunter2&sslpassword=hunter2",
        "mysql://user:hunter2@127.0.0.1/none",
        "http://user:hunter2@[/none",
    ],
)
def test_a_password_in_an_address_is_not_repeated(address: str) -> None:
    with pytest.raises(StoreError) as refusal:
        Store.open(address, create=nothing)
    assert refusal.value.remedy
    assert "hunter2" not in str(refusal.value)


def test_a_transaction_that_fails_never_happened(store: Store) -> None:
    def half_a_transaction() -> None:
        with store.write() as connection:
            connection.execute(tables.secrets.insert(), {"name": "half", "sealed": b"x"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_transaction()
    assert names(store) == []


def test_what_was_written_is_there_for_another_process_and_after_closing(opened: Opens, store: Store) -> None:
    other = opened(create=None)
    add(store, "a")
    assert names(other) == ["a"]
    store.close()
    other.close()
    assert names(opened(create=None)) == ["a"]


def test_a_reader_sees_one_state_whatever_others_write_meanwhile(opened: Opens, store: Store) -> None:
    add(store, "a")
    counted = sa.select(sa.func.count()).select_from(tables.secrets)
    with opened().read() as connection:
        assert connection.execute(counted).scalar_one() == 1
        add(store, "b")
        assert connection.execute(counted).scalar_one() == 1
    assert names(store) == ["a", "b"]


def test_writers_wait_for_each_other(opened: Opens) -> None:
    stores = [opened() for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: add(stores[n % 4], f"{n:03}"), range(100)))
    assert names(stores[0]) == [f"{n:03}" for n in range(100)]


def test_what_a_writer_has_read_stays_true_until_it_ends(opened: Opens) -> None:
    """Each looks at what is there and writes what follows from it: had two looked at the same, one would fail."""
    stores = [opened() for _ in range(4)]

    def next_one(number: int) -> None:
        with stores[number % 4].write() as connection:
            there = connection.execute(sa.select(sa.func.count()).select_from(tables.secrets)).scalar_one()
            connection.execute(tables.secrets.insert(), {"name": f"{there:03}", "sealed": b"x"})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(next_one, range(100)))
    assert names(stores[0]) == [f"{n:03}" for n in range(100)]


def test_numbers_of_changes_become_visible_in_their_order(opened: Opens) -> None:
    """Whoever has seen one has seen all below it, however long the transaction took that wrote the lower one."""
    slow, fast, reader = opened(), opened(), opened()
    begun, seen = threading.Event(), list[list[int]]()

    def note(store: Store, pause: float) -> None:
        with store.write() as connection:
            connection.execute(tables.changes.insert(), {"subject": "protection", "identifier": "x"})
            begun.set()
            threading.Event().wait(pause)

    def look() -> None:
        with reader.read() as connection:
            seen.append(list(connection.execute(sa.select(tables.changes.c.number)).scalars()))

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(note, slow, 0.3)
        assert begun.wait(10)
        second = threads.submit(note, fast, 0)
        while not second.done():
            look()
        first.result()
    look()
    assert seen[-1] == [1, 2]
    assert all(numbers in ([], [1], [1, 2]) for numbers in map(sorted, seen))


def test_one_of_many_that_create_at_once_wins_and_all_use_it(opened: Opens) -> None:
    created: list[int] = []

    def create(connection: sa.Connection) -> None:
        created.append(1)

    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: opened(create=create), range(8)))
    add(stores[0], "a")
    assert all(names(store) == ["a"] for store in stores)
    assert stores[0].path is not None or len(created) == 1  # on SQLite the others' drafts are thrown away


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
