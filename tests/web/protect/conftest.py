"""The page over a real socket, as programs ask it and as people see it in Chromium."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from browsers import chromium
from tutela.bank import Bank
from web.protect.server import Service, running

__all__ = ["chromium"]

Ask = Callable[..., httpx.Client]
Open = Callable[..., Page]

DESKTOP, PHONE = (1100, 800), (360, 640)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests of a module; whoever counts what is in its bank compares before and after."""
    with running(tmp_path_factory.mktemp("page")) as started:
        yield started


@pytest.fixture
def bank(service: Service) -> Bank:
    """The bank behind `web`."""
    return service.bank


@pytest.fixture
def web(service: Service) -> Iterator[httpx.Client]:
    """A client of the page; it follows no redirect."""
    with httpx.Client(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Starts a page with other settings and makes a client of it."""
    with ExitStack() as stack:

        def asker(**settings: object) -> httpx.Client:
            started = stack.enter_context(running(tmp_path, **settings))
            return stack.enter_context(httpx.Client(base_url=started.url, timeout=30))

        yield asker


OF_THE_BROWSER = b"content-autofill.googleapis.com"
"""Chromium asks its maker about forms, on any page and whatever that says (`docs/protect-page.md`)."""


class Outside:
    """A proxy for everything that is not on this machine: it keeps what is asked of it, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                asked = connection.recv(4096)
                if OF_THE_BROWSER not in asked:
                    self.asked.append(asked)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    proxy = Outside()
    yield proxy
    proxy.close()


@pytest.fixture
def open_page(chromium: Browser, service: Service, outside: Outside) -> Iterator[Open]:
    """Opens a new browser profile. At the end: no cookie, nothing kept, and the browser complained of nothing."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opener(size: tuple[int, int] = DESKTOP, quiet: bool = True, **settings: object) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        proxy = {"server": outside.url, "bypass": "127.0.0.1"}
        context = chromium.new_context(base_url=service.url, viewport=viewport, proxy=proxy, **settings)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        if quiet:
            page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opener
    for context in contexts:
        state = context.storage_state(indexed_db=True)
        assert state == {"cookies": [], "origins": []}
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page()
