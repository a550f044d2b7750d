"""The client: the model's types in and out, errors that say what the service said."""

from dataclasses import replace

import httpx
import msgspec
import pytest

from samples import changed, fingerprint
from tutela.access import Role
from tutela.client import Client, ServiceError
from tutela.model import Parts, Tier
from tutela.web.api.table import MANY
from tutela.web.wire import POINTS
from web.api.conftest import Running


def client(web: Running, role: Role) -> Client:
    return Client(web.url, web.tokens[role])


def test_the_whole_way_of_a_case(web: Running) -> None:
    with client(web, Role.INTAKE) as intake, client(web, Role.MATCH) as match:
        opened = intake.protect([fingerprint(1)], kind="ordinary")
        assert opened.pin not in repr(opened)
        (found,) = match.lookup(changed(fingerprint(1), 5, seed=2))
        assert (found.case, found.tier, found.review, found.details) == (opened.case, Tier.NEAR, True, None)
        match.feedback(found.claim, "blocked", idempotency_key="upload-1")
        assert match.lookup(fingerprint(2)) == ()
        assert [bool(each) for each in match.lookups(fingerprint(n) for n in range(1, 4))] == [True, False, False]
        assert intake.status(opened.case, opened.pin).protections[0].id == opened.protections[0]
        assert intake.withdraw(opened.case, opened.pin) == 1
        assert match.lookup(fingerprint(1)) == ()


def test_more_than_one_batch_is_asked_in_several(web: Running) -> None:
    web.bank.protect([fingerprint(1200)], kind="ordinary")
    with client(web, Role.MATCH) as match:
        found = match.lookups(fingerprint(n) for n in range(1300))
    assert [number for number, each in enumerate(found) if each] == [1200]


def test_batches_are_cut_by_bytes_too() -> None:
    """A thousand fingerprints with all their parts would be a quarter of a gigabyte."""
    sizes: list[tuple[int, int]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked = msgspec.json.decode(request.content)["fingerprints"]
        sizes.append((len(asked), len(request.content)))
        found = [{"case": each["sha256"], "tier": "exact", "review": False, "claim": "c"} for each in asked]
        return httpx.Response(200, json={"answers": [{"matched": True, "matches": [each]} for each in found]})

    parts = Parts(bytes(6 * POINTS), bytes(64 * POINTS))
    given = [replace(fingerprint(seed), parts=parts) for seed in range(70)]
    with Client("https://x.example", "tk_x", transport=httpx.MockTransport(answer)) as one:
        found = one.lookups(given)
    assert [each[0].case for each in found] == [each.sha256.hex() for each in given]
    assert len(sizes) > 1
    assert min(count for count, _ in sizes) > 10
    assert max(size for _, size in sizes) <= MANY


def test_nothing_is_asked_for_nothing() -> None:
    with Client("http://127.0.0.1:1", "tk_x") as nobody:
        assert nobody.lookups([]) == []


@pytest.mark.parametrize(
    "address",
    [
        *("http://x.example", "HTTP://x.example", "http://127.0.0.1@x.example", "http://127.0.0.1.x.example"),
        *("http://192.168.0.1", "http://localhost.x.example", "ftp://127.0.0.1", "x.example", "", "http://[::1"),
    ],
)
def test_keys_and_pins_do_not_travel_in_the_open(address: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        Client(address, "tk_x")
    assert refusal.value.code == "not_private"
    assert "https://" in refusal.value.remedy


@pytest.mark.parametrize("address", ["https://x.example", "http://127.0.0.1:8", "http://localhost:8", "http://[::1]:8"])
def test_tls_and_this_machine_are_private(address: str) -> None:
    Client(address, "tk_x").close()


def test_a_proxy_of_the_environment_gets_nothing(web: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with client(web, Role.MATCH) as match:
        assert match.lookup(fingerprint(1)) == ()


def test_an_operator_is_told_how_close(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    with client(web, Role.OPERATOR) as operator:
        (found,) = operator.lookup(changed(fingerprint(1), 5, seed=2))
    assert found.details is not None
    assert found.details[0].distance == 5


@pytest.mark.parametrize(
    ("role", "status", "code"), [(Role.MATCH, 403, "not_allowed"), (Role.INTAKE, 403, "case_refused")]
)
def test_a_refusal_says_what_the_service_said(web: Running, role: Role, status: int, code: str) -> None:
    with client(web, role) as one, pytest.raises(ServiceError) as refusal:
        one.withdraw("TU-2222-2222", "0000000000")
    assert (refusal.value.status, refusal.value.code) == (status, code)
    assert refusal.value.remedy


def test_a_case_name_does_not_lead_elsewhere(web: Running) -> None:
    with client(web, Role.INTAKE) as intake, pytest.raises(ServiceError) as refusal:
        intake.status("../../v1/cases?", "1")
    assert refusal.value.status in (403, 404)


def test_nobody_there_is_an_error_like_others() -> None:
    with Client("http://127.0.0.1:1", "tk_x") as nobody, pytest.raises(ServiceError) as refusal:
        nobody.lookup(fingerprint(1))
    assert (refusal.value.status, refusal.value.code) == (0, "unreachable")


def test_too_early_waits_and_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    answers = iter(
        [
            httpx.Response(429, headers={"Retry-After": "2"}),
            httpx.Response(503),
            httpx.Response(200, json={"matched": False, "matches": []}),
        ]
    )
    with Client("https://x.example", "tk_x", transport=httpx.MockTransport(lambda _: next(answers))) as one:
        assert one.lookup(fingerprint(1)) == ()
    assert waited == [2.0, 1.0]


def test_a_case_is_asked_for_again_under_its_key_whatever_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if len(calls) == 1:
            raise httpx.ReadError("the answer was lost")
        done = {"case": "TU-2222-2222", "pin": "0123456789", "protections": ["p"]}
        return httpx.Response(503) if len(calls) == 2 else httpx.Response(201, json=done)

    with Client("https://x.example", "tk_x", transport=httpx.MockTransport(answer)) as one:
        assert one.protect([fingerprint(1)], kind="ordinary").pin == "0123456789"
        one.protect([fingerprint(1)], kind="ordinary")
        one.protect([fingerprint(1)], kind="ordinary", idempotency_key="k" * 22)
    first, *others, next_one, given = (call.headers["idempotency-key"] for call in calls)
    assert [first] * 2 == others
    assert next_one != first
    assert given == f'"{"k" * 22}"'
    assert len({call.content for call in calls}) == 1


def test_a_lookup_that_was_lost_is_an_error_at_once() -> None:
    calls = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ReadError("the answer was lost")

    with Client("https://x.example", "tk_x", transport=httpx.MockTransport(answer)) as one, pytest.raises(ServiceError):
        one.lookup(fingerprint(1))
    assert len(calls) == 1


def test_one_key_gives_one_case(web: Running) -> None:
    with client(web, Role.INTAKE) as intake:
        asked = [intake.protect([fingerprint(1)], kind="ordinary", idempotency_key="k" * 30) for _ in range(2)]
    assert asked[0] == asked[1]
    assert web.bank.inventory().cases == 1


def test_an_answer_of_something_else_is_no_answer() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    with Client("https://x.example", "tk_x", transport=transport) as one, pytest.raises(ServiceError) as refusal:
        one.lookup(fingerprint(1))
    assert refusal.value.code == "not_understood"
