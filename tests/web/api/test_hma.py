"""What speaks to Meta's Hasher-Matcher-Actioner can speak to Tutela: same parameters, shapes, status codes."""

from dataclasses import replace
from pathlib import Path

import pytest

from drawings import picture as drawing
from samples import changed, fingerprint
from tutela.access import Role
from tutela.matching import THRESHOLDS
from tutela.model import Pdq
from tutela.web.hma import matching
from web.api.conftest import Running

OPERATOR = Role.OPERATOR


def signal(seed: int) -> str:
    pdq = fingerprint(seed).pdq
    assert isinstance(pdq, Pdq)
    return pdq.code.hex()


def near(seed: int, bits: int) -> str:
    pdq = changed(fingerprint(seed), bits, seed=77).pdq
    assert isinstance(pdq, Pdq)
    return pdq.code.hex()


def bank(web: Running, name: str, **more: object) -> None:
    assert web.post("/c/banks", OPERATOR, {"name": name, **more}).status_code == 201


def add(web: Running, name: str, seed: int) -> int:
    answer = web.post(f"/c/bank/{name}/signal", OPERATOR, {"pdq": signal(seed)})
    assert answer.status_code == 200
    assert answer.json()["signals"] == {"pdq": signal(seed)}
    return int(answer.json()["id"])


def look(web: Running, text: str, role: Role = OPERATOR, **more: object) -> object:
    answer = web.get("/m/lookup", role, params={"signal_type": "pdq", "signal": text, **more})
    assert answer.status_code == 200
    return answer.json()


def test_it_says_that_it_is_alive(web: Running) -> None:
    answer = web.client.get("/status")
    assert (answer.status_code, answer.text) == (200, "I-AM-ALIVE")


def test_banks_are_made_changed_and_deleted(web: Running) -> None:
    for wrong in ("01_TEST", "my_bank", "", "A" * 65):
        refused = web.post("/c/banks", OPERATOR, {"name": wrong})
        assert refused.status_code == 400
        assert refused.json()["message"]
    made = web.post("/c/banks", OPERATOR, {"name": "MY_BANK_01"})
    assert (made.status_code, made.json()) == (201, {"name": "MY_BANK_01", "matching_enabled_ratio": 1.0})
    assert made.json() in web.get("/c/banks", OPERATOR).json()
    assert web.post("/c/banks", OPERATOR, {"name": "MY_BANK_01"}).status_code == 403
    put = web.client.put("/c/bank/MY_BANK_01", json={"name": "OTHER"}, headers=web.headers(OPERATOR))
    assert put.json()["name"] == "OTHER"
    put = web.client.put("/c/bank/OTHER", json={"enabled": False}, headers=web.headers(OPERATOR))
    assert put.json() == {"name": "OTHER", "matching_enabled_ratio": 0.0}
    put = web.client.put("/c/bank/OTHER", json={"enabled_ratio": 0.5}, headers=web.headers(OPERATOR))
    assert web.get("/c/bank/OTHER", OPERATOR).json() == put.json()
    for _ in range(2):
        gone = web.client.delete("/c/bank/OTHER", headers=web.headers(OPERATOR))
        assert (gone.status_code, gone.json()) == (200, {"message": "Done"})
    assert web.get("/c/bank/OTHER", OPERATOR).status_code == 404
    assert web.client.put("/c/bank/OTHER", json={}, headers=web.headers(OPERATOR)).status_code == 404


def test_a_bank_with_content_is_not_deleted_at_one_blow(web: Running) -> None:
    bank(web, "FULL")
    number = add(web, "FULL", 1)
    assert web.client.delete("/c/bank/FULL", headers=web.headers(OPERATOR)).status_code == 409
    web.client.delete(f"/c/bank/FULL/content/{number}", headers=web.headers(OPERATOR))
    assert web.client.delete("/c/bank/FULL", headers=web.headers(OPERATOR)).status_code == 200


