"""Whoever sends slowly, a lot, or nothing does not hold the service; whoever asks as others do notices nothing."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tutela.web import connections

WINDOW, MOST = 0.3, 6
GRAIN = 0.001  # the loop counts in whole milliseconds
LONG = 40 * WINDOW
"""Seconds: far more than a window, for busy machines."""

LARGE = 20 * 1024 * 1024

Connect = Callable[[], socket.socket]


class Site:
    """A service with three routes, on a port of its own."""

    def __init__(self) -> None:
        self.lost = 0
        self.port = 0
        self.open = lambda: 0
        """How many connections there are."""

    async def take(self, request: Request) -> Response:
        try:
            return JSONResponse({"bytes": len(await request.body())})
        except ClientDisconnect:
            self.lost += 1
            raise

    async def well(self, request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def large(self, request: Request) -> Response:
        return Response(bytes(LARGE))

    @contextmanager
    def running(self) -> Iterator[None]:
        routes = [Route("/take", self.take, methods=["POST"]), Route("/large", self.large)]
        app = Starlette(routes=[*routes, *(Route(path, self.well) for path in ("/", *connections.WATCHING))])
        http = connections.limited(MOST)
        config = uvicorn.Config(app, http=http, log_config=None, access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        self.open = lambda: len(server.server_state.connections)
        self.port = listening.getsockname()[1]
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


@pytest.fixture
def window() -> float:
    return WINDOW


@pytest.fixture
def site(window: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name, value in (("WINDOW_SECONDS", window), ("WINDOW_BYTES", 1000), ("UNTAKEN_SECONDS", window), ("SPARE", 3)):
        monkeypatch.setattr(connections, name, value)
    site = Site()
    with site.running():
        yield site


@pytest.fixture
def connect(site: Site) -> Iterator[Connect]:
    with ExitStack() as stack:

        def made() -> socket.socket:
            return stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=10))

        yield made


def answer(line: socket.socket) -> tuple[int, dict[str, object]]:
    """The status and the problem, from a connection that is closed then; 0 where nothing was said."""
    said = b""
    try:
        while piece := line.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    if not said:
        return 0, {}
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"\r\nconnection: close" in head.lower()
    assert b"\r\ncontent-type: application/problem+json" in head.lower()
    return int(head.split()[1]), json.loads(body)


def soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return held


def trickle(connect: Connect, beginning: bytes, pieces: bytes = b"x") -> tuple[int, dict[str, object], float]:
    """Sends a beginning and then a byte now and then, until the connection ends; what was said, and after how long."""
    start = time.monotonic()  # before the service's clock begins
    line = connect()
    line.sendall(beginning)
    line.settimeout(WINDOW / 10)
    while time.monotonic() - start < LONG:
        try:
            if not line.recv(1, socket.MSG_PEEK):
                break
        except TimeoutError:
            line.sendall(pieces)
        except ConnectionResetError:
            break
        else:
            break
    line.settimeout(10)
    return *answer(line), time.monotonic() - start


HEAD = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize("beginning", [HEAD, BODY], ids=["head", "body"])
def test_a_byte_now_and_then_holds_nothing(site: Site, connect: Connect, beginning: bytes) -> None:
    status, problem, seconds = trickle(connect, beginning)
    assert (status, problem["code"]) == (408, "too_slow")
    assert WINDOW - GRAIN < seconds < LONG
    assert site.lost == (beginning == BODY)


def test_who_says_nothing_is_hung_up_on_without_a_word(connect: Connect) -> None:
    assert answer(connect()) == (0, {})


def test_a_second_request_may_be_no_slower_than_the_first(connect: Connect) -> None:
    line = connect()
    line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 200 " in line.recv(65536)
    time.sleep(2 * WINDOW)  # between requests it may wait
    assert trickle(lambda: line, HEAD)[0] == 408


def test_empty_lines_are_no_request(connect: Connect) -> None:
    line = connect()
    line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 200 " in line.recv(65536)
    assert trickle(lambda: line, b"\r\n", b"\r\n")[2] < LONG


def test_what_comes_after_an_answer_holds_nothing_either(connect: Connect) -> None:
    """The answer does not wait for the body, so the rest of that is for nobody."""
    line = connect()
    line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    assert b" 405 " in line.recv(65536)
    start = time.monotonic()
    with pytest.raises(OSError):
        while time.monotonic() - start < LONG:
            line.sendall(b"x")
            time.sleep(WINDOW / 10)
    assert time.monotonic() - start < LONG


def test_a_large_body_that_comes_steadily_may_take_longer(connect: Connect) -> None:
    line, size = connect(), 10 * 1000
    line.sendall(BODY.replace(b"100000", b"%d" % size))
    for _ in range(size // 500):
        line.sendall(bytes(500))
        time.sleep(WINDOW / 8)
    assert b'{"bytes":10000}' in line.recv(65536)


def test_a_head_that_never_ends_is_refused(connect: Connect) -> None:
    line = connect()
    line.sendall(HEAD + b"x" * connections.HEAD_BYTES)
    assert answer(line)[0] == 431


def test_who_takes_no_answer_is_hung_up_on(site: Site, connect: Connect) -> None:
    connect().sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    assert soon(lambda: site.open() == 1)
    start = time.monotonic()
    assert soon(lambda: site.open() == 0)
    assert time.monotonic() - start < LONG


def get(site: Site, path: str = "/") -> httpx.Response:
    with httpx.Client(base_url=f"http://127.0.0.1:{site.port}", verify=False) as client:
        return client.get(path)


slowly = pytest.mark.parametrize("window", [60.0])
"""Nobody is hung up on for being slow."""


@slowly
def test_where_all_are_busy_newcomers_come_again_and_watchers_are_answered(site: Site, connect: Connect) -> None:
    lines = [connect() for _ in range(MOST)]
    for line in lines:
        line.sendall(BODY)
    assert soon(lambda: site.open() == MOST)
    refused = get(site)
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert int(refused.headers["retry-after"]) > 0
    assert [get(site, path).status_code for path in connections.WATCHING] == [200, 200]
    lines[0].close()
    assert soon(lambda: get(site).status_code == 200)


@slowly
def test_one_that_waits_for_its_next_request_makes_room(site: Site, connect: Connect) -> None:
    lines = [connect() for _ in range(MOST)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in line.recv(65536)
    assert get(site).status_code == 200


@slowly
def test_far_too_many_are_closed_unheard(site: Site, connect: Connect) -> None:
    hard = MOST + MOST // 4 + connections.SPARE
    for _ in range(hard):
        connect().sendall(BODY[:20])
    assert soon(lambda: site.open() == hard)
    assert answer(connect()) == (0, {})
    assert connections.files(MOST) > hard
