"""Feedback: told once, only of matches that one had, and shown to the person when staff release it."""

import json

import pytest
import sqlalchemy as sa

from samples import fingerprint
from tutela.access import Role
from tutela.casework import Findings, UnknownFinding
from tutela.store import tables
from web.api.asking import code_of, picture
from web.api.conftest import Running


def claim(web: Running, headers: dict[str, str] | None = None) -> str:
    headers = headers or web.headers(Role.MATCH)
    answer = web.client.post("/api/v1/lookup", json=picture(1), headers=headers).json()
    return str(answer["matches"][0]["claim"])


def told(web: Running, its_claim: str, verdict: str = "blocked", key: str = "upload-1") -> tuple[int, str]:
    asked = {"claim": its_claim, "verdict": verdict, "idempotency_key": key}
    answer = web.post("/api/v1/feedback", Role.MATCH, asked)
    return answer.status_code, answer.text


def finding(web: Running) -> str:
    with web.bank.store.read() as connection:
        return str(connection.execute(sa.select(tables.findings.c.id)).scalar_one())


def test_the_person_sees_what_came_of_a_match_once_staff_release_it(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    assert told(web, claim(web))[0] == 200
    assert web.bank.status(case, pin).matches == ()
    assert web.bank.status(case, pin).outcomes == ()
    Findings(web.bank.store).release(finding(web))
    status = web.bank.status(case, pin)
    assert [(each.tier, each.protection) for each in status.matches] == [("exact", status.protections[0].id)]
    assert [each.verdict for each in status.outcomes] == ["blocked"]
    answer = web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin}).json()
    assert [each["verdict"] for each in answer["outcomes"]] == ["blocked"]


def test_the_same_told_twice_counts_once_and_is_answered_alike(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    its_claim = claim(web)
    answers = {told(web, its_claim), told(web, its_claim), told(web, its_claim, "wrong")}
    assert len(answers) == 1
    told(web, its_claim, "not_blocked", "upload-2")
    Findings(web.bank.store).release(finding(web))
    assert [each.verdict for each in web.bank.status(case, pin).outcomes] == ["blocked", "not_blocked"]
    assert len(web.bank.status(case, pin).matches) == 1


def test_what_comes_after_a_release_waits_for_the_next_one(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    findings = Findings(web.bank.store)

    def seen() -> list[str]:
        return [each.verdict for each in web.bank.status(case, pin).outcomes]

    told(web, claim(web), "not_blocked")
    findings.release(finding(web))
    told(web, claim(web), "blocked", "upload-2")
    assert seen() == ["not_blocked"]
    (listed,) = findings.all()
    assert listed.waiting
    assert [(each.verdict, each.released) for each in listed.outcomes] == [("not_blocked", True), ("blocked", False)]
    assert findings.release(listed.id) == findings.all()[0]
    assert not findings.all()[0].waiting
    assert seen() == ["not_blocked", "blocked"]


def test_however_often_a_match_is_told_a_person_sees_each_verdict_once(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    its_claim = claim(web)
    for number in range(20):
        for verdict in ("blocked", "wrong", "not_blocked"):
            one = its_claim if number % 2 else claim(web)
            assert told(web, one, verdict, f"upload-{verdict}-{number}")[0] == 200
    Findings(web.bank.store).release(finding(web))
    assert [each.verdict for each in web.bank.status(case, pin).outcomes] == ["blocked", "wrong", "not_blocked"]
    assert len(web.bank.status(case, pin).matches) == 1


def test_a_release_is_on_record(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    told(web, claim(web))
    its_finding = finding(web)
    Findings(web.bank.store).release(its_finding)
    with pytest.raises(UnknownFinding):
        Findings(web.bank.store).release("nothing")
    row = tables.acts
    with web.bank.store.read() as connection:
        query = sa.select(row.c.facts).where(row.c.act == "finding.released")
        acts = [json.loads(facts) for facts in connection.execute(query).scalars()]
    assert acts == [{"finding": its_finding, "outcomes": 1}]


def test_the_findings_of_a_withdrawn_case_are_gone(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    told(web, claim(web))
    its_finding = finding(web)
    web.bank.withdraw(case, pin)
    assert Findings(web.bank.store).all() == []
    with pytest.raises(UnknownFinding):
        Findings(web.bank.store).release(its_finding)


def test_a_claim_is_good_for_the_key_that_got_it_alone(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    other = web.key(Role.MATCH)
    status, text = told(web, claim(web, other))
    assert status == 422
    assert "claim" in text


@pytest.mark.parametrize("change", [lambda c: c[:-2] + "AA", lambda c: c[1:], lambda c: "A", lambda c: c * 3])
def test_an_altered_claim_is_refused(web: Running, change: object) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    assert callable(change)
    assert told(web, change(claim(web)))[0] == 422


def test_feedback_on_a_case_withdrawn_meanwhile_is_received_and_kept_nowhere(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    before, late = claim(web), claim(web)
    answer = told(web, before)
    web.bank.withdraw(case, pin)
    assert told(web, late, key="upload-9") == answer
    assert web.bank.status(case, pin).matches == ()
    with web.bank.store.read() as connection:
        for table in (tables.findings, tables.outcomes):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_a_claim_tells_nothing(web: Running) -> None:
    case, _ = web.bank.protect([fingerprint(1)], kind="ordinary")
    first, second = claim(web), claim(web)
    assert first != second
    assert case not in first
    assert len(first) < 200


def test_another_verdict_is_refused(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    asked = {"claim": claim(web), "verdict": "burned", "idempotency_key": "upload-1"}
    assert code_of(web.post("/api/v1/feedback", Role.MATCH, asked)) == "wrong_input"
