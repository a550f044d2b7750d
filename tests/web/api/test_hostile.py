"""Hostile uploads and wrong requests: each gets an answer below 500, and the service goes on."""

import random
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from drawings import picture as drawing
from tutela.access import Role
from web.api.asking import picture
from web.api.conftest import Running


def uploads(folder: Path) -> Iterator[bytes]:
    """A few hundred files that no picture should be."""
    made = random.Random(5)
    good = [drawing(folder / f"{n}.png", n).read_bytes() for n in range(2)]
    good.append(drawing(folder / "n.jpg", 3).read_bytes())
    for data in good:
        for _ in range(25):
            cut = made.randrange(len(data))
            yield data[:cut]
            broken = bytearray(data)
            for _ in range(made.randrange(1, 30)):
                broken[made.randrange(len(broken))] = made.randrange(256)
            yield bytes(broken)
    for _ in range(40):
        yield made.randbytes(made.randrange(1, 4000))
    yield b""
    for head in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\xff\xff\xff\xffWEBP", b"BM"):
        yield head
        yield head + b"\xff" * 5000
    yield bomb()


def bomb() -> bytes:
    """A PNG that says it is 60,000 × 60,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (60_000).to_bytes(4, "big") * 2
    pixels = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\x02\0\0\0") + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def test_hostile_pictures_cost_one_answer_each(shared_web: Running, tmp_path: Path) -> None:
    codes = set()
    for data in uploads(tmp_path):
        answer = shared_web.post("/api/v1/lookups/media", Role.MATCH, files={"media": ("x", data)})
        codes.add(answer.status_code)
    assert codes <= {200, 422}
    assert shared_web.client.get("/readyz").status_code == 200


WRONG_BODIES = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"{" * 100_000,
    b"[" * 100_000,
    b'{"media": ' + b"9" * 5000 + b"}",
    b"\xff\xfe",
    b'{"media":"image/png","width":1e400}',
    b'{"pin":"' + b"1" * 5000 + b'"}',
    b'{"pin":"\\ud800"}',
    b'{"pin":"\\u0000"}',
    b"\0" * 1000,
]
PATHS = [
    "/api/v1/lookup",
    "/api/v1/lookups",
    "/api/v1/cases",
    "/api/v1/cases/TU-2222-2222/status",
    "/api/v1/feedback",
    "/api/v1/webhooks",
    "/m/compare",
    "/c/banks",
    "/c/bank/X/signal",
]


@pytest.mark.parametrize("path", PATHS)
def test_wrong_bodies_are_refused(shared_web: Running, path: str) -> None:
    for body in WRONG_BODIES if path != "/m/compare" else [b for b in WRONG_BODIES if b != b"{}"]:
        headers = {**shared_web.headers(Role.OPERATOR), "Content-Type": "application/json"}
        answer = shared_web.client.post(path, content=body, headers=headers)
        assert 400 <= answer.status_code < 500, body[:30]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/cases/..%2f..%2fetc%2fpasswd/status",
        "/api/v1/cases/%00/status",
        "/api/v1/cases/%ed%a0%80/status",
        "/c/bank/..%2f../content/1",
        "/c/bank/%00",
        "/protect/assets/x/..%2f..%2f..%2fapp.py",
        "/protect/assets/..%2f..%2fapp.py/x",
        "/../../etc/passwd",
        "/api/v1/lookup/",
        "/m/lookup?signal=%00&signal_type=pdq",
        "/m/lookup?signal=%ff&signal_type=pdq",
    ],
)
def test_paths_lead_nowhere(shared_web: Running, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = shared_web.client.request(method, path, headers=shared_web.headers(Role.OPERATOR), json={"pin": "1"})
        assert 400 <= answer.status_code < 500
        assert "root:" not in answer.text
        assert "location" not in answer.headers


def raw(web: Running, data: bytes) -> bytes:
    parts = urlsplit(web.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(data)
        line.settimeout(3)
        said = b""
        try:
            while piece := line.recv(65536):
                said += piece
        except TimeoutError:
            pass
    return said


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: a\r\n b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
        b"GET /c/banks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer tk_"
        + b"\xe9" * 62
        + b"\r\nConnection: close\r\n\r\n",
        b"POST /api/v1/lookup HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/lookup HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"\r\n\r\n\r\n",
    ],
)
def test_what_is_no_http_ends_one_connection(shared_web: Running, data: bytes) -> None:
    said = raw(shared_web, data)
    assert b" 500 " not in said[:30]
    assert shared_web.client.get("/healthz").status_code == 200


def test_no_address_leads_a_browser_elsewhere(shared_web: Running) -> None:
    for path in (b"//evil.example/", b"//evil.example", b"/protect//evil.example/", b"/status/", b"\\\\evil.example/"):
        said = raw(shared_web, b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert b"evil.example" not in said


def test_a_body_that_breaks_off_harms_nobody(shared_web: Running) -> None:
    token = shared_web.tokens[Role.MATCH].encode()
    head = b"POST /api/v1/lookup HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token
    parts = urlsplit(shared_web.url)
    for _ in range(20):
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
            line.sendall(head + b"\r\nContent-Length: 1000\r\n\r\n{")
    assert shared_web.post("/api/v1/lookup", Role.MATCH, picture(1)).status_code == 200


def test_a_body_larger_than_its_route_takes_is_refused_early(shared_web: Running) -> None:
    headers = shared_web.headers(Role.OPERATOR)

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 65536

    for path in ("/api/v1/lookup", "/api/v1/feedback", "/m/compare"):
        answer = shared_web.client.post(path, content=b" " * 2_000_000, headers=headers)
        assert answer.status_code == 413
    parts = urlsplit(shared_web.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        token = shared_web.tokens[Role.MATCH].encode()
        line.sendall(
            b"POST /api/v1/lookup HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
            + token
            + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
        sent = 0
        try:
            while sent < 400:
                line.sendall(piece)
                sent += 1
        except (BrokenPipeError, ConnectionResetError):
            pass
        line.settimeout(5)
        try:
            said = line.recv(65536)
        except ConnectionResetError:
            said = b"HTTP/1.1 413"
    assert b" 413" in said


def test_forms_that_are_no_forms_are_refused(shared_web: Running) -> None:
    form = "multipart/form-data; boundary=a"
    named = b'--a\r\nContent-Disposition: form-data; name="media"; filename="x"\r\n\r\n'
    kinds = [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=" + "a" * 5000, b"--a\r\n"),
        (form, b"--b\r\n"),
        (form, named),
        (form, named + b"x\r\n" + named + b"y\r\n--a--\r\n"),
        (form, b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--\r\n"),
        (form, b"--a\r\n" + b"X: y\r\n" * 10_000 + b"\r\nx\r\n--a--\r\n"),
        (form, (named.replace(b'; filename="x"', b"") + b"x\r\n") * 50 + b"--a--\r\n"),
        (form, named.replace(b"media", b"\xff") + b"x\r\n--a--\r\n"),
        ("application/x-www-form-urlencoded", b"media=x"),
    ]
    for path in ("/api/v1/lookups/media", "/h/hash", "/m/lookup", "/c/bank/PROTECTED/content"):
        for kind, body in kinds:
            headers = {**shared_web.headers(Role.OPERATOR), "Content-Type": kind}
            answer = shared_web.client.post(path, content=body, headers=headers)
            assert 400 <= answer.status_code < 500, (path, kind)


def test_every_answer_has_the_headers_that_keep_browsers_to_it_and_no_banner(shared_web: Running) -> None:
    for path in ("/healthz", "/nowhere", "/c/banks", "/api/v1/docs", "/"):
        headers = shared_web.client.get(path).headers
        assert "server" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
