"""What is particular to a bank on a PostgreSQL server: what it says when it is refused, away, or has other settings."""

import socket
import threading
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from servers import LOCKED, Server

from store.stores import add, names, nothing
from tutela.store import BankUnusable, Store, engine, postgres, tables

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    address = server.database()
    yield address
    server.drop(address)


def database(url: str) -> str:
    return sa.make_url(url).database or ""


def refused(address: str, create: bool = True) -> BankUnusable:
    with pytest.raises(BankUnusable) as refusal:
        Store.open(address, create=nothing if create else None)
    assert refusal.value.remedy
    return refusal.value


def test_a_wrong_password_is_told_and_not_repeated(server: Server, url: str) -> None:
    with server.admin() as connection:
        connection.execute(f"DROP ROLE IF EXISTS {LOCKED}")
        connection.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD 'correct horse'")
    address = server.address(database(url), user=f"{LOCKED}:hunter2")
    error = refused(address)
    assert "password authentication failed" in error.what
    assert "hunter2" not in str(error)
    assert LOCKED in str(error)


def test_a_missing_database_is_told_with_how_to_make_one(server: Server) -> None:
    error = refused(server.address("not_there"))
    assert "not_there" in error.what
    assert "createdb" in (error.remedy or "")


def test_a_user_without_rights_is_told_whose_they_are(server: Server, url: str) -> None:
    with server.admin() as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    assert "lacks a right" in refused(server.address(database(url), user="guest")).what


def test_another_program_s_database_is_refused_and_left_as_it_is(server: Server, url: str) -> None:
    with server.admin(database(url)) as connection:
        connection.execute("CREATE TABLE recipes (name text)")
        assert "another program" in refused(url).what
        assert "another program" in refused(url, create=False).what
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert found == [("recipes",)]


def test_a_bank_may_have_a_schema_of_its_own_in_another_program_s_database(server: Server, url: str) -> None:
    with server.admin(database(url)) as connection:
        connection.execute("CREATE TABLE recipes (name text)")
        connection.execute("CREATE SCHEMA tutela")
    store = Store.open(f"{url}&options=-csearch_path%3Dtutela", create=nothing)
    try:
        add(store, "a")
        assert names(store) == ["a"]
    finally:
        store.close()


def test_a_reader_cannot_write_and_neither_can_anyone_on_a_standby(url: str) -> None:
    """Both are the same error of the server."""
    store = Store.open(url, create=nothing)
    try:
        with pytest.raises(BankUnusable, match="only takes readers"), store.read() as connection:
            connection.execute(tables.secrets.insert(), {"name": "a", "sealed": b"x"})
        assert names(store) == []
    finally:
        store.close()


def test_a_writer_that_never_ends_is_not_waited_for_endlessly(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_LOCK_SECONDS", 0.2)
    first, second = (Store.open(url, create=nothing) for _ in range(2))
    try:
        with first.write(), pytest.raises(BankUnusable, match="too long"):
            add(second, "a")
        add(second, "b")
        assert names(first) == ["b"]
    finally:
        first.close()
        second.close()


@pytest.mark.parametrize(("server_s", "ours"), [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")])
def test_what_was_acknowledged_is_on_disk_whatever_the_server_s_setting(url: str, server_s: str, ours: str) -> None:
    store = Store.open(f"{url}&options=-csynchronous_commit%3D{server_s}", create=nothing)
    try:
        with store.write() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == ours
    finally:
        store.close()


def test_after_the_server_was_away_a_store_goes_on(url: str, server: Server) -> None:
    store = Store.open(url, create=nothing)
    try:
        add(store, "a")
        with server.admin() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database(url)]
            )
        add(store, "b")
        assert names(store) == ["a", "b"]
    finally:
        store.close()


def test_a_connection_that_is_lost_in_a_transaction_is_told_and_leaves_nothing(url: str, server: Server) -> None:
    store = Store.open(url, create=nothing)
    try:
        with pytest.raises(BankUnusable, match="cannot be reached"), store.write() as connection:
            number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with server.admin() as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
            connection.exec_driver_sql("SELECT 1")
        assert names(store) == []
    finally:
        store.close()


def test_processes_that_bring_an_old_bank_up_to_date_at_once_do_it_once(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    store = Store.open(url, create=nothing)
    config = Config()
    config.set_main_option("script_location", "tutela.store:migrations")
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    store.close()
    together, failures = threading.Barrier(6), list[BaseException]()

    def update() -> None:
        together.wait(30)
        try:
            Store.open(url, create=None).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=update) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_listener_hears_of_a_change_when_the_transaction_is_done_and_not_before(url: str) -> None:
    store = Store.open(url, create=nothing)
    never, other = socket.socketpair()
    try:
        with store.listen() as listener:

            def heard(seconds: float) -> bool:
                driver = listener.connection.connection.dbapi_connection
                assert isinstance(driver, psycopg.Connection)
                told: list[str] = []
                driver.add_notify_handler(lambda notify: told.append(notify.channel))
                listener.wait(seconds, never)
                listener.connection.exec_driver_sql("SELECT 1")
                return bool(told)

            with store.write() as connection:
                postgres.wake(connection)
                assert not heard(0.2)
            assert heard(10)
            assert not heard(0.1)
    finally:
        never.close()
        other.close()
        store.close()


@pytest.mark.parametrize("happened", [True, False])
def test_where_the_server_is_lost_while_it_commits_what_is_there_afterwards_decides(
    url: str, happened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, commit = Store.open(url, create=nothing), psycopg.Connection.commit

    def lost(connection: psycopg.Connection) -> None:
        monkeypatch.setattr(psycopg.Connection, "commit", commit)
        if happened:
            commit(connection)
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    def write() -> None:
        with store.write(
            landed=lambda later: bool(later.execute(sa.select(tables.secrets.c.name)).all())
        ) as connection:
            connection.execute(tables.secrets.insert(), {"name": "a", "sealed": b"x"})

    monkeypatch.setattr(psycopg.Connection, "commit", lost)
    try:
        if happened:
            write()
        else:
            with pytest.raises(BankUnusable, match="cannot be reached"):
                write()
        assert names(store) == (["a"] if happened else [])
    finally:
        store.close()


def test_where_the_server_does_not_come_back_it_says_that_nobody_knows(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(url, create=nothing)
    monkeypatch.setattr(engine, "_BACK_SECONDS", 0)

    def lost(connection: psycopg.Connection) -> None:
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    try:
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Connection, "commit", lost)
            with (
                pytest.raises(BankUnusable, match="not known") as refusal,
                store.write(landed=lambda _: True) as connection,
            ):
                connection.execute(tables.secrets.insert(), {"name": "a", "sealed": b"x"})
        assert "before you do it again" in (refusal.value.remedy or "")
    finally:
        store.close()