def test_a_signal_is_added_found_and_taken_out(web: Running) -> None:
    bank(web, "LIST")
    number = add(web, "LIST", 1)
    assert look(web, signal(1)) == {"LIST": [{"bank_content_id": number, "distance": "0"}]}
    assert look(web, near(1, 9)) == {"LIST": [{"bank_content_id": number, "distance": "9"}]}
    assert look(web, near(1, 32)) == {}
    shown = web.get(f"/c/bank/LIST/content/{number}", OPERATOR, params={"include_signals": "true"}).json()
    assert shown["id"] == number
    assert shown["bank"] == {"name": "LIST", "matching_enabled_ratio": 1.0}
    assert "signals" not in shown
    gone = web.client.delete(f"/c/bank/LIST/content/{number}", headers=web.headers(OPERATOR))
    assert gone.json() == {"deleted": 1}
    assert look(web, signal(1)) == {}
    assert web.get(f"/c/bank/LIST/content/{number}", OPERATOR).status_code == 404
    gone = web.client.delete(f"/c/bank/LIST/content/{number}", headers=web.headers(OPERATOR))
    assert gone.json() == {"deleted": 0}
    bank(web, "NEXT")
    assert add(web, "NEXT", 2) > number


def test_whoever_is_no_operator_gets_no_distance(web: Running) -> None:
    bank(web, "LIST")
    number = add(web, "LIST", 1)
    assert look(web, near(1, 9), Role.MATCH) == {"LIST": [{"bank_content_id": number, "distance": ""}]}
    params = {"signal_type": "pdq", "signal": near(1, 9), "include_distance": "true"}
    raw = web.get("/m/raw_lookup", Role.MATCH, params=params).json()
    assert raw == {"matches": [{"bank_content_id": number, "distance": ""}]}
    assert web.post("/m/compare", Role.MATCH, {"pdq": [signal(1), signal(1)]}).status_code == 403


def test_raw_lookups_give_numbers_and_distances(web: Running) -> None:
    bank(web, "LIST")
    number = add(web, "LIST", 1)
    params = {"signal_type": "pdq", "signal": near(1, 4)}
    assert web.get("/m/raw_lookup", OPERATOR, params=params).json() == {"matches": [number]}
    raw = web.get("/m/raw_lookup", OPERATOR, params={**params, "include_distance": "true"}).json()
    assert raw == {"matches": [{"bank_content_id": number, "distance": "4"}]}
    assert web.get("/m/raw_lookup", OPERATOR, params={**params, "banks": "OTHER"}).json() == {"matches": []}


def test_what_a_person_protects_is_found_and_not_taken_out_by_its_number(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="intimate")
    (found,) = look(web, signal(1))["PROTECTED"]  # type: ignore[index]
    path = f"/c/bank/PROTECTED/content/{found['bank_content_id']}"
    refused = web.client.delete(path, headers=web.headers(OPERATOR))
    assert refused.status_code == 403
    assert look(web, signal(1))


def test_a_content_is_no_case_that_anybody_withdraws_with_a_pin(web: Running) -> None:
    bank(web, "LIST")
    add(web, "LIST", 1)
    case = web.bank.match(fingerprint(1))[0].case
    for pin in ("", "0", "no case has this PIN", "nocasehasthisPIN"):
        answer = web.post(f"/api/v1/cases/{case}/withdrawal", Role.INTAKE, {"pin": pin or " "})
        assert answer.status_code == 403


def test_a_share_of_lookups_sees_a_bank(web: Running) -> None:
    bank(web, "HALF", enabled_ratio=0.5)
    add(web, "HALF", 1)
    seen = [bool(look(web, signal(1), seed=str(seed))) for seed in range(40)]
    assert 5 < sum(seen) < 35
    assert [bool(look(web, signal(1), seed=str(seed))) for seed in range(40)] == seen
    assert look(web, signal(1), bypass_coinflip="true")


def test_only_wanted_banks_are_looked_into(web: Running) -> None:
    bank(web, "ONE")
    bank(web, "TWO")
    first, second = add(web, "ONE", 1), add(web, "TWO", 1)
    assert set(look(web, signal(1))) == {"ONE", "TWO"}  # type: ignore[call-overload]
    assert look(web, signal(1), banks="TWO,THREE") == {"TWO": [{"bank_content_id": second, "distance": "0"}]}
    assert first != second


def test_a_picture_is_hashed_added_and_looked_up(web: Running, tmp_path: Path) -> None:
    from tutela.fingerprints import Detail
    from tutela.fingerprints import fingerprint as computed

    data = drawing(tmp_path / "a.png", 1).read_bytes()
    pdq = computed(data, Detail.PLAIN).pdq
    assert pdq is not None
    hashed = web.post("/h/hash", Role.MATCH, files={"photo": ("a.png", data)})
    assert (hashed.status_code, hashed.json()) == (200, {"pdq": pdq.code.hex()})
    bank(web, "LIST")
    added = web.post("/c/bank/LIST/content", Role.INTAKE, files={"photo": data})
    assert added.json()["signals"] == hashed.json()
    found = web.post("/m/lookup", OPERATOR, files={"photo": data}).json()
    assert found == {"pdq": {"LIST": [{"bank_content_id": added.json()["id"], "distance": "0"}]}}


