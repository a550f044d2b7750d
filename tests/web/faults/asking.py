"""What these tests ask a service that is in trouble."""

from collections.abc import Callable

import httpx
import msgspec
from acts import Case, Diary, Helper, problems
from load import invented
from served import Service

from samples import changed
from tutela.web.wire import wire


def refused(answer: httpx.Response, code: str) -> bool:
    """Whether it is a problem that says what is wrong, what to do, and when to ask again."""
    said = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["title"]
    assert said["detail"]
    assert int(answer.headers["retry-after"]) > 0
    return (answer.status_code, said["code"]) == (503, code)


def writes(service: Service, helper: Helper, mine: Case) -> list[Callable[[httpx.Client], httpx.Response]]:
    """One call of each kind that changes the bank; `mine` is a case that is there."""
    found = helper.look_up(mine)
    assert found
    fresh = [msgspec.to_builtins(wire(invented(10**6 + place))) for place in range(3)]
    feedback = {"claim": found[0]["claim"], "verdict": "wrong", "idempotency_key": "never-again"}
    entry = {"case": mine.reference, "pin": mine.pin}
    page = {"kind": "ordinary", "under_18": False, "consent": _consent(), "keep_parts": False, "fingerprints": fresh}
    return [
        lambda client: client.post("/api/v1/cases", json={"kind": "intimate", "fingerprints": fresh}),
        lambda client: client.post("/protect/api/cases", json=page),
        lambda client: client.post(f"/api/v1/cases/{mine.reference}/withdrawal", json={"pin": mine.pin}),
        lambda client: client.post("/protect/api/withdrawal", json=entry),
        lambda client: client.post("/api/v1/feedback", json=feedback),
        lambda client: client.post("/api/v1/webhooks", json={"url": "https://hooks.example/x", "events": ["match"]}),
    ]


def near(client: httpx.Client, case: Case, seed: int) -> httpx.Response:
    """Looks up a picture that is near one of the case's: the bank notes that it did."""
    return client.post("/api/v1/lookup", json=msgspec.to_builtins(wire(changed(case.pictures()[0], 8, seed))))


def some_cases(helper: Helper, diary: Diary, number: int) -> list[Case]:
    """Opens cases."""
    for _ in range(number):
        helper.open_by_api()
    assert all(case.reference for case in diary.cases)
    return diary.cases


def found_nothing_wrong(service: Service, diary: Diary, *more: object) -> None:
    """The word was kept, and calls are recorded."""
    assert list(problems(service, diary, *more)) == []  # type: ignore[arg-type]


def _consent() -> str:
    from tutela.web.protect.pages import CONSENT

    return CONSENT
