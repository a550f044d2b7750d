"""What the page sends: who may, how much, how often, and what is never told."""

import json
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from samples import fingerprint
from tutela.bank import Bank
from tutela.model import Fingerprint
from tutela.web.protect.api import ENTRY_BYTES, INTAKE_BYTES
from tutela.web.protect.headers import same_origin
from web.protect.bodies import SOME_PARTS, new_case
from web.protect.conftest import Ask

CASES, STATUS, WITHDRAWAL = (f"/protect/api/{name}" for name in ("cases", "status", "withdrawal"))
ROUTES = [CASES, STATUS, WITHDRAWAL]


def opened(web: httpx.Client, *fingerprints: Fingerprint, **changes: object) -> dict[str, Any]:
    answer = web.post(CASES, json=new_case(*fingerprints, **changes))
    assert answer.status_code == 201, answer.text
    return {key: answer.json()[key] for key in ("case", "pin")}


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


def tried(web: httpx.Client, address: str, **entry: str) -> int:
    """The status that whoever is at another address gets for a reference and a PIN."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=web.base_url, transport=transport, timeout=30) as client:
        return client.post(STATUS, json=entry).status_code


@contextmanager
def nothing_stored(bank: Bank) -> Iterator[None]:
    before = bank.inventory()
    yield
    assert bank.inventory() == before


def with_parts(seed: int) -> Fingerprint:
    plain = fingerprint(seed)
    return Fingerprint(plain.media, plain.width, plain.height, plain.sha256, plain.md5, plain.pdq, SOME_PARTS)


class TestNewCases:
    def test_what_was_sent_is_protected(self, web: httpx.Client, bank: Bank) -> None:
        answer = web.post(CASES, json=new_case(fingerprint(11), fingerprint(12)))
        assert answer.status_code == 201
        assert re.fullmatch(r"TU-\w{4}-\w{4}", answer.json()["case"])
        assert re.fullmatch(r"\d{10}", answer.json()["pin"])
        assert answer.json()["protected"] == 2
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert [match.case for match in bank.match(fingerprint(12))] == [answer.json()["case"]]
        assert bank.match(fingerprint(13)) == []

    @pytest.mark.parametrize("kind", ["intimate", "ordinary"])
    @pytest.mark.parametrize("keep", [True, False])
    def test_parts_are_kept_only_where_the_person_agreed(
        self, web: httpx.Client, bank: Bank, kind: str, keep: bool
    ) -> None:
        before = bank.parts_state()
        opened(web, with_parts(1), kind=kind, keep_parts=keep)
        assert (bank.parts_state() > before) is keep

    def test_nothing_is_stored_of_whoever_was_under_18(self, web: httpx.Client, bank: Bank) -> None:
        with nothing_stored(bank):
            refused(web.post(CASES, json=new_case(under_18=True)), 422, "wrong_input")

    @pytest.mark.parametrize("missing", ["kind", "under_18", "consent", "keep_parts", "fingerprints"])
    def test_every_answer_is_needed(self, web: httpx.Client, bank: Bank, missing: str) -> None:
        body = new_case()
        del body[missing]
        with nothing_stored(bank):
            refused(web.post(CASES, json=body), 422, "wrong_input")

    @pytest.mark.parametrize(
        "changes",
        [
            {"kind": "other"}, {"under_18": 0}, {"under_18": "false"}, {"keep_parts": None}, {"fingerprints": []},
            {"fingerprints": [{}]}, {"name": "holiday.jpg"},
        ],
    )  # fmt: skip
    def test_another_form_is_refused(self, web: httpx.Client, bank: Bank, changes: dict[str, object]) -> None:
        with nothing_stored(bank):
            refused(web.post(CASES, json=new_case(**changes)), 422, "wrong_input")

    def test_a_file_name_cannot_travel_with_a_fingerprint(self, web: httpx.Client, bank: Bank) -> None:
        body: dict[str, Any] = new_case()
        body["fingerprints"][0]["name"] = "telltale.jpg"
        answer = web.post(CASES, json=body)
        refused(answer, 422, "wrong_input")
        assert "telltale" not in answer.text

    def test_a_page_with_older_words_of_consent_is_refused(self, web: httpx.Client, bank: Bank) -> None:
        with nothing_stored(bank):
            refused(web.post(CASES, json=new_case(consent="2020-01")), 409, "conflict")

    def test_a_case_has_room_for_a_hundred_pictures(self, web: httpx.Client, bank: Bank) -> None:
        some = [fingerprint(n) for n in range(1000, 1101)]
        with nothing_stored(bank):
            refused(web.post(CASES, json=new_case(*some)), 422, "wrong_input")
        before = bank.inventory().protections
        opened(web, *some[:100])
        assert bank.inventory().protections == before + 100

    @pytest.mark.parametrize(
        ("route", "most"), [(CASES, INTAKE_BYTES), (STATUS, ENTRY_BYTES), (WITHDRAWAL, ENTRY_BYTES)]
    )
    def test_a_large_body_is_not_read(self, web: httpx.Client, route: str, most: int) -> None:
        headers = {"content-type": "application/json"}
        assert web.post(route, content=b"[" + b" " * most, headers=headers).status_code == 413

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"null", b"[]", b"[" * 1000])
    @pytest.mark.parametrize("route", ROUTES)
    def test_what_is_no_such_object_is_refused(self, web: httpx.Client, route: str, body: bytes) -> None:
        answer = web.post(route, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422)

    def test_an_address_opens_only_so_many_cases(self, ask: Ask) -> None:
        web = ask(intake=2)
        opened(web)
        opened(web)
        answer = web.post(CASES, json=new_case())
        refused(answer, 429, "too_many")
        assert 1 <= int(answer.headers["retry-after"]) <= 60

    def test_one_who_opened_too_many_is_refused_before_the_body_is_read(self, ask: Ask) -> None:
        web = ask(intake=1)
        opened(web)
        host = (web.base_url.host, web.base_url.port or 80)
        said = ("Host: x", "Content-Type: application/json", f"Content-Length: {INTAKE_BYTES}")
        with socket.create_connection(host, timeout=10) as connection:
            connection.sendall("\r\n".join([f"POST {CASES} HTTP/1.1", *said, "", ""]).encode())  # and no byte of a body
            assert connection.recv(4096).startswith(b"HTTP/1.1 429 ")


class TestStatus:
    def test_a_person_sees_what_is_protected(self, web: httpx.Client) -> None:
        entry = opened(web, with_parts(1), fingerprint(2), kind="ordinary", keep_parts=True)
        answer = web.post(STATUS, json=entry)
        assert answer.status_code == 200
        told = answer.json()
        assert told["case"] == entry["case"]
        assert told["withdrawn"] is None
        assert told["protected"] == [{"kind": "ordinary", "pictures": 2, "with_parts": True, "waiting": 0}]
        assert (told["matches"], told["outcomes"]) == ([], [])

    def test_it_never_tells_a_fingerprint_or_an_id(self, web: httpx.Client, bank: Bank) -> None:
        entry = opened(web, fingerprint(21))
        text = web.post(STATUS, json=entry).text
        [match] = bank.match(fingerprint(21))
        assert match.protection not in text
        for secret in (fingerprint(21).sha256.hex(), fingerprint(21).md5.hex(), entry["pin"]):
            assert secret not in text

    def test_reference_and_pin_may_be_typed_as_people_do(self, web: httpx.Client) -> None:
        entry = opened(web)
        typed = {
            "case": f" {entry['case'].lower().replace('-', ' ')} ",
            "pin": f"{entry['pin'][:5]} {entry['pin'][5:]}".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        }
        assert web.post(STATUS, json=typed).status_code == 200

    def test_a_wrong_pin_and_a_case_that_is_not_there_get_the_same_answer(self, web: httpx.Client) -> None:
        entry = opened(web)
        wrong_pin = {**entry, "pin": f"{(int(entry['pin']) + 1) % 10**10:010}"}
        for route in (STATUS, WITHDRAWAL):
            answers = [web.post(route, json=each) for each in (wrong_pin, {**entry, "case": "TU-AAAA-AAAA"})]
            for answer in answers:
                refused(answer, 403, "case_refused")
            assert answers[0].content == answers[1].content
            one, other = ({**each.headers, "date": ""} for each in answers)
            assert one == other
        assert web.post(STATUS, json=entry).json()["withdrawn"] is None

    def test_no_answer_comes_to_an_address_that_could_be_read_in_a_history(self, web: httpx.Client) -> None:
        entry = opened(web)
        for route in ROUTES:
            assert web.get(route, params=entry).status_code == 405

    @pytest.mark.parametrize("there", [True, False])
    def test_a_case_allows_only_so_many_tries_from_wherever_they_come(self, ask: Ask, there: bool) -> None:
        web = ask(attempts=3)
        case = opened(web)["case"] if there else "TU-AAAA-AAAA"
        assert [tried(web, f"127.0.0.{n}", case=case, pin="1") for n in range(2, 6)] == [403, 403, 403, 429]

    def test_the_right_pin_starts_the_count_of_a_case_anew_where_it_was_given(self, ask: Ask) -> None:
        web = ask(here=2)
        entry = opened(web)
        for _ in range(3):
            assert tried(web, "127.0.0.2", case=entry["case"], pin="1") == 403
            assert tried(web, "127.0.0.2", **entry) == 200
        assert [tried(web, "127.0.0.3", case=entry["case"], pin="1") for _ in range(3)] == [403, 403, 429]
        assert tried(web, "127.0.0.2", **entry) == 200

    def test_other_references_do_not_give_an_address_more_tries(self, ask: Ask) -> None:
        web = ask(attempts=3)
        codes = [web.post(STATUS, json={"case": f"TU-AAAA-AAA{n}", "pin": "1"}).status_code for n in range(2, 6)]
        assert codes == [403, 403, 403, 429]
        assert web.post(WITHDRAWAL, json={"case": "TU-BBBB-BBBB", "pin": "1"}).status_code == 429


class TestWithdrawal:
    def test_it_ends_all_protections_at_once(self, web: httpx.Client, bank: Bank) -> None:
        entry = opened(web, fingerprint(31), fingerprint(32))
        assert bank.match(fingerprint(31))
        answer = web.post(WITHDRAWAL, json=entry)
        assert answer.json() == {"case": entry["case"], "withdrawn": 2}
        assert bank.match(fingerprint(31)) == []
        told = web.post(STATUS, json=entry).json()
        assert told["withdrawn"] is not None
        assert told["protected"] == []

    def test_a_second_time_is_recognised(self, web: httpx.Client) -> None:
        entry = opened(web)
        web.post(WITHDRAWAL, json=entry)
        assert web.post(WITHDRAWAL, json=entry).json()["withdrawn"] == 0


class TestOtherSites:
    @pytest.mark.parametrize("route", ROUTES)
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"},
            {"origin": "https://evil.example"}, {"origin": "null"},
            {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        ],
    )  # fmt: skip
    def test_what_they_make_a_browser_send_is_refused(
        self, web: httpx.Client, bank: Bank, route: str, headers: dict[str, str]
    ) -> None:
        with nothing_stored(bank):
            refused(web.post(route, json=new_case(), headers=headers), 403, "other_site")

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
    def test_what_a_plain_form_can_send_is_refused(self, web: httpx.Client, kind: str | None) -> None:
        """So that a browser that says nothing of where it comes from has to ask first (CORS), and is told nothing."""
        headers = {"content-type": kind} if kind else {}
        refused(web.post(CASES, content=json.dumps(new_case()).encode(), headers=headers), 415, "not_json")
        asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        preflight = web.options(CASES, headers=asked)
        assert preflight.status_code in (403, 405)
        assert not [name for name in preflight.headers if name.startswith("access-control")]

    @pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "HOST"}, {}])
    def test_the_page_itself_and_programs_are_not(self, web: httpx.Client, headers: dict[str, str]) -> None:
        origin = f"{web.base_url.scheme}://{web.base_url.netloc.decode()}"
        sent = {name: value.replace("HOST", origin) for name, value in headers.items()}
        assert web.post(CASES, json=new_case(), headers=sent).status_code == 201

    @given(st.text(), st.text())
    def test_an_origin_is_ours_only_if_it_is_the_host(self, origin: str, host: str) -> None:
        try:
            said = Headers({"origin": origin, "host": host})
        except UnicodeEncodeError:
            return
        if same_origin(said):
            assert host.lower() in origin.lower()


def test_nothing_that_a_person_sends_reaches_a_log(web: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    entry = opened(web, with_parts(1), keep_parts=True)
    web.post(STATUS, json=entry)
    web.post(STATUS, json={**entry, "pin": "0123456789"})
    web.post(CASES, json=new_case(consent="telltale"))
    web.post(WITHDRAWAL, json=entry)
    others = ("httpx", "httpcore", "uvicorn.access")  # the client's, and what the server is told not to write
    ours = "\n".join(each.getMessage() for each in caplog.records if not each.name.startswith(others))
    for secret in (entry["case"], entry["pin"], "0123456789", "telltale", fingerprint(1).sha256.hex(), "127.0.0.1"):
        assert secret not in ours
