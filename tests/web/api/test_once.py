"""A case that is asked for again under the same `Idempotency-Key` is opened once, and its PIN can be told again."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from samples import fingerprint
from tutela.access import Role
from tutela.bank import once
from tutela.store import tables
from tutela.web.protect.pages import CONSENT
from web.api.asking import code_of, picture
from web.api.conftest import Running


def fresh() -> str:
    return f'"{secrets.token_urlsafe(16)}"'


def case(*seeds: int) -> dict[str, object]:
    return {"kind": "ordinary", "fingerprints": [picture(seed) for seed in seeds]}


def by_api(web: Running, key: str, asked: dict[str, object], **headers: str) -> httpx.Response:
    headers = headers or web.headers(Role.INTAKE)
    return web.client.post("/api/v1/cases", json=asked, headers={**headers, "Idempotency-Key": key})


def by_page(web: Running, key: str, asked: dict[str, object]) -> httpx.Response:
    told = {**asked, "under_18": False, "consent": CONSENT, "keep_parts": False}
    return web.client.post("/protect/api/cases", json=told, headers={"Idempotency-Key": key})


def rows(web: Running) -> list[sa.Row[tuple[object, ...]]]:
    with web.bank.store.read() as connection:
        return list(connection.execute(sa.select(tables.openings_once)).all())


def acts(web: Running) -> list[str]:
    with web.bank.store.read() as connection:
        return list(connection.execute(sa.select(tables.acts.c.act)).scalars())


@pytest.mark.parametrize("door", [by_api, by_page])
def test_asked_again_it_is_the_same_case_with_the_same_pin(web: Running, door: object) -> None:
    key = fresh()
    first, again, bare = (door(web, each, case(1, 2)) for each in (key, key, key.strip('"')))  # type: ignore[operator]
    assert first.status_code == again.status_code == bare.status_code == 201
    assert first.json() == again.json() == bare.json()
    assert len(web.bank.status(first.json()["case"], first.json()["pin"]).protections) == 2
    assert (web.bank.inventory().cases, acts(web).count("case.opened")) == (1, 1)


def test_the_protections_come_in_the_order_of_the_fingerprints(web: Running) -> None:
    key = fresh()
    first, again = (by_api(web, key, case(*range(8))).json()["protections"] for _ in range(2))
    assert first == again
    for seed, protection in enumerate(again):
        assert [match.protection for match in web.bank.match(fingerprint(seed))] == [protection]


def test_another_key_and_no_key_are_other_cases(web: Running) -> None:
    answers = [by_api(web, fresh(), case(1)).json() for _ in range(2)]
    answers.append(web.post("/api/v1/cases", Role.INTAKE, case(1)).json())
    assert len({answer["case"] for answer in answers}) == 3
    assert len({answer["pin"] for answer in answers}) == 3


def test_a_key_with_something_else_is_refused(web: Running) -> None:
    key = fresh()
    by_api(web, key, case(1))
    refusal = by_api(web, key, case(2))
    assert (refusal.status_code, code_of(refusal)) == (422, "key_reused")
    assert web.bank.match(fingerprint(2)) == []


def test_a_key_belongs_to_its_caller(web: Running) -> None:
    """Another one with the same key and the same pictures is not told the PIN."""
    key = fresh()
    mine = by_api(web, key, case(1)).json()
    others = by_api(web, key, case(1), **web.key(Role.INTAKE)).json()
    person = by_page(web, key, case(1)).json()
    assert len({each["case"] for each in (mine, others, person)}) == 3
    assert len({each["pin"] for each in (mine, others, person)}) == 3


@pytest.mark.parametrize(
    "key", ["short", "", "a" * 101, "a b" * 10, '"with "quotes" in the middle"', f'"{"a" * 22}', f'{"a" * 22}"']
)
def test_a_key_of_another_form_opens_nothing(web: Running, key: str) -> None:
    for door in (by_api, by_page):
        refusal = door(web, key, case(1))
        assert (refusal.status_code, code_of(refusal)) == (400, "not_understood")
    assert web.bank.inventory().cases == 0


def test_two_keys_at_once_open_nothing(web: Running) -> None:
    headers = [*web.headers(Role.INTAKE).items(), ("Idempotency-Key", fresh()), ("Idempotency-Key", fresh())]
    assert web.client.post("/api/v1/cases", json=case(1), headers=headers).status_code == 400


def test_asked_several_times_at_the_same_moment_it_is_one_case(web: Running) -> None:
    key = fresh()
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: by_api(web, key, case(1)), range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert web.bank.inventory().cases == 1


def test_a_call_that_comes_after_the_withdrawal_opens_nothing(web: Running) -> None:
    key = fresh()
    opened = by_api(web, key, case(1)).json()
    web.bank.withdraw(opened["case"], opened["pin"])
    refusal = by_api(web, key, case(1))
    assert (refusal.status_code, code_of(refusal)) == (409, "conflict")
    assert web.bank.match(fingerprint(1)) == []


def test_after_a_day_a_key_is_forgotten(web: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    key = fresh()
    first = by_api(web, key, case(1)).json()
    monkeypatch.setattr(once, "REMEMBERED", timedelta(0))
    second = by_api(web, key, case(1)).json()
    assert second["case"] != first["case"]
    assert second["pin"] != first["pin"]
    by_api(web, fresh(), case(2))
    assert len(rows(web)) == 1


def test_what_is_kept_holds_neither_key_nor_pin_nor_picture(web: Running) -> None:
    key = fresh()
    pin = by_api(web, key, case(1)).json()["pin"]
    (row,) = rows(web)
    kept = b"".join(each if isinstance(each, bytes) else str(each).encode() for each in row)
    for secret in (key.strip('"'), pin, fingerprint(1).sha256.hex(), fingerprint(1).md5.hex()):
        assert secret.encode() not in kept
    assert fingerprint(1).sha256 not in kept
