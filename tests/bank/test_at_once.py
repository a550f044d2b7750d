"""What can be told at once is told, and never of a bank as it was before."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from databases import only_sqlite, told
from samples import changed, fingerprint
from tutela.bank import Bank, changes, pins, replica
from tutela.model import Fingerprint, Parts
from tutela.model.parts import DESCRIPTION_BYTES, POINT_BYTES


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def warm(bank: Bank) -> Bank:
    bank.protect([fingerprint(1)], kind="ordinary")
    bank.warm_up()
    return bank


def test_what_matches_nothing_is_told(warm: Bank, url: str) -> None:
    assert told(url, lambda: warm.at_once(fingerprint(2)) == [])


@pytest.mark.parametrize("found", [fingerprint(1), changed(fingerprint(1), 31, seed=3)])
def test_what_matches_is_told(found: Fingerprint, warm: Bank, url: str) -> None:
    assert told(url, lambda: warm.at_once(fingerprint(2)) == [])
    assert warm.at_once(found) == warm.match(found) != []


def test_parts_take_longer_so_nothing_is_told_of_them(warm: Bank) -> None:
    plain = fingerprint(2)
    parts = Parts(bytes(POINT_BYTES), bytes(DESCRIPTION_BYTES))
    asked = Fingerprint(plain.media, plain.width, plain.height, plain.sha256, plain.md5, plain.pdq, parts)
    assert warm.at_once(asked) is None


def test_nothing_is_told_before_the_bank_was_loaded(bank: Bank) -> None:
    assert bank.at_once(fingerprint(2)) is None


def test_what_was_protected_here_is_missed_no_more(warm: Bank) -> None:
    for number in range(2, 40):
        warm.match(fingerprint(0))
        warm.protect([fingerprint(number)], kind="ordinary")
        assert warm.at_once(fingerprint(number)) != []


@only_sqlite
def test_what_was_protected_elsewhere_is_missed_no_more(warm: Bank, url: str) -> None:
    """On a server that is so within a second."""
    with Bank.open(url) as elsewhere:
        for number in range(2, 40):
            assert warm.match(fingerprint(number)) == []
            assert warm.at_once(fingerprint(number)) == []
            elsewhere.protect([fingerprint(number)], kind="ordinary")
            assert warm.at_once(fingerprint(number)) != []


def test_while_threads_protect_and_look_nobody_misses_what_was_there(warm: Bank) -> None:
    def turn(first: int) -> None:
        for number in range(first, first + 10):
            warm.protect([fingerprint(number)], kind="ordinary")
            assert warm.at_once(fingerprint(number)) != []
            assert warm.match(fingerprint(number))
            assert warm.at_once(fingerprint(number)) != []

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(turn, range(1000, 5000, 1000)))


def test_a_change_that_is_being_applied_holds_nobody_up(warm: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    applying, go_on, since = threading.Event(), threading.Event(), changes.changed_since

    def slowly(connection: sa.Connection, number: int, latest: int) -> list[tuple[str, str]]:
        applying.set()
        assert go_on.wait(30)
        return since(connection, number, latest)

    monkeypatch.setattr(replica, "changed_since", slowly)
    warm.protect([fingerprint(2)], kind="ordinary")
    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(warm.match, fingerprint(2))
        assert applying.wait(30)
        assert warm.at_once(fingerprint(3)) is None
        assert not looking.done()
        go_on.set()
        assert looking.result()


def test_a_bank_that_outgrows_its_tail_still_tells(warm: Bank, url: str) -> None:
    """What is compiled is loaded on the way, by whoever brings the change."""
    warm.protect([fingerprint(number) for number in range(100, 3000)], kind="intimate")
    assert warm.match(fingerprint(2999))
    assert told(url, lambda: warm.at_once(fingerprint(5000)) == [])
    assert warm.at_once(fingerprint(100))


@only_sqlite
def test_where_nothing_is_written_lookups_ask_the_database_nothing(
    warm: Bank, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a server, where a feed follows instead."""
    asked: list[int] = []

    def latest(connection: sa.Connection) -> int:
        asked.append(changes.latest_change(connection))
        return asked[-1]

    monkeypatch.setattr(replica, "latest_change", latest)
    with Bank.open(url) as elsewhere:
        warm.match(fingerprint(2))
        asked.clear()
        for number in range(2, 100):
            assert warm.match(fingerprint(number)) == []
        assert asked == []
        elsewhere.protect([fingerprint(200)], kind="ordinary")
        assert warm.match(fingerprint(200))
        assert asked
