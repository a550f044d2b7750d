"""Looking up: who is told what."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from drawings import picture as drawing
from samples import changed, fingerprint
from tutela.access import Role
from tutela.fingerprints import Detail
from tutela.fingerprints import fingerprint as computed
from tutela.web.probing import DIFFERENT
from web.api.asking import code_of, picture, wired
from web.api.conftest import Running, default, running

SECRET_WORDS = ("distance", "confidence", "protection", "sha256", "pdq", "quality", "why", "inliers")


def test_a_protected_picture_is_found_and_another_is_not(web: Running) -> None:
    case, _ = web.bank.protect([fingerprint(1)], kind="ordinary")
    found = web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()
    assert found["matched"] is True
    assert [(each["case"], each["tier"], each["review"]) for each in found["matches"]] == [(case, "exact", False)]
    assert web.post("/api/v1/lookup", Role.MATCH, picture(2)).json() == {"matched": False, "matches": []}


def test_a_near_copy_is_for_a_person_to_look_at(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    (found,) = web.post("/api/v1/lookup", Role.MATCH, wired(changed(fingerprint(1), 9, seed=4))).json()["matches"]
    assert (found["tier"], found["review"]) == ("near", True)


def test_only_an_operator_is_told_how_close(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    near = wired(changed(fingerprint(1), 9, seed=4))
    told = web.post("/api/v1/lookup", Role.MATCH, near)
    assert not any(word in told.text for word in SECRET_WORDS)
    (found,) = web.post("/api/v1/lookup", Role.OPERATOR, near).json()["matches"]
    assert found["details"][0]["distance"] == 9
    assert 0 < found["details"][0]["confidence"] <= 1


def test_answers_to_the_untrusted_are_alike_at_every_distance(web: Running) -> None:
    """Nothing in them (nor their length) can be climbed along."""
    web.bank.protect([fingerprint(1)], kind="ordinary")
    shapes = set()
    for bits in (1, 10, 20, 31):
        answer = web.post("/api/v1/lookup", Role.MATCH, wired(changed(fingerprint(1), bits, seed=bits)))
        (found,) = answer.json()["matches"]
        shapes.add((len(answer.content), tuple(found), found["case"], found["tier"], found["review"]))
    assert len(shapes) == 1


def test_a_case_that_holds_a_picture_twice_is_named_once(web: Running) -> None:
    web.bank.protect([fingerprint(1), changed(fingerprint(1), 5, seed=2)], kind="ordinary")
    (found,) = web.post("/api/v1/lookup", Role.OPERATOR, picture(1)).json()["matches"]
    assert found["tier"] == "exact"
    assert len(found["details"]) == 2


def test_many_are_answered_in_their_order(web: Running) -> None:
    web.bank.protect([fingerprint(7)], kind="ordinary")
    asked = {"fingerprints": [picture(seed) for seed in range(1000)]}
    answers = web.post("/api/v1/lookups", Role.MATCH, asked).json()["answers"]
    assert [number for number, answer in enumerate(answers) if answer["matched"]] == [7]
    assert len(answers) == 1000


@pytest.mark.parametrize("count", [0, 1001])
def test_none_and_too_many_at_once_are_refused(web: Running, count: int) -> None:
    refused = web.post("/api/v1/lookups", Role.MATCH, {"fingerprints": [picture(1)] * count})
    assert (refused.status_code, code_of(refused)) == (422, "wrong_input")


def test_a_withdrawn_case_is_not_found_any_more(web: Running) -> None:
    case, pin = web.bank.protect([fingerprint(1)], kind="ordinary")
    assert web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()["matched"]
    web.bank.withdraw(case, pin)
    assert not web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()["matched"]


def test_a_key_sees_the_groups_that_it_covers(web: Running) -> None:
    mine, other = web.bank.groups.create("MINE"), web.bank.groups.create("OTHER")
    case = web.bank.register([fingerprint(1)], kind="ordinary", group=mine.id).case
    web.bank.register([fingerprint(1)], kind="ordinary", group=other.id)
    web.bank.register([fingerprint(1)], kind="ordinary")
    for role in (Role.MATCH, Role.OPERATOR):
        key = web.key(role, groups=[mine.id])
        found = web.client.post("/api/v1/lookup", json=picture(1), headers=key).json()["matches"]
        assert [each["case"] for each in found] == [case]
    nothing = web.key(Role.MATCH, groups=[])
    assert not web.client.post("/api/v1/lookup", json=picture(1), headers=nothing).json()["matched"]


def test_a_group_that_is_switched_off_is_not_seen(web: Running) -> None:
    group = web.bank.groups.create("PAUSED")
    web.bank.register([fingerprint(1)], kind="ordinary", group=group.id)
    assert web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()["matched"]
    web.bank.groups.change("PAUSED", enabled=0.0)
    assert not web.post("/api/v1/lookup", Role.MATCH, picture(1)).json()["matched"]


def test_a_picture_itself_is_looked_up_and_nothing_of_it_kept(web: Running, tmp_path: Path) -> None:
    data = drawing(tmp_path / "a.png", 1).read_bytes()
    web.bank.protect([computed(data, Detail.PLAIN)], kind="intimate")
    answer = web.post("/api/v1/lookups/media", Role.MATCH, files={"media": ("x.png", data)})
    assert [each["tier"] for each in answer.json()["matches"]] == ["exact"]


def test_a_picture_larger_than_a_spool_never_reaches_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))  # a temporary file could not be made
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    data = drawing(tmp_path / "a.png", 1).read_bytes()
    with running(tmp_path, default(tmp_path)) as web:
        padded = data + bytes(3 * 2**20)
        assert web.post("/api/v1/lookups/media", Role.MATCH, files={"media": padded}).status_code == 200


def test_pictures_are_refused_until_the_operator_takes_them(tmp_path: Path) -> None:
    with running(tmp_path, default(tmp_path, media_uploads=False)) as web:
        for path in ("/api/v1/lookups/media", "/m/lookup", "/h/hash"):
            refused = web.post(path, Role.MATCH, files={"photo": b"x"})
            assert (refused.status_code, code_of(refused)) == (403, "switched_off")


def test_what_is_no_picture_is_named_as_such(web: Running) -> None:
    refused = web.post("/api/v1/lookups/media", Role.MATCH, files={"media": b"no picture"})
    assert refused.status_code == 422
    assert "not a picture" in refused.json()["title"]


def test_a_key_s_limit_holds_and_says_when_to_come_again(web: Running) -> None:
    key = web.key(Role.MATCH, per_minute=6)
    answers = [web.client.post("/api/v1/lookup", json=picture(1), headers=key) for _ in range(3)]
    refused = answers[-1]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 11


def test_many_at_once_count_as_many(web: Running) -> None:
    key = web.key(Role.MATCH, per_minute=600)
    asked = {"fingerprints": [picture(1)] * 500}
    assert web.client.post("/api/v1/lookups", json=asked, headers=key).status_code == 200
    assert web.client.post("/api/v1/lookup", json=picture(1), headers=key).status_code == 429


def test_a_key_that_feels_its_way_towards_a_code_is_stopped(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    asked = [wired(changed(fingerprint(1), 5, seed=seed)) for seed in range(DIFFERENT + 1)]
    codes = [web.post("/api/v1/lookup", Role.MATCH, each).status_code for each in asked]
    assert codes == [200] * DIFFERENT + [403]
    assert web.post("/api/v1/lookup", Role.MATCH, picture(2)).json()["code"] == "key_suspended"
    assert web.post("/api/v1/lookup", Role.OPERATOR, asked[-1]).json()["matched"] is True


def test_the_order_of_what_is_found_says_nothing_of_how_close_it_is(web: Running) -> None:
    for bits in (20, 3, 9, 14, 1, 26):
        web.bank.protect([changed(fingerprint(1), bits, seed=bits)], kind="ordinary")
    asked = wired(replace(fingerprint(1), sha256=bytes(32)))
    cases = [each["case"] for each in web.post("/api/v1/lookup", Role.MATCH, asked).json()["matches"]]
    assert len(cases) == 6
    assert cases == sorted(cases)


def test_unrelated_near_matches_are_noted_though_no_caller_waits_for_that(web: Running) -> None:
    web.bank.protect([fingerprint(1)], kind="ordinary")
    for seed in range(60):  # thirty bits away each, and so mostly further than that from one another
        web.post("/api/v1/lookup", Role.MATCH, wired(changed(fingerprint(1), 30, seed=seed)))
    deadline = time.monotonic() + 20
    while not web.bank.quarantined() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert web.bank.quarantined()
