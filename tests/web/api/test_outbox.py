"""The outbox has bounds, and tells nothing in the name of a key that was revoked."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from samples import fingerprint
from tutela.access import Keys, Role
from tutela.bank import Bank, EventKind, outbox
from tutela.casework import Webhooks, webhooks
from tutela.casework.webhooks import KEPT
from tutela.store import tables
from tutela.web.courier import Courier
from tutela.web.metrics import Metrics
from tutela.web.outbound import Outbound
from web.api.conftest import default, running

HOST = "hooks.example"
URL = f"https://{HOST}/secret-in-the-path"


@pytest.fixture
def bank(addresses: Callable[[], str]) -> Iterator[Bank]:
    with Bank.open(addresses(), create=True) as bank:
        yield bank


def hooks(bank: Bank) -> Webhooks:
    return Webhooks(bank.store, bank.shared_sealer(), [HOST])


def courier(bank: Bank, metrics: Metrics) -> Courier:
    return Courier(hooks(bank), Outbound([HOST]), metrics)


def withdrawn(bank: Bank, *seeds: int) -> None:
    for seed in seeds:
        bank.withdraw(*bank.protect([fingerprint(seed)], kind="ordinary"))


def waiting(bank: Bank) -> list[tuple[str, str]]:
    """The webhook and the event of each delivery, oldest first."""
    row = tables.deliveries
    with bank.store.read() as connection:
        rows = connection.execute(sa.select(row.c.webhook, row.c.event).order_by(row.c.number)).all()
    return [(webhook, event) for webhook, event in rows]


def key(bank: Bank) -> str:
    return Keys(bank.store).create("a test", Role.OPERATOR).key.id


def test_a_revoked_keys_webhooks_are_told_nothing_more(bank: Bank) -> None:
    gone, stays = key(bank), key(bank)
    hooks(bank).register(URL, [EventKind.WITHDRAWAL], key=gone)
    other = hooks(bank).register(URL, [EventKind.WITHDRAWAL], key=stays).webhook.id
    own = hooks(bank).register(URL, [EventKind.WITHDRAWAL]).webhook.id
    withdrawn(bank, 1)
    assert len(waiting(bank)) == 3
    Keys(bank.store).revoke(gone)
    due = [each.webhook for _ in range(3) if (each := hooks(bank).due())]
    assert due == [other, own]
    before = len(waiting(bank))
    withdrawn(bank, 2)
    assert [webhook for webhook, _ in waiting(bank)[before:]] == [other, own]


def test_nothing_is_put_out_where_only_a_revoked_key_wanted_it(bank: Bank) -> None:
    its_key = key(bank)
    hooks(bank).register(URL, [EventKind.MATCH], key=its_key)
    with bank.store.read() as connection:
        assert outbox.wanted(connection, EventKind.MATCH)
    Keys(bank.store).revoke(its_key)
    with bank.store.read() as connection:
        assert not outbox.wanted(connection, EventKind.MATCH)


def test_what_a_dead_host_has_not_taken_for_days_is_given_up(
    bank: Bank, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    withdrawn(bank, 1, 2)
    metrics = Metrics()
    assert courier(bank, metrics).tidy() == 0
    row = tables.deliveries
    oldest = sa.select(sa.func.min(row.c.number)).scalar_subquery()
    with bank.store.write() as connection:
        long_ago = datetime.now(UTC) - KEPT - timedelta(minutes=1)
        connection.execute(row.update().where(row.c.number == oldest).values(put_at=long_ago))
    kept = waiting(bank)[1:]
    with caplog.at_level(logging.WARNING):
        assert courier(bank, metrics).tidy() == 1
    assert waiting(bank) == kept
    assert "1 events were given up" in caplog.text
    assert b'tutela_webhook_calls_total{result="given_up"} 1.0' in metrics.text(bank.inventory())


def test_of_too_much_for_one_webhook_the_oldest_is_given_up(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_KEPT", 3)
    busy = hooks(bank).register(URL, [EventKind.WITHDRAWAL]).webhook.id
    withdrawn(bank, 1, 2)
    calm = hooks(bank).register(URL, [EventKind.WITHDRAWAL]).webhook.id
    withdrawn(bank, 3, 4)
    before = waiting(bank)
    assert [name for name, _ in before].count(busy) == 4
    assert hooks(bank).tidy() == 1
    assert waiting(bank) == before[1:]
    assert [name for name, _ in waiting(bank)].count(calm) == 2
    assert hooks(bank).tidy() == 0


def test_a_running_courier_tidies_by_itself(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setattr("tutela.web.courier.LOOK_SECONDS", 0.01)
    monkeypatch.setattr(webhooks, "KEPT", timedelta(days=-1))
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    withdrawn(bank, 1)
    row = tables.deliveries
    with bank.store.write() as connection:
        connection.execute(row.update().values(due_at=datetime.now(UTC) + timedelta(days=1)))
    running = courier(bank, Metrics())
    running.start()
    try:
        end = time.monotonic() + 30
        while waiting(bank) and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        running.close()
    assert waiting(bank) == []


def test_who_registers_and_ends_a_webhook_is_on_record(bank: Bank) -> None:
    its_key = key(bank)
    made = hooks(bank).register(URL, [EventKind.WITHDRAWAL, EventKind.MATCH], key=its_key)
    hooks(bank).delete(made.webhook.id, by=its_key)
    row = tables.acts
    with bank.store.read() as connection:
        query = sa.select(row.c.act, row.c.facts).where(row.c.act.like("webhook.%")).order_by(row.c.number)
        acts = [(act, json.loads(facts)) for act, facts in connection.execute(query)]
    name = made.webhook.id
    assert acts == [
        ("webhook.registered", {"webhook": name, "host": HOST, "events": "match,withdrawal", "by": its_key}),
        ("webhook.deleted", {"webhook": name, "by": its_key}),
    ]
    assert "secret" not in json.dumps(acts)


def test_what_comes_over_the_api_is_done_in_the_name_of_its_key(tmp_path: Path, addresses: Callable[[], str]) -> None:
    with running(tmp_path, default(tmp_path, webhook_hosts=(HOST,)), addresses()) as web:
        its_key = web.tokens[Role.OPERATOR][3:13]
        made = web.post("/api/v1/webhooks", Role.OPERATOR, {"url": URL, "events": ["withdrawal"]}).json()["id"]
        web.post("/api/v1/webhooks", Role.OPERATOR, {"url": URL, "events": ["match"]})
        headers = web.headers(Role.OPERATOR)
        web.client.delete(f"/api/v1/webhooks/{made}", headers=headers)
        web.post("/c/banks", Role.OPERATOR, {"name": "MINE"})
        web.client.put("/c/bank/MINE", json={"name": "OURS", "enabled": False}, headers=headers)
        web.client.delete("/c/bank/OURS", headers=headers)
        row = tables.acts
        with web.bank.store.read() as connection:
            rows = connection.execute(sa.select(row.c.act, row.c.facts).order_by(row.c.number)).all()
            assert outbox.wanted(connection, EventKind.MATCH)
        acts = [(act, json.loads(facts).get("by")) for act, facts in rows if not act.startswith("access_key.")]
        registered, deleted = ("webhook.registered", its_key), ("webhook.deleted", its_key)
        groups = [(f"group.{what}", its_key) for what in ("created", "renamed", "enabled", "deleted")]
        assert acts == [registered, registered, deleted, *groups]
        Keys(web.bank.store).revoke(its_key)
        with web.bank.store.read() as connection:
            assert not outbox.wanted(connection, EventKind.MATCH)
