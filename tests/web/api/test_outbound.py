"""What the service fetches: listed hosts, public addresses, no redirects, within limits."""

import http.server
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from drawings import picture as drawing
from tutela.access import Role
from tutela.web.errors import NotUnderstood, SwitchedOff
from tutela.web.outbound import Outbound, Unreachable, is_public
from web.api.conftest import Running, default, running


class Handler(http.server.BaseHTTPRequestHandler):
    picture = b""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/picture")
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)
        else:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(self.picture)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    Handler.picture = drawing(tmp_path_factory.mktemp("site") / "a.png", 1).read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def anywhere(host: str, **more: float) -> Outbound:
    return Outbound([host], permitted=lambda address: True, **more)  # type: ignore[arg-type]


def test_a_listed_host_is_fetched_from(site: str) -> None:
    answer = anywhere(site).call("GET", f"http://{site}/picture", most=10**6)
    assert (answer.status, answer.media_type, answer.body) == (200, "image/png", Handler.picture)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        *(("", "/"), ("/", "/"), ("?a=1", "/?a=1"), ("/?a=1", "/?a=1"), ("#b", "/"), ("?a=1#b", "/?a=1")),
        ("/x;y=1?a=%20&b", "/x;y=1?a=%20&b"),
    ],
)
def test_what_is_asked_for_begins_with_a_slash(site: str, written: str, asked: str) -> None:
    anywhere(site).call("GET", f"http://{site}{written}", most=10**6)
    assert Handler.asked[-1] == asked


def test_a_redirect_is_not_followed(site: str) -> None:
    assert anywhere(site).call("GET", f"http://{site}/moved", most=10**6).status == 302


def test_a_large_answer_is_broken_off(site: str) -> None:
    with pytest.raises(Unreachable):
        anywhere(site).call("GET", f"http://{site}/picture", most=100)


def test_a_slow_answer_is_broken_off_although_something_always_comes(site: str) -> None:
    start = time.monotonic()
    with pytest.raises(Unreachable):
        anywhere(site, seconds=0.5).call("GET", f"http://{site}/slow", most=10**6)
    assert time.monotonic() - start < 3


def test_a_private_address_is_not_connected_to_even_where_its_host_is_listed(site: str) -> None:
    with pytest.raises(Unreachable):
        Outbound([site]).call("GET", f"http://{site}/picture", most=10**6)


def test_the_address_that_was_checked_is_the_one_that_is_used(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers publicly first and privately the next moment is asked for once."""
    asked = []
    real = socket.getaddrinfo

    def rebinding(host: object, port: object, *args: object, **named: object) -> object:
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return real(address, port, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    connected = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        anywhere(site).call("GET", f"http://{site}/picture", most=10**6)
    assert connected == ["192.0.2.1"]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1"),
        *("::127.0.0.1", "fec0::1", "64:ff9b:1::7f00:1", "::ffff:0:127.0.0.1", "192.0.0.8", "192.0.0.9", "192.88.99.1"),
        *("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:20::1", "2002:101:101::1", "3fff::1", "5f00::1", "4000::1"),
        *("::ffff:1.1.1.1", "64:ff9b::101:101", "100::1", "1fff:ffff::1"),
    ],
)
def test_addresses_that_are_not_of_the_open_internet(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "192.0.1.1", "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00::1"])
def test_addresses_of_the_open_internet(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("http://other.example/", SwitchedOff),
        ("http://listed.example:81/", SwitchedOff),
        ("http://user@listed.example/", SwitchedOff),
        ("http://listed.example@other.example/", SwitchedOff),
        ("http://listed.example.other.example/", SwitchedOff),
        ("http://127.0.0.1/", SwitchedOff),
        ("file:///etc/passwd", NotUnderstood),
        ("gopher://listed.example/", NotUnderstood),
        ("http://listed.example/\r\nX: y", NotUnderstood),
        ("http://listed.example/ HTTP/1.1", NotUnderstood),
        ("http://listed.example:port/", NotUnderstood),
        ("http://[::1", NotUnderstood),
        ("", NotUnderstood),
    ],
)
def test_what_is_not_listed_or_no_address_is_refused(url: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        Outbound(["listed.example"]).call("GET", url, most=10)


def test_a_picture_at_an_address_is_hashed_where_its_host_is_listed(site: str, tmp_path: Path) -> None:
    with running(tmp_path, default(tmp_path, fetch_hosts=(site,), media_uploads=False)) as web:
        params = {"url": f"http://{site}/picture"}
        assert web.get("/h/hash", Role.MATCH, params=params).status_code == 502
        web.service.outbound = anywhere(site)
        hashed(web, params)
        moved = web.get("/h/hash", Role.MATCH, params={"url": f"http://{site}/moved"})
        assert moved.status_code == 400


def hashed(web: Running, params: dict[str, str]) -> None:
    answer = web.get("/h/hash", Role.MATCH, params=params)
    assert answer.status_code == 200
    assert len(answer.json()["pdq"]) == 64
    assert web.get("/m/lookup", Role.MATCH, params=params).json() == {"pdq": {}}
