"""PostgreSQL goes and comes back under a running service: it refuses in clear words, soon, and goes on by itself."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from acts import Case, Diary, Helper, disturbed, try_again
from faults import on_server, until_ready
from load import invented
from served import Receiver, Service
from servers import Server, in_memory

from tutela.bank.feed import TRUSTED
from tutela.store.silence import PATIENCE
from tutela.web.wire import wire
from web.faults.asking import found_nothing_wrong, refused, some_cases

pytestmark = pytest.mark.postgres

SOON = 2.0
"""Seconds in which a lookup is answered or refused: far more than it takes, for busy machines."""


@pytest.fixture
def running(server: Server, receiver: Receiver) -> Iterator[tuple[Server, Service]]:
    """A service over a server of its own; `server` says that one starts here."""
    with (
        Server(in_memory()) as mine,
        on_server(mine) as (address, _),
        tempfile.TemporaryDirectory() as folder,
        Service(address, Path(folder), receiver) as service,
    ):
        until_ready(service)
        yield mine, service


def look_up(client: httpx.Client, case: Case, place: int = 0) -> httpx.Response:
    return client.post("/api/v1/lookup", json=msgspec.to_builtins(wire(case.pictures()[place])))


def until(client: httpx.Client, ask: Callable[[httpx.Client], httpx.Response], status: int) -> float:
    """Seconds until this is answered so. No single answer may take long."""
    start = time.monotonic()
    while True:
        asked = time.monotonic()
        answer = ask(client)
        assert time.monotonic() - asked < SOON
        assert answer.status_code == status or time.monotonic() - start < 30, answer.text
        if answer.status_code == status:
            return time.monotonic() - start
        time.sleep(0.01)


def test_a_server_that_stops_and_starts_again(running: tuple[Server, Service], receiver: Receiver) -> None:
    """Whoever looks up is never told from knowledge that is older than half a second: then a refusal is right, since a
    withdrawal may have come through another process."""
    server, service = running
    diary, nothing = Diary(), Case(10**6)
    with Helper(service, diary, 1) as helper, service.client() as client:
        (case,) = some_cases(helper, diary, 1)
        server.stop()
        assert until(client, lambda asking: look_up(asking, nothing), 503) < TRUSTED + SOON
        assert refused(look_up(client, case), "bank_unusable")
        assert refused(client.post("/api/v1/cases", json=_new(7)), "bank_unusable")
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        server.start()
        until(client, lambda asking: asking.get("/readyz"), 200)
        until(client, lambda asking: look_up(asking, nothing), 200)
        some_cases(helper, diary, 1)
        for path in ("/healthz", "/readyz"):
            assert client.get(path).status_code == 200
    found_nothing_wrong(service, diary, receiver)


def test_a_server_that_falls_silent(running: tuple[Server, Service], receiver: Receiver) -> None:
    """Nothing is refused, nothing answered: the first who wait find out, the others are told at once, and an answer
    that a withdrawal elsewhere could have made wrong is never given."""
    server, service = running
    diary, nothing = Diary(), Case(10**6)
    with Helper(service, diary, 1) as helper, service.client() as client:
        (case,) = some_cases(helper, diary, 1)
        look_up(client, nothing)
        server.pause()
        paused = time.monotonic()
        try:
            while (answer := look_up(client, nothing)).status_code == 200:
                assert time.monotonic() - paused < TRUSTED + SOON
            assert time.monotonic() - paused < TRUSTED + 2 * PATIENCE + SOON  # 5.5 s were seen beside the whole suite
            assert refused(answer, "bank_unusable")
            start = time.monotonic()
            for _ in range(20):
                assert refused(look_up(client, case), "bank_unusable")
                assert refused(client.post("/api/v1/cases", json=_new(7)), "bank_unusable")
                assert client.get("/readyz").status_code == 503
                assert client.get("/healthz").status_code == 200
            assert time.monotonic() - start < 20 * PATIENCE / 4  # far less than one wait for each
        finally:
            server.resume()
        assert until(client, lambda asking: look_up(asking, nothing), 200) < 2 * SOON
        some_cases(helper, diary, 1)
    found_nothing_wrong(service, diary, receiver)


def test_what_was_under_way_when_the_server_fell_silent_is_refused_and_can_be_asked_again(
    running: tuple[Server, Service], receiver: Receiver
) -> None:
    server, service = running
    diary, chance = Diary(), random.Random(1)

    def silence() -> None:
        server.pause()
        time.sleep(PATIENCE + chance.uniform(0.5, 1.5))
        server.resume()

    assert disturbed(service, diary, 1, chance.uniform(0.1, 0.4), silence)
    until_ready(service)
    try_again(service, diary)
    found_nothing_wrong(service, diary, receiver)


def _new(seed: int) -> dict[str, object]:
    return {"kind": "intimate", "fingerprints": [msgspec.to_builtins(wire(invented(10**6 + seed)))]}
