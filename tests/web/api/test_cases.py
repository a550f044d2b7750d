"""Cases over the API: opened, looked at, withdrawn by whoever has the PIN."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from samples import fingerprint
from tutela.access import Role
from tutela.bank import Group
from web.api.asking import code_of, picture
from web.api.conftest import Running


def opened(web: Running, *seeds: int, **more: object) -> tuple[str, str]:
    asked = {"kind": "ordinary", "fingerprints": [picture(seed) for seed in seeds], **more}
    answer = web.post("/api/v1/cases", Role.INTAKE, asked)
    assert answer.status_code == 201
    return answer.json()["case"], answer.json()["pin"]


def test_a_case_is_opened_looked_at_and_withdrawn(web: Running) -> None:
    case, pin = opened(web, 1, 2)
    status = web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin}).json()
    assert [each["has"] for each in status["protections"]] == [["sha256", "md5", "pdq"]] * 2
    assert (status["withdrawn_at"], status["matches"], status["outcomes"]) == (None, [], [])
    assert web.post(f"/api/v1/cases/{case}/withdrawal", Role.INTAKE, {"pin": pin}).json()["withdrawn"] == 2
    assert web.bank.match(fingerprint(1)) == []
    status = web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin}).json()
    assert status["withdrawn_at"] is not None
    assert status["protections"] == []


def test_case_and_pin_may_be_written_as_people_write(web: Running) -> None:
    case, pin = opened(web, 1)
    spaced = f"{pin[:5]} {pin[5:]}"
    for written in (case.lower(), case.replace("-", " "), case.replace("-", "")):
        assert web.post(f"/api/v1/cases/{written}/status", Role.INTAKE, {"pin": spaced}).json()["case"] == case
    asked = web.post(f"/api/v1/cases/{written.lower()}/withdrawal", Role.INTAKE, {"pin": spaced})
    assert asked.json() == {"case": case, "withdrawn": 1}


def test_a_wrong_pin_and_an_unknown_case_are_told_the_same(web: Running) -> None:
    case, pin = opened(web, 1)
    answers = set()
    for reference, number in ((case, "0000000000"), ("TU-2222-2222", pin), ("..", pin), ("TU-2222-222%00", pin)):
        for what in ("status", "withdrawal"):
            answer = web.post(f"/api/v1/cases/{reference}/{what}", Role.INTAKE, {"pin": number})
            if reference in (case, "TU-2222-2222"):
                answers.add((answer.status_code, answer.text, tuple(sorted(set(answer.headers) - {"date"}))))
            assert answer.status_code in (403, 404, 422)
    assert len(answers) == 1
    assert web.bank.match(fingerprint(1))


def test_an_unknown_case_takes_as_long_as_a_wrong_pin(real_pins: None, web: Running) -> None:
    """Both take one verification with Argon2, which outweighs all else. Processor time of all threads, so that other
    work does not count."""
    case, _ = opened(web, 1)

    def seconds(reference: str) -> float:
        start = time.process_time()
        assert web.post(f"/api/v1/cases/{reference}/status", Role.INTAKE, {"pin": "1"}).status_code == 403
        return time.process_time() - start

    seconds("TU-3333-3333")
    known, unknown = (min(seconds(reference) for _ in range(2)) for reference in (case, "TU-2222-2222"))
    assert unknown > 0.5 * known


def test_guesses_of_one_pin_are_slowed_down_wherever_they_come_from(web: Running) -> None:
    case, pin = opened(web, 1)
    guesses = [web.post(f"/api/v1/cases/{case}/withdrawal", Role.INTAKE, {"pin": f"{n:010}"}) for n in range(12)]
    assert [guess.status_code for guess in guesses] == [403] * 10 + [429] * 2
    assert web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin}).status_code == 429
    other, its_pin = opened(web, 2)
    assert web.post(f"/api/v1/cases/{other}/status", Role.INTAKE, {"pin": its_pin}).status_code == 200


def test_guesses_from_one_address_are_slowed_down_whichever_case_they_are_for(web: Running) -> None:
    def guess(number: int) -> int:
        path = f"/api/v1/cases/TU-{number:04}-2222/status"
        return web.post(path, Role.INTAKE, {"pin": "0000000000"}).status_code

    with ThreadPoolExecutor(4) as threads:
        codes = list(threads.map(guess, range(45)))
    assert codes.count(429) >= 5
    assert set(codes) == {403, 429}


def test_what_a_case_keeps_is_as_asked(web: Running) -> None:
    from tutela.model import Parts
    from web.api.asking import wired

    fp = fingerprint(1)
    described = wired(
        type(fp)(fp.media, fp.width, fp.height, fp.sha256, fp.md5, fp.pdq, Parts(bytes([9] * 60), bytes(640)))
    )
    for kind, parts, kept in (("ordinary", None, True), ("ordinary", False, False), ("intimate", None, False)):
        asked = {"kind": kind, "fingerprints": [described], "parts": parts}
        answer = web.post("/api/v1/cases", Role.INTAKE, asked).json()
        (protection,) = web.bank.status(answer["case"], answer["pin"]).protections
        assert ("parts" in protection.has) is kept


def test_a_case_goes_where_its_key_puts_it(web: Running) -> None:
    helpline, other = web.bank.groups.create("HELPLINE"), web.bank.groups.create("OTHER")
    key = web.key(Role.INTAKE, groups=[helpline.id])
    asked = {"kind": "ordinary", "fingerprints": [picture(1)]}
    case = web.client.post("/api/v1/cases", json=asked, headers=key).json()["case"]
    assert web.bank.groups.of(case) == helpline
    for name in ("OTHER", "NOWHERE"):
        refused = web.client.post("/api/v1/cases", json={**asked, "group": name}, headers=key)
        assert (refused.status_code, code_of(refused)) == (403, "not_allowed")
    case, _ = opened(web, 2, group="OTHER")
    assert web.bank.groups.of(case) == other


def test_a_case_of_another_group_is_refused_as_with_a_wrong_pin(web: Running) -> None:
    mine, other = web.bank.groups.create("MINE"), web.bank.groups.create("OTHER")
    key = web.key(Role.INTAKE, groups=[mine.id])
    opened = {
        each.id: web.bank.register([fingerprint(n)], kind="ordinary", group=each.id)
        for n, each in enumerate((mine, other))
    }

    def asked(what: str, group: Group, pin: str | None = None) -> tuple[int, str]:
        case = opened[group.id]
        path = f"/api/v1/cases/{case.case.lower()}/{what}"
        answer = web.client.post(path, json={"pin": pin or case.pin}, headers=key)
        return answer.status_code, answer.text

    for what in ("status", "withdrawal"):
        assert asked(what, other) == asked(what, mine, "0000000000")
        assert asked(what, other)[0] == 403
    assert web.bank.match(fingerprint(1))
    assert asked("status", mine)[0] == 200
    assert asked("withdrawal", mine)[0] == 200


def test_a_case_whose_group_is_switched_off_says_so(web: Running) -> None:
    group = web.bank.groups.create("MINE")
    case, pin = opened(web, 1, group="MINE")

    def paused() -> bool:
        answer = web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin}).json()
        assert answer["paused"] is web.bank.status(case, pin).paused
        return bool(answer["paused"])

    seen = []
    for share in (1.0, 0.5, 0.0, 1.0):
        web.bank.groups.change(group.name, enabled=share)
        seen.append((paused(), bool(web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()["matched"])))
    assert seen == [(False, True), (False, True), (True, False), (False, True)]
    web.bank.groups.change(group.name, enabled=0)
    web.bank.withdraw(case, pin)
    assert not paused()


@pytest.mark.parametrize("change", [{"kind": "holiday"}, {"fingerprints": []}, {"extra": 1}, {"parts": "yes"}])
def test_a_case_of_another_form_is_not_opened(web: Running, change: dict[str, object]) -> None:
    asked = {"kind": "ordinary", "fingerprints": [picture(1)], **change}
    assert web.post("/api/v1/cases", Role.INTAKE, asked).status_code == 422
    assert web.bank.inventory().cases == 0


def test_the_page_and_the_api_know_the_same_cases(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="intimate")
    assert web.post(f"/api/v1/cases/{case}/status", Role.INTAKE, {"pin": pin}).json()["case"] == case
