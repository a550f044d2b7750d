"""Lookups that are answered while they are read are answered as all others are, however they come."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from samples import changed, fingerprint
from tutela.access import Role
from tutela.model import Fingerprint
from tutela.web.straight import BODY_BYTES, Straight
from web.api.asking import picture
from web.api.conftest import Running

PROTECTED = 1
Head = dict[str, str]
Answer = tuple[int, Head, bytes]


class Line:
    """A connection on which bytes are sent as a test wants them, and answers taken off one by one."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._file = line.makefile("rb")

    def send(self, data: bytes) -> None:
        self._line.sendall(data)

    def answer(self) -> Answer:
        status = int(self._file.readline().split()[1])
        head = dict(iter(self._header, ("", "")))
        return status, head, self._file.read(int(head.get("content-length", 0)))

    def ends(self) -> bool:
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self._line.close()

    def _header(self) -> tuple[str, str]:
        name, _, value = self._file.readline().decode().partition(":")
        return name.strip().lower(), value.strip()


Connect = Callable[[], Line]


@pytest.fixture(scope="module")
def web(shared_web: Running) -> Running:
    shared_web.bank.protect([fingerprint(PROTECTED)], kind="ordinary")
    for role in Role:
        shared_web.get("/m/lookup", role)  # a key that was seen before is known
    return shared_web


@pytest.fixture
def connect(web: Running) -> Iterator[Connect]:
    place = urlsplit(web.url)
    with ExitStack() as stack:

        def made() -> Line:
            line = Line(socket.create_connection((place.hostname, place.port), timeout=20))
            stack.callback(line.close)
            return line

        yield made