def test_two_signals_are_compared(web: Running) -> None:
    answer = web.post("/m/compare", OPERATOR, {"pdq": [signal(1), near(1, 9)]})
    assert answer.json() == {"pdq": [True, {"distance": 9}]}
    assert web.post("/m/compare", OPERATOR, {"pdq": [signal(1), signal(2)]}).json()["pdq"][0] is False


@pytest.mark.parametrize("limit", [THRESHOLDS.near_distance, 8])
def test_signals_are_alike_where_the_matcher_calls_them_near(
    shared_web: Running, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(matching, "THRESHOLDS", replace(THRESHOLDS, near_distance=limit))
    for bits in (limit, limit + 1):
        answer = shared_web.post("/m/compare", OPERATOR, {"pdq": [signal(1), near(1, bits)]})
        assert answer.json() == {"pdq": [bits <= limit, {"distance": bits}]}


def test_the_index_is_as_large_as_the_bank(web: Running) -> None:
    web.bank.protect([fingerprint(1), fingerprint(2)], kind="intimate")
    status = web.get("/m/index/status", OPERATOR).json()["pdq"]
    assert (status["present"], status["size"]) == (True, 2)
    assert web.get("/m/index/status", OPERATOR, params={"signal_type": "video_md5"}).status_code == 400


def test_no_exchange_is_set_up(web: Running) -> None:
    assert web.get("/c/exchanges", OPERATOR).json() == []


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/m/lookup", {}, 400),
        ("GET", "/m/lookup", {"params": {"signal_type": "pdq", "signal": "zz"}}, 400),
        ("GET", "/m/lookup", {"params": {"signal_type": "md5", "signal": "zz"}}, 400),
        ("GET", "/m/raw_lookup", {"params": {"signal": "00"}}, 400),
        ("GET", "/h/hash", {}, 400),
        ("GET", "/h/hash", {"params": {"url": "http://127.0.0.1/x"}}, 403),
        ("POST", "/h/hash", {}, 400),
        ("POST", "/h/hash", {"files": {"video": b"x"}}, 400),
        ("POST", "/h/hash", {"files": {"photo": b"x"}}, 400),
        ("POST", "/h/hash", {"files": [("photo", b"x"), ("photo", b"y")]}, 400),
        ("POST", "/m/compare", {"json": {"pdq": ["a"]}}, 400),
        ("POST", "/m/compare", {"json": []}, 400),
        ("POST", "/m/compare", {"json": {"tlsh": ["a", "b"]}}, 400),
        ("POST", "/c/bank/NOWHERE/signal", {"json": {"pdq": "0" * 64}}, 404),
        ("POST", "/c/bank/PROTECTED/signal", {"json": {}}, 400),
        ("POST", "/c/bank/PROTECTED/signal", {"json": {"pdq": "x"}}, 400),
        ("POST", "/c/bank/PROTECTED/content", {}, 400),
        ("GET", "/c/bank/PROTECTED/content/9", {}, 404),
        ("GET", "/c/bank/PROTECTED/content/x", {}, 404),
        ("DELETE", "/c/bank/PROTECTED", {}, 409),
    ],
)
def test_what_is_wrong_is_said_as_hma_says_it(
    shared_web: Running, method: str, path: str, more: dict[str, object], status: int
) -> None:
    answer = shared_web.client.request(method, path, headers=shared_web.headers(OPERATOR), **more)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert answer.json()["message"]


def test_a_scoped_operator_sees_and_fills_its_own_banks(web: Running) -> None:
    bank(web, "MINE")
    bank(web, "OTHER")
    mine = web.bank.groups.named("MINE")
    key = web.key(OPERATOR, groups=[mine.id])
    assert [each["name"] for each in web.client.get("/c/banks", headers=key).json()] == ["MINE"]
    assert web.client.get("/c/bank/OTHER", headers=key).status_code == 404
    assert web.client.post("/c/bank/OTHER/signal", json={"pdq": signal(1)}, headers=key).status_code == 404
    assert web.client.post("/c/banks", json={"name": "THIRD"}, headers=key).status_code == 403
    number = add(web, "OTHER", 2)
    assert web.client.get(f"/c/bank/MINE/content/{number}", headers=key).status_code == 404
    assert web.client.delete(f"/c/bank/MINE/content/{number}", headers=key).json() == {"deleted": 0}
