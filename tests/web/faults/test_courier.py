"""What webhooks are told, and when, while one of them is out of order or the bank takes nothing."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import only_sqlite
from samples import fingerprint
from tutela.bank import Bank, EventKind
from tutela.casework import Webhooks, webhooks
from tutela.model import Tier
from tutela.store import BankUnusable, WritesRefused, tables
from tutela.web.courier import Courier
from tutela.web.metrics import Metrics
from tutela.web.outbound import Answer, Outbound, Unreachable

HOST = "hooks.example"


@dataclass
class Sites(Outbound):
    """Two addresses, of which the one that ends in `broken` never answers."""

    told: list[str] = field(default_factory=list)
    tried: int = 0

    def call(
        self, method: str, url: str, *, most: int, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        if url.endswith("broken"):
            self.tried += 1
            raise Unreachable("nobody is there")
        self.told.append(json.loads(body or b"{}")["case"])
        return Answer(200, "", b"")


@pytest.fixture
def bank(addresses: Callable[[], str]) -> Iterator[Bank]:
    with Bank.open(addresses(), create=True) as bank:
        yield bank


@pytest.fixture
def hooks(bank: Bank) -> Webhooks:
    return Webhooks(bank.store, bank.shared_sealer(), [HOST])


def attempts(bank: Bank) -> list[int]:
    row = tables.deliveries.c
    with bank.store.read() as connection:
        return list(connection.execute(sa.select(row.attempts).order_by(row.number)).scalars())


def events(bank: Bank) -> list[dict[str, str]]:
    with bank.store.read() as connection:
        return [json.loads(body) for body in connection.execute(sa.select(tables.deliveries.c.body)).scalars()]


@contextmanager
def refusing(bank: Bank, monkeypatch: pytest.MonkeyPatch, error: type[BankUnusable]) -> Iterator[None]:
    """A bank that takes nothing."""

    @contextmanager
    def write(*_: object, **__: object) -> Iterator[sa.Connection]:
        raise error("the bank takes nothing")
        yield  # type: ignore[unreachable]

    with monkeypatch.context() as patch:
        patch.setattr(bank.store, "write", write)
        yield


def test_one_that_is_out_of_order_holds_up_no_other_and_is_not_given_up_untried(bank: Bank, hooks: Webhooks) -> None:
    """A dead webhook may take ten seconds for each of its events: it gets one try in each round."""
    hooks.register(f"https://{HOST}/broken", [EventKind.WITHDRAWAL])
    hooks.register(f"https://{HOST}/well", [EventKind.WITHDRAWAL])
    cases = [bank.protect([fingerprint(seed)], kind="ordinary") for seed in range(4)]
    for case, pin in cases:
        bank.withdraw(case, pin)
    sites = Sites()
    assert Courier(hooks, sites, Metrics()).deliver() == 4
    assert sites.told == [case for case, _ in cases]
    assert sites.tried == 1
    assert attempts(bank) == [1, 0, 0, 0]


def test_an_event_that_was_taken_and_could_not_be_crossed_out_comes_again_under_its_name(
    bank: Bank, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.register(f"https://{HOST}/well", [EventKind.WITHDRAWAL])
    bank.withdraw(*bank.protect([fingerprint(1)], kind="ordinary"))
    before = events(bank)
    delivery = hooks.due()
    assert delivery is not None
    with refusing(bank, monkeypatch, WritesRefused), pytest.raises(WritesRefused):
        hooks.done(delivery)
    assert events(bank) == before
    assert json.loads(delivery.body)["id"] == delivery.event == before[0]["id"]


def test_a_lookup_is_answered_where_the_bank_cannot_even_be_read(
    bank: Bank, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.register(f"https://{HOST}/well", [EventKind.MATCH])
    case, _ = bank.protect([fingerprint(1)], kind="ordinary")
    with refusing(bank, monkeypatch, BankUnusable), monkeypatch.context() as patch:
        patch.setattr(bank.store, "read", bank.store.write)
        hooks.matched({case: Tier.EXACT}, "one")
    hooks.catch_up()
    assert [event["key"] for event in events(bank)] == ["one"]


@pytest.mark.parametrize("error", [WritesRefused, BankUnusable])
def test_matches_wait_in_memory_and_are_told_with_their_time(
    bank: Bank,
    hooks: Webhooks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: type[BankUnusable],
) -> None:
    hooks.register(f"https://{HOST}/well", [EventKind.MATCH])
    case, _ = bank.protect([fingerprint(1)], kind="ordinary")
    with refusing(bank, monkeypatch, error), caplog.at_level(logging.ERROR):
        hooks.matched({case: Tier.NEAR}, "one")
        hooks.matched({case: Tier.EXACT}, "two")
        with pytest.raises(BankUnusable):
            Courier(hooks, Sites(), Metrics()).deliver()
    assert "2 matches wait" in caplog.text
    assert events(bank) == []
    sites = Sites()
    assert Courier(hooks, sites, Metrics()).deliver() == 2
    assert sites.told == [case, case]
    hooks.catch_up()
    assert events(bank) == []


def test_so_many_wait_and_no_more(bank: Bank, addresses: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_WAITING", 3)
    hooks = Webhooks(bank.store, bank.shared_sealer(), [HOST])
    hooks.register(f"https://{HOST}/well", [EventKind.MATCH])
    case, _ = bank.protect([fingerprint(1)], kind="ordinary")
    with refusing(bank, monkeypatch, WritesRefused):
        for number in range(5):
            hooks.matched({case: Tier.EXACT}, str(number))
    hooks.catch_up()
    assert [event["key"] for event in events(bank)] == ["2", "3", "4"]


@only_sqlite  # what is asked is about threads
def test_matches_of_many_threads_are_told_once(bank: Bank, hooks: Webhooks, tmp_path: Path) -> None:
    hooks.register(f"https://{HOST}/well", [EventKind.MATCH])
    case, _ = bank.protect([fingerprint(1)], kind="ordinary")

    def tell(name: str) -> None:
        for number in range(20):
            hooks.matched({case: Tier.EXACT}, f"{name}{number}")

    threads = [threading.Thread(target=tell, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [event["key"] for event in events(bank)]
    assert len(told) == len(set(told)) == 80