@pytest.fixture
def straight(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were answered without going through the application."""
    seen: list[str] = []
    answer = Straight._answer

    def noting(self: Straight, cycle: object, endpoint: object) -> None:
        seen.append(endpoint.path)  # type: ignore[attr-defined]
        answer(self, cycle, endpoint)  # type: ignore[arg-type]

    monkeypatch.setattr(Straight, "_answer", noting)
    return seen


def request(
    web: Running, method: str, path: str, body: bytes = b"", role: Role | None = Role.MATCH, **more: str
) -> bytes:
    fields = {"host": "test", **({"content-length": str(len(body))} if body else {}), **more}
    if role is not None:
        fields |= web.headers(role)
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def signal(fp: Fingerprint) -> str:
    assert fp.pdq is not None
    return f"/m/lookup?signal_type=pdq&signal={fp.pdq.code.hex()}"


def body(seed: int = PROTECTED) -> bytes:
    return json.dumps(picture(seed)).encode()


def near() -> Fingerprint:
    return changed(fingerprint(PROTECTED), 9, seed=4)


REQUESTS: dict[str, Callable[[Running], bytes]] = {
    "a signal that matches": lambda web: request(web, "GET", signal(fingerprint(PROTECTED))),
    "one that is near": lambda web: request(web, "GET", signal(near()), role=Role.OPERATOR),
    "one that matches nothing": lambda web: request(web, "GET", signal(fingerprint(7))),
    "numbers alone": lambda web: request(web, "GET", signal(near()).replace("lookup", "raw_lookup")),
    "a picture that matches nothing": lambda web: request(web, "POST", "/api/v1/lookup", body(7)),
    "no key": lambda web: request(web, "GET", signal(near()), role=None),
    "a key that nobody has": lambda web: request(web, "GET", signal(near()), role=None, authorization="Bearer tk_x"),
    "another role": lambda web: request(web, "POST", "/api/v1/lookup", body(), role=Role.INTAKE),
    "no signal": lambda web: request(web, "GET", "/m/lookup?signal_type=pdq"),
    "half a character": lambda web: request(web, "GET", "/m/lookup?signal_type=%00"),
    "no JSON": lambda web: request(web, "POST", "/api/v1/lookup", b"{"),
    "wrong JSON": lambda web: request(web, "POST", "/api/v1/lookup", b"{}"),
    "no body": lambda web: request(web, "POST", "/api/v1/lookup", content_length="0"),
    "through a proxy": lambda web: request(web, "GET", signal(near()), x_forwarded_proto="https"),
    "an upgrade": lambda web: request(web, "GET", signal(near()), connection="upgrade", upgrade="h2c"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_both_ways_say_the_same(
    name: str, web: Running, connect: Connect, straight: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tutela.web.access")
    asked, line = REQUESTS[name](web), connect()
    line.send(asked)
    first = line.answer()
    assert len(straight) == 1
    more = connect()
    more.send(request(web, "GET", "/healthz", role=None) + asked)  # the second of those that come together
    assert more.answer()[0] == 200
    second = more.answer()
    assert len(straight) == 1
    assert first[0] == second[0]
    assert first[2] == second[2]
    assert {**first[1], "date": ""} == {**second[1], "date": ""}
    assert list(first[1]) == list(second[1])
    more.send(request(web, "GET", "/healthz", role=None))
    assert more.answer()[0] == 200  # so what was said of the one before is in the log
    told = [record.getMessage() for record in caplog.records if "lookup" in record.getMessage()]
    assert len(told) == (0 if first[0] == 200 else 2)


def test_answers_come_in_the_order_of_the_questions(web: Running, connect: Connect, straight: list[str]) -> None:
    line, match, none = connect(), signal(near()), signal(fingerprint(7))
    order = [match, none, none, match, none] * 20
    pieces = [request(web, "GET", path) for path in order]
    pieces[1::4] = [request(web, "POST", "/api/v1/lookup", body(7))] * len(pieces[1::4])
    line.send(b"".join(pieces))
    for number, path in enumerate(order):
        status, _, said = line.answer()
        assert status == 200
        assert (b"PROTECTED" in said) is (path == match and number % 4 != 1)
        assert (b"matched" in said) is (number % 4 == 1)
    assert 0 < len(straight) < len(order)


@pytest.mark.parametrize("size", [1, 50])
def test_a_question_may_come_in_pieces(size: int, web: Running, connect: Connect, straight: list[str]) -> None:
    for asked in (request(web, "POST", "/api/v1/lookup", body()), request(web, "GET", signal(near()))):
        line = connect()
        for start in range(0, len(asked), size):
            line.send(asked[start : start + size])
            time.sleep(0.0002)
        assert line.answer()[0] == 200
    assert len(straight) == 2


def test_a_long_body_is_read_as_it_comes(web: Running, connect: Connect, straight: list[str]) -> None:
    many, line = [picture(seed) for seed in range(400)], connect()
    long = json.dumps({"fingerprints": many}).encode()
    assert len(long) > 4 * BODY_BYTES
    line.send(request(web, "POST", "/api/v1/lookups", long))
    status, _, said = line.answer()
    assert (status, len(json.loads(said)["answers"])) == (200, len(many))
    padded = body(7) + b" " * (2 * BODY_BYTES)
    line.send(request(web, "POST", "/api/v1/lookup", padded))
    assert line.answer()[0] == 200
    line.send(request(web, "GET", signal(near())))
    assert line.answer()[0] == 200
    assert straight.count("/api/v1/lookup") == 1


def test_a_body_that_is_too_long_is_refused(web: Running, connect: Connect, straight: list[str]) -> None:
    line = connect()
    line.send(request(web, "POST", "/api/v1/lookup", b" " * 10_000_000))
    assert line.answer()[0] == 413
    assert straight == ["/api/v1/lookup"]


def test_whoever_wants_to_be_told_to_go_on_is_told(web: Running, connect: Connect, straight: list[str]) -> None:
    line, asked = connect(), request(web, "POST", "/api/v1/lookup", body(7), expect="100-continue")
    head, _, rest = asked.partition(b"\r\n\r\n")
    line.send(head + b"\r\n\r\n")
    assert line.answer()[0] == 100
    line.send(rest)
    assert line.answer()[0] == 200
    assert straight == []


def test_the_connection_ends_where_it_is_asked_to(web: Running, connect: Connect) -> None:
    asked = request(web, "GET", signal(near()))
    for last in (asked.replace(b"HTTP/1.1", b"HTTP/1.0"), request(web, "GET", signal(near()), connection="close")):
        line = connect()
        line.send(asked)
        assert "connection" not in line.answer()[1]
        line.send(last)
        status, head, said = line.answer()
        assert (status, head["connection"]) == (200, "close")
        assert b"PROTECTED" in said
        assert line.ends()


def test_what_takes_a_thread_is_answered_later(web: Running, connect: Connect, straight: list[str]) -> None:
    group = web.bank.groups.all()[0]
    token = web.key(Role.MATCH, groups=[group.id])["Authorization"]
    asked = request(web, "POST", "/api/v1/lookup", body(), role=None, authorization=token)
    lines = [connect() for _ in range(5)]
    for line in lines:
        line.send(asked + request(web, "GET", signal(near())))
    for line in lines:
        status, _, said = line.answer()
        assert (status, json.loads(said)["matched"]) == (200, True)
        assert b"PROTECTED" in line.answer()[2]
    assert straight.count("/api/v1/lookup") == 5


def test_whoever_hangs_up_meanwhile_harms_nobody(web: Running, connect: Connect) -> None:
    token = web.key(Role.MATCH, groups=[web.bank.groups.all()[0].id])["Authorization"]
    place = urlsplit(web.url)
    for _ in range(20):
        with socket.create_connection((place.hostname, place.port)) as line:
            line.sendall(request(web, "POST", "/api/v1/lookup", body(), role=None, authorization=token))
    line_left = connect()
    line_left.send(request(web, "GET", signal(near())))
    assert line_left.answer()[0] == 200
