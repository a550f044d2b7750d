"""Webhooks: what they are told, signed, once taken never again, until taken again and again."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import only_sqlite
from samples import fingerprint
from tutela.access import Role
from tutela.bank import Bank, EventKind
from tutela.casework import HostRefused, Webhooks
from tutela.casework.webhooks import ATTEMPTS, FIRST_PAUSE
from tutela.store import tables
from tutela.web.courier import Courier
from tutela.web.metrics import Metrics
from tutela.web.outbound import Answer, Outbound, Unreachable
from web.api.asking import code_of, picture
from web.api.conftest import Running, default, running

HOST = "hooks.example"
URL = f"https://{HOST}/tutela"


@dataclass
class Site(Outbound):
    """The other side: notes what it is told, answers with `status`."""

    status: int = 200
    told: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def call(
        self, method: str, url: str, *, most: int, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        if self.status == 0:
            raise Unreachable("nobody is there")
        self.told.append((url, body or b"", headers or {}))
        return Answer(self.status, "", b"")


@pytest.fixture
def bank(addresses: Callable[[], str]) -> Iterator[Bank]:
    with Bank.open(addresses(), create=True) as bank:
        yield bank


def hooks(bank: Bank, *hosts: str) -> Webhooks:
    return Webhooks(bank.store, bank.shared_sealer(), hosts or (HOST,))


def hasten(bank: Bank) -> None:
    """Makes everything that waits due now."""
    row = tables.deliveries
    with bank.store.write() as connection:
        connection.execute(row.update().values(due_at=sa.literal(0, sa.BigInteger)))


def waiting(bank: Bank) -> int:
    with bank.store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.deliveries)).scalar_one()


def test_a_withdrawal_is_told_and_signed(bank: Bank) -> None:
    registered = hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")
    bank.withdraw(case, pin)
    site = Site()
    assert Courier(hooks(bank), site, Metrics()).deliver() == 1
    ((url, body, headers),) = site.told
    said = json.loads(body)
    assert (url, said["type"], said["case"]) == (URL, "withdrawal", case)
    assert said["id"] == headers["Tutela-Event"]
    stamp, _, code = headers["Tutela-Signature"].partition(",v1=")
    signed = f"{said['id']}.{stamp.removeprefix('t=')}.".encode() + body
    assert hmac.new(registered.secret.encode(), signed, hashlib.sha256).hexdigest() == code
    assert waiting(bank) == 0
    assert Courier(hooks(bank), site, Metrics()).deliver() == 0


def test_what_never_happened_is_not_told(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event is in the transaction: where that fails, nobody is told."""
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")

    def breaks(connection: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(bank._snapshot, "destroy", breaks)
    with pytest.raises(RuntimeError):
        bank.withdraw(case, pin)
    assert waiting(bank) == 0


@pytest.mark.parametrize("status", [0, 302, 404, 500])
def test_what_is_not_taken_is_tried_again_with_longer_pauses_and_then_given_up(bank: Bank, status: int) -> None:
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    bank.withdraw(*bank.protect([fingerprint(1)], kind="ordinary"))
    site = Site(status=status)
    courier = Courier(hooks(bank), site, Metrics())
    pauses = []
    for attempt in range(1, ATTEMPTS + 1):
        assert courier.deliver() == 0
        with bank.store.read() as connection:
            row = connection.execute(sa.select(tables.deliveries)).one_or_none()
        if attempt < ATTEMPTS:
            assert row is not None
            assert row.attempts == attempt
            pauses.append(row.due_at)
            assert courier.deliver() == 0
            hasten(bank)
    assert waiting(bank) == 0
    assert pauses[3] - pauses[0] > timedelta(seconds=60)
    assert timedelta(hours=5.5) < FIRST_PAUSE * (2 ** (ATTEMPTS - 1) - 1) < timedelta(hours=6)
    assert len({headers["Tutela-Event"] for _, _, headers in site.told}) <= 1


def test_of_what_is_due_the_oldest_event_comes_first(bank: Bank) -> None:
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    for seed in range(3):
        bank.withdraw(*bank.protect([fingerprint(seed)], kind="ordinary"))
    row = tables.deliveries
    with bank.store.write() as connection:  # those that were tried before are due later
        connection.execute(row.update().values(due_at=sa.literal(1000, sa.BigInteger) - row.c.number))
    numbers = [each.number for _ in range(3) if (each := hooks(bank).due())]
    assert len(numbers) == 3
    assert numbers == sorted(numbers)


def test_two_processes_do_not_tell_the_same_at_once(bank: Bank) -> None:
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    bank.withdraw(*bank.protect([fingerprint(1)], kind="ordinary"))
    assert hooks(bank).due() is not None
    assert hooks(bank).due() is None


def test_an_event_is_nobody_elses_for_longer_than_a_call_may_take(bank: Bank) -> None:
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    bank.withdraw(*bank.protect([fingerprint(1)], kind="ordinary"))

    def due() -> datetime:
        with bank.store.read() as connection:
            return connection.execute(sa.select(tables.deliveries.c.due_at)).scalar_one()

    delivery = hooks(bank).due()
    assert delivery is not None
    assert due() - datetime.now(UTC) > timedelta(seconds=20)
    hooks(bank).failed(delivery)
    assert due() - datetime.now(UTC) <= timedelta(seconds=10)


def test_a_host_that_was_taken_off_the_list_is_told_nothing(bank: Bank) -> None:
    hooks(bank).register(URL, [EventKind.WITHDRAWAL])
    bank.withdraw(*bank.protect([fingerprint(1)], kind="ordinary"))
    site = Site()
    assert Courier(hooks(bank, "other.example"), site, Metrics()).deliver() == 0
    assert site.told == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://other.example/",
        "https://hooks.example.other.example/",
        "https://user:pw@hooks.example/",
        "https://hooks.example:8443/",
        "https://hooks.example@other.example/",
        "https://[::1]/",
        "https://hooks.example:x/",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_listed_hosts_are_registered(bank: Bank, url: str) -> None:
    with pytest.raises(HostRefused):
        hooks(bank).register(url, [EventKind.MATCH])


def test_only_wanted_events_of_covered_groups_are_told(bank: Bank) -> None:
    group = bank.groups.create("MINE")
    hooks(bank).register(URL + "/all", [EventKind.WITHDRAWAL])
    hooks(bank).register(URL + "/mine", [EventKind.WITHDRAWAL], frozenset({group.id}))
    hooks(bank).register(URL + "/match", [EventKind.MATCH])
    bank.withdraw(*bank.protect([fingerprint(1)], kind="ordinary"))
    site = Site()
    Courier(hooks(bank), site, Metrics()).deliver()
    assert [url for url, _, _ in site.told] == [URL + "/all"]
    registered = bank.register([fingerprint(2)], kind="ordinary", group=group.id)
    bank.withdraw(registered.case, registered.pin)
    site = Site()
    Courier(hooks(bank), site, Metrics()).deliver()
    assert [url for url, _, _ in site.told] == [URL + "/all", URL + "/mine"]


@only_sqlite  # it looks into the file
def test_what_signs_is_sealed_on_disk(bank: Bank, tmp_path: Path) -> None:
    registered = hooks(bank).register(URL, [EventKind.MATCH])
    assert registered.secret not in repr(registered)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert registered.secret.encode() not in stored


def test_webhooks_over_the_api(tmp_path: Path, addresses: Callable[[], str]) -> None:
    with running(tmp_path, default(tmp_path, webhook_hosts=(HOST,)), addresses()) as web:
        refused = web.post("/api/v1/webhooks", Role.OPERATOR, {"url": "https://x.example/", "events": ["match"]})
        assert (refused.status_code, code_of(refused)) == (422, "wrong_input")
        made = web.post("/api/v1/webhooks", Role.OPERATOR, {"url": URL, "events": ["match", "feedback"]})
        assert made.status_code == 201
        assert made.json()["secret"].startswith("whsec_")
        (listed,) = web.get("/api/v1/webhooks", Role.OPERATOR).json()["webhooks"]
        assert listed == {name: value for name, value in made.json().items() if name != "secret"}
        scoped = web.key(Role.OPERATOR, groups=[])
        assert web.client.get("/api/v1/webhooks", headers=scoped).json() == {"webhooks": []}
        path = f"/api/v1/webhooks/{listed['id']}"
        assert web.client.delete(path, headers=scoped).status_code == 404
        told_of_matches(web)
        assert web.client.delete(path, headers=web.headers(Role.OPERATOR)).status_code == 204
        assert web.client.delete(path, headers=web.headers(Role.OPERATOR)).status_code == 404


def told_of_matches(web: Running) -> None:
    case, _ = web.bank.protect([fingerprint(1)], kind="ordinary")
    found = web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()["matches"][0]
    given = {"claim": found["claim"], "verdict": "blocked", "idempotency_key": "upload-1"}
    for _ in range(2):
        web.post("/api/v1/feedback", Role.MATCH, given)
    with web.bank.store.read() as connection:
        told = sa.select(tables.deliveries.c.body).order_by(tables.deliveries.c.number)
        bodies = [json.loads(body) for body in connection.execute(told).scalars()]
    assert [(body["type"], body["case"], body["tier"]) for body in bodies] == [
        ("match", case, "exact"),
        ("feedback", case, "exact"),
    ]
