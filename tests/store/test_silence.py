"""A server that has fallen silent is found out by whoever asks first; the others do not wait for it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from servers import Server

from databases import only_server
from store.stores import names
from tutela.store import BankUnusable, Store, silence

pytestmark = only_server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "PATIENCE", 0.3)


@pytest.fixture
def silent(server: Server, store: Store) -> Iterator[Server]:
    """A server that says nothing any more, once there is a connection to it."""
    assert names(store) == []
    server.pause()
    yield server
    server.resume()


def refused(store: Store) -> float:
    """Seconds until it was."""
    start = time.monotonic()
    with pytest.raises(BankUnusable, match="silent"):
        names(store)
    return time.monotonic() - start


def test_one_waits_and_the_others_are_refused_at_once(silent: Server, store: Store) -> None:
    assert refused(store) > 0.3
    assert sum(refused(store) for _ in range(20)) < 1


def test_who_follows_the_changes_may_try_and_ends_the_silence_for_all(silent: Server, store: Store) -> None:
    refused(store)
    silent.resume()
    refused(store)
    with store.listen():
        assert names(store) == []


def test_where_nobody_follows_it_is_tried_again_after_a_while(
    silent: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "REFUSED_SECONDS", 0.5)
    refused(store)
    silent.resume()
    refused(store)
    time.sleep(0.5)
    assert names(store) == []


def test_what_is_under_way_is_given_up_when_somebody_finds_out(silent: Server, store: Store) -> None:
    silent.resume()
    with ThreadPoolExecutor(1) as threads, store.read() as connection:
        connection.execute(sa.text("SELECT 1"))
        assert names(store) == []  # on another connection, which waits in the pool then
        silent.pause()
        waiting = threads.submit(connection.execute, sa.text("SELECT 2"))
        refused(store)
        with pytest.raises(sa.exc.OperationalError, match="silent"):
            waiting.result(10)


def test_what_takes_long_is_not_disturbed_while_the_server_answers(store: Store) -> None:
    def sleeps() -> object:
        with store.read() as connection:
            return connection.execute(sa.text("SELECT 7 FROM pg_sleep(1)")).scalar_one()

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(sleeps)
        while not slow.done():
            assert names(store) == []
        assert slow.result() == 7
