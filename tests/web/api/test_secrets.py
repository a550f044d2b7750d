"""Keys, PINs, fingerprints and references never reach a log, an error or the record of calls."""

import json
import logging
from pathlib import Path

import pytest

from samples import changed, fingerprint
from tutela.access import Role
from tutela.custody import verify
from tutela.model import Fingerprint, Match
from tutela.web import problems
from web.api.asking import picture, wired
from web.api.conftest import Running, default, running


def use_everything(web: Running) -> set[str]:
    """Calls most routes, rightly and wrongly; every secret that was in it."""
    asked = {"kind": "ordinary", "fingerprints": [picture(1)]}
    opened = web.post("/api/v1/cases", Role.INTAKE, asked).json()
    case, pin = opened["case"], opened["pin"]
    near = wired(changed(fingerprint(1), 9, seed=2))
    found = web.post("/api/v1/lookup", Role.MATCH, near).json()["matches"][0]
    given = {"claim": found["claim"], "verdict": "wrong", "idempotency_key": "idempotent-4711"}
    web.post("/api/v1/feedback", Role.MATCH, given)
    signal = near["pdq"]["hash"][:64]
    web.get("/m/lookup", Role.MATCH, params={"signal_type": "pdq", "signal": signal})
    web.get("/m/lookup", Role.MATCH, params={"signal_type": "pdq", "signal": signal + "0"})
    web.post("/c/bank/PROTECTED/signal", Role.OPERATOR, {"pdq": signal})
    web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin})
    web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": "4444444444"})
    web.post(f"/api/v1/cases/{case}/withdrawal", Role.INTAKE, {"pin": pin, signal: 1})
    web.post(f"/api/v1/cases/{case}/withdrawal", Role.INTAKE, {"pin": pin})
    web.get(f"/nowhere/{case}", Role.MATCH, params={"pin": pin})
    web.client.get("/c/banks", headers={"Authorization": "Bearer tk_" + "7" * 62})
    return {
        case,
        pin,
        "4444444444",
        "7" * 62,
        found["claim"],
        signal,
        near["sha256"],
        near["md5"],
        "idempotent-4711",
        *(token[13:] for token in web.tokens.values()),
        *(protection for protection in opened["protections"]),
    }


def test_no_secret_reaches_a_log_or_the_record_of_calls(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="tutela")
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    with running(tmp_path, default(tmp_path)) as web:
        secrets = use_everything(web)
    recorded = "\n".join(path.read_text() for path in (tmp_path / "calls").iterdir())
    logged = "\n".join([caplog.text, *(repr(record.__dict__) for record in caplog.records)])
    mine = "\n".join(line for line in logged.splitlines() if "httpx" not in line and "httpcore" not in line)
    assert "POST /api/v1/cases/{case}/status 403" in mine
    for secret in secrets:
        assert secret not in mine
        assert secret not in recorded
        assert secret.lower() not in mine.lower()


def test_every_call_is_in_the_record_with_its_key_and_result(tmp_path: Path) -> None:
    with running(tmp_path, default(tmp_path)) as web:
        for _ in range(5):
            web.post("/api/v1/lookup", Role.MATCH, picture(1))
        web.post("/api/v1/lookup", Role.INTAKE, picture(1))
        web.client.post("/api/v1/lookup", json=picture(1))
        ids = {role: token[3:13] for role, token in web.tokens.items()}
    (log,) = (tmp_path / "calls").iterdir()
    assert verify(log).ok
    seen: dict[tuple[str, str, int], int] = {}
    for line in map(json.loads, log.read_text().splitlines()):
        if line["type"] == "event" and line["act"] != "service.started":
            facts = line["facts"]
            what = (line["act"], facts["key"], facts["status"])
            seen[what] = seen.get(what, 0) + facts["count"]
    assert seen == {
        ("api.lookup", ids[Role.MATCH], 200): 5,
        ("api.lookup", ids[Role.INTAKE], 403): 1,
        ("api.lookup", "none", 401): 1,
    }


def test_the_day_of_a_key_s_last_use_is_noted(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from tutela.access import Keys
    from tutela.bank import Bank

    with running(tmp_path, default(tmp_path)) as web:
        web.post("/api/v1/lookup", Role.MATCH, picture(1))
    with Bank.open(f"sqlite:///{tmp_path / 'bank.db'}") as bank:
        used = {key.role: key.used_on for key in Keys(bank.store).all()}
    assert used[Role.MATCH] == datetime.now(UTC).date()
    assert used[Role.OPERATOR] is None


@pytest.mark.parametrize("step", ["at_once", "match"])
def test_what_nobody_foresaw_is_answered_and_logged_without_a_word_of_it(
    step: str, web: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(fingerprint: Fingerprint, **_: bool) -> list[Match]:
        raise RuntimeError(f"hidden {fingerprint.sha256.hex()}")

    web.bank.protect([fingerprint(1)], kind="ordinary")
    monkeypatch.setattr(web.bank, step, breaks)
    answer = web.post("/api/v1/lookup", Role.MATCH, picture(1))
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")
    assert "hidden" not in answer.text
    assert "hidden" not in caplog.text
    assert "RuntimeError at" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_bank_that_cannot_be_used_is_the_operator_s_affair(
    web: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from tutela.store import BankUnusable

    def breaks(fingerprint: Fingerprint, **_: bool) -> list[Match]:
        raise BankUnusable("the disk is full", where="/srv/bank.db")

    web.bank.protect([fingerprint(1)], kind="ordinary")
    monkeypatch.setattr(web.bank, "match", breaks)
    answer = web.post("/api/v1/lookup", Role.MATCH, picture(1))
    assert (answer.status_code, answer.json()["code"]) == (503, "bank_unusable")
    assert "disk" not in answer.text
    assert "disk" in caplog.text


def test_metrics_hold_counts_alone(web: Running) -> None:
    secrets = use_everything(web)
    answer = web.get("/metrics", Role.OPERATOR)
    assert 'tutela_calls_total{act="api.lookup",status="200"} 1.0' in answer.text
    assert 'tutela_matches_total{tier="near"} ' in answer.text
    assert 'tutela_bank{what="withdrawn"} 1.0' in answer.text
    assert not any(secret in answer.text for secret in secrets)
    assert not any(token[3:13] in answer.text for token in web.tokens.values())


def test_a_problem_has_the_form_of_rfc_9457() -> None:
    response = problems.problem(418, "teapot", "this is a teapot", "Take another pot")
    told = json.loads(bytes(response.body))
    assert told == {
        "type": "urn:tutela:problem:teapot",
        "title": "this is a teapot",
        "status": 418,
        "code": "teapot",
        "detail": "Take another pot",
    }
    assert response.media_type == "application/problem+json"
