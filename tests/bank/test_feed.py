"""What one process does, every other one sees within a second, whether or not it is told, and itself at once."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from servers import Server

from bank.watchers import watching
from databases import only_server, told
from samples import fingerprint
from tutela.bank import Bank, cases, changes, feed, replica
from tutela.model import CaseRef, Pin
from tutela.store import BankUnusable, postgres


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When lookups asked the database."""
    times: list[float] = []

    def latest(connection: sa.Connection) -> int:
        times.append(time.monotonic())
        return changes.latest_change(connection)

    monkeypatch.setattr(replica, "latest_change", latest)
    return times


def protect(bank: Bank, number: int) -> tuple[CaseRef, Pin]:
    return bank.protect([fingerprint(number)], kind="ordinary")


def settled(bank: Bank, asked: list[float]) -> None:
    """Returns when lookups need not ask any more."""

    def quiet() -> bool:
        asked.clear()
        bank.match(fingerprint(0))
        return not asked

    assert told("postgresql:", quiet)


def listeners(server: Server, url: str) -> list[int]:
    with server.admin() as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND query LIKE 'SELECT max(changes%%'"
        return [pid for (pid,) in connection.execute(query, [sa.make_url(url).database])]


def end(server: Server, pids: list[int]) -> None:
    with server.admin() as connection:
        for pid in pids:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_withdrawal_reaches_every_process_within_a_second_while_all_are_busy(bank: Bank, url: str) -> None:
    with watching(url, 2) as watchers:
        for number in range(10):
            given = protect(bank, number)
            watchers.watch(number)
            bank.withdraw(*given)
            done = time.monotonic()
            assert max(watchers.gone()) - done < 1


def test_what_a_process_did_itself_its_next_lookup_sees(bank: Bank) -> None:
    for number in range(40):
        given = protect(bank, number)
        assert bank.match(fingerprint(number))
        bank.withdraw(*given)
        assert bank.match(fingerprint(number)) == []


def test_what_any_thread_of_a_process_did_its_next_lookup_sees(bank: Bank) -> None:
    def turn(first: int) -> None:
        for number in range(first, first + 10):
            given = protect(bank, number)
            assert bank.match(fingerprint(number))
            bank.withdraw(*given)
            assert bank.match(fingerprint(number)) == []

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(turn, range(0, 4000, 1000)))


@pytest.mark.parametrize("act", ["first", "second"])
def test_a_change_that_begins_first_and_ends_last_is_not_skipped(
    act: str, bank: Bank, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be the lower one; a process that saw the higher one before must not take it for known."""
    begun, record = threading.Event(), cases.record

    def slowly(*arguments: object) -> None:
        record(*arguments)  # type: ignore[arg-type]
        if not begun.is_set():
            begun.set()
            time.sleep(0.3)

    monkeypatch.setattr(cases, "record", slowly)
    with Bank.open(url) as other, Bank.open(url) as looking, ThreadPoolExecutor(2) as threads:
        looking.match(fingerprint(0))
        first = threads.submit(protect, bank, 1)
        assert begun.wait(10)
        second = threads.submit(protect, other, 2)
        while not (first.done() and second.done()):
            looking.match(fingerprint(2))
        wanted = {"first": 1, "second": 2}[act]
        assert told(url, lambda: bool(looking.match(fingerprint(wanted))))


@only_server
def test_lookups_ask_nothing_while_changes_are_followed(bank: Bank, asked: list[float]) -> None:
    protect(bank, 1)
    bank.match(fingerprint(1))
    settled(bank, asked)
    lookups, end = 0, time.monotonic() + 2 * feed.TRUSTED
    while time.monotonic() < end:
        assert bank.match(fingerprint(1))
        lookups += 1
    assert len(asked) < lookups / 20  # none, unless the machine gave the feed's thread no turn for a while


@only_server
def test_a_change_is_applied_before_anybody_looks_up(bank: Bank, url: str) -> None:
    with Bank.open(url) as elsewhere:
        elsewhere.match(fingerprint(0))
        protect(bank, 1)
        assert told(url, lambda: len(elsewhere._replica.matcher) == 1)


@only_server
def test_where_no_notification_comes_through_a_change_is_seen_within_a_second(
    bank: Bank, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler that gives each transaction another connection."""
    monkeypatch.setattr(changes, "wake", lambda connection: None)
    with Bank.open(url) as elsewhere:
        elsewhere.match(fingerprint(0))
        for number in range(5):
            given = protect(bank, number)
            assert told(url, lambda: bool(elsewhere.match(fingerprint(number))))  # noqa: B023
            bank.withdraw(*given)
            assert told(url, lambda: not elsewhere.match(fingerprint(number)))  # noqa: B023


@only_server
def test_where_the_feed_hangs_lookups_ask_for_themselves_within_a_second(
    bank: Bank, url: str, asked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, go_on, latest = threading.Event(), threading.Event(), feed.latest_change

    def hangs(connection: sa.Connection) -> int:
        hanging.set()
        go_on.wait(30)
        return latest(connection)

    with Bank.open(url) as elsewhere:
        elsewhere.match(fingerprint(0))
        settled(elsewhere, asked)
        monkeypatch.setattr(feed, "latest_change", hangs)
        assert hanging.wait(10)
        protect(bank, 1)
        assert told(url, lambda: bool(elsewhere.match(fingerprint(1))))
        protect(bank, 2)
        assert elsewhere.match(fingerprint(2))  # the knowledge is old: each lookup asks
        monkeypatch.setattr(feed, "latest_change", latest)
        go_on.set()
        settled(elsewhere, asked)


@only_server
def test_a_lost_feed_comes_back_and_misses_nothing(
    bank: Bank, url: str, server: Server, asked: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    given = protect(bank, 1)
    with Bank.open(url) as elsewhere, caplog.at_level(logging.WARNING):
        assert elsewhere.match(fingerprint(1))
        settled(elsewhere, asked)
        end(server, listeners(server, url))
        bank.withdraw(*given)
        protect(bank, 2)
        assert told(url, lambda: elsewhere.match(fingerprint(1)) == [] and bool(elsewhere.match(fingerprint(2))))
        settled(elsewhere, asked)
    lost = [message for message in caplog.messages if "not followed" in message]
    assert lost
    assert len(lost) <= 2  # this bank's and the other's, once each
    assert any("followed again" in message for message in caplog.messages)


@only_server
def test_a_feed_that_cannot_come_back_leaves_lookups_right(
    bank: Bank,
    url: str,
    server: Server,
    asked: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuses(*_: object) -> None:
        raise BankUnusable("no connection left", where="the server")

    with Bank.open(url) as elsewhere:
        elsewhere.match(fingerprint(0))
        settled(elsewhere, asked)
        monkeypatch.setattr(postgres.Listener, "__init__", refuses)
        end(server, listeners(server, url))
        time.sleep(feed.TRUSTED)
        for number in range(5):
            given = protect(bank, number)
            assert elsewhere.match(fingerprint(number))
            bank.withdraw(*given)
            assert elsewhere.match(fingerprint(number)) == []


def test_a_closed_bank_leaves_no_thread_behind(url: str, addresses: Callable[[], str]) -> None:
    with Bank.open(url, create=True) as bank:
        bank.match(fingerprint(0))
    bank.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("tutela")] == []
