"""Most lookups are answered at once, whatever else goes on, and leave figures instead of lines."""

import logging
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from databases import told
from samples import fingerprint
from tutela.access import Role
from tutela.bank import Bank, EventKind
from tutela.casework import Webhooks
from tutela.store import tables
from web.api.asking import picture
from web.api.conftest import Running


def signal(seed: int) -> dict[str, str]:
    pdq = fingerprint(seed).pdq
    assert pdq is not None
    return {"signal_type": "pdq", "signal": pdq.code.hex()}


ASKING: dict[str, Callable[[Running, int], httpx.Response]] = {
    "lookup": lambda web, seed: web.post("/api/v1/lookup", Role.MATCH, picture(seed)),
    "hma": lambda web, seed: web.get("/m/lookup", Role.MATCH, params=signal(seed)),
    "raw": lambda web, seed: web.get("/m/raw_lookup", Role.MATCH, params=signal(seed)),
}
NOTHING: dict[str, Any] = {"lookup": {"matched": False, "matches": []}, "hma": {}, "raw": {"matches": []}}
ways = pytest.mark.parametrize("way", list(ASKING))


@ways
def test_what_matches_nothing_takes_no_thread(way: str, web: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless something was written meanwhile, such as the day on which a key was used: the next lookup looks at it."""
    taken = []
    lookup = web.service.lookup
    monkeypatch.setattr(web.service, "lookup", lambda work: (taken.append(work), lookup(work))[1])
    web.bank.protect([fingerprint(1)], kind="ordinary")
    assert ASKING[way](web, 1).json() != NOTHING[way]
    assert told("postgresql:", lambda: not web.bank.match(fingerprint(2)) and web.bank.at_once(fingerprint(2)) == [])
    taken.clear()
    for seed in range(2, 42):
        assert ASKING[way](web, seed).json() == NOTHING[way]
    assert len(taken) <= 10


@ways
def test_both_ways_of_finding_nothing_answer_alike(way: str, web: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = ASKING[way](web, 2)
    monkeypatch.setattr(Bank, "at_once", lambda bank, fingerprint: None)
    slow = ASKING[way](web, 2)
    assert (quick.status_code, quick.content) == (slow.status_code, slow.content)
    assert slow.json() == NOTHING[way]


@ways
def test_what_was_found_before_takes_no_thread_and_is_answered_alike(
    way: str, web: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, lookup = [], web.service.lookup
    monkeypatch.setattr(web.service, "lookup", lambda work: (taken.append(work), lookup(work))[1])
    web.bank.protect([fingerprint(1)], kind="ordinary")
    slow = [ASKING[way](web, 1) for _ in range(3)][-1]  # the second gives it a number, where numbers are told
    assert taken
    assert told("postgresql:", lambda: web.bank.match(fingerprint(1)) and web.bank.at_once(fingerprint(1)))
    taken.clear()
    answers = [ASKING[way](web, 1) for _ in range(40)]
    assert len(taken) <= 10
    assert {tuple(without_claims(answer)) for answer in answers} == {tuple(without_claims(slow))}


def without_claims(answer: httpx.Response) -> list[str]:
    """An answer's words, without those that are sealed anew each time."""
    return re.sub(r'"claim":"[^"]+"', "", answer.text).split(",")


@ways
def test_a_group_that_no_lookup_sees_any_more_is_told_from_then_on(way: str, web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    for _ in range(5):
        assert ASKING[way](web, 1).json() != NOTHING[way]
    web.bank.groups.change("PROTECTED", enabled=0.0)
    assert ASKING[way](web, 1).json() == NOTHING[way]
    web.bank.groups.change("PROTECTED", enabled=1.0)
    assert ASKING[way](web, 1).json() != NOTHING[way]


@ways
def test_a_webhook_that_is_registered_is_told_of_the_next_match(way: str, web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    for _ in range(5):
        ASKING[way](web, 1)
    hooks = Webhooks(web.bank.store, web.bank.shared_sealer(), ["hooks.example"])
    hooks.register("https://hooks.example/", [EventKind.MATCH])
    ASKING[way](web, 1)
    with web.bank.store.read() as connection:
        assert connection.execute(sa.select(tables.deliveries.c.event)).all()


@ways
def test_good_answers_are_counted_and_only_others_are_written_down(
    way: str, shared_web: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="tutela.web.access")
    before = shared_web.get("/metrics", Role.OPERATOR).text
    assert ASKING[way](shared_web, 2).is_success
    after = shared_web.get("/metrics", Role.OPERATOR).text
    assert before != after
    shared_web.client.get("/m/lookup")
    assert told("postgresql:", lambda: any("/m/lookup 401" in line for line in caplog.messages))  # after the answer
    assert len([line for line in caplog.messages if "lookup" in line]) == 1


@pytest.mark.parametrize("share", ["perhaps", "2"])
def test_a_wrong_parameter_is_wrong_whether_or_not_anything_matches(share: str, shared_web: Running) -> None:
    answer = shared_web.get("/m/lookup", Role.MATCH, params={**signal(2), "bypass_coinflip": share})
    assert answer.status_code == 400


def test_of_a_parameter_that_stands_twice_the_last_counts(shared_web: Running) -> None:
    query = f"?signal_type=nonsense&signal_type=pdq&signal={signal(2)['signal']}&banks="
    assert shared_web.get(f"/m/lookup{query}", Role.MATCH).json() == {}
