"""A page in Chromium that has the browser's fingerprints at hand, for tests and measurements.

Served from this machine with the very headers of the protect page, so that what works here works there.
"""

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

import tutela
from tutela.web.protect.headers import PAGE_POLICY, WORKER_POLICY

ASSETS = Path(tutela.__file__).parent / "web/protect/assets/fingerprint"
_SCRIPTS = {
    "/page.js": Path(__file__).with_name("browser_page.js"),
    "/engines.js": Path(__file__).with_name("engines.js"),
}
_PAGE = '<!doctype html><meta charset="utf-8"><title>.</title><body><script type="module" src="%s"></script>'


_OFF_ANYWAY = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
"""What Playwright turns off in Chromium: only the last such list counts, so it is told here again."""

_OFF_IN_WINDOWS = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
"""Pages below the address bar of each new window, and a process for what may come next: they took half of the time."""


class BrowserMissing(Exception):  # noqa: N818 - a state of the machine
    """Chromium is not installed on this machine."""


class Served:
    """A server in a thread, on this machine only: the assets, one page, and whatever is put there.

    `address` is its own; `asked`, the paths that were asked for, in their order; `posts` answers what is posted,
    `script` is the page's.
    """

    def __init__(self, posts: Callable[[bytes], bytes] | None = None, *, script: str = "/page.js") -> None:
        self._script = script
        self.asked: list[str] = []
        self._put: dict[str, bytes] = {}
        self._numbers = count()
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                served.asked.append(path)
                self.answer(path, served.found(path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self.answer(self.path, posts(body) if posts else None)

            def answer(self, path: str, found: bytes | None) -> None:
                script = path.endswith(".js")
                self.send_response(200 if found is not None else 404)
                self.send_header("content-security-policy", WORKER_POLICY if script else PAGE_POLICY)
                self.send_header("x-content-type-options", "nosniff")
                self.send_header("cache-control", "no-store")
                self.send_header("content-type", "text/javascript" if script else "text/html")
                self.send_header("content-length", str(len(found or b"")))
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def put(self, data: bytes) -> str:
        """Puts bytes there, and says at which path."""
        path = f"/files/{next(self._numbers)}"
        self._put[path] = data
        return path

    def clear(self) -> None:
        """Forgets what was put there."""
        self._put.clear()

    def found(self, path: str) -> bytes | None:
        """What lies at a path."""
        if path == "/":
            return (_PAGE % self._script).encode()
        if path == "/favicon.ico":
            return b""
        if path in _SCRIPTS:
            return _SCRIPTS[path].read_bytes()
        asset = ASSETS / path.removeprefix("/fingerprint/")
        return asset.read_bytes() if asset.parent == ASSETS and asset.is_file() else self._put.get(path)

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Computing(ABC):
    """Some browser that has `browser_page.js` open."""

    served: Served

    @abstractmethod
    def call(self, name: str, *arguments: object) -> Any:
        """What a function of `browser_page.js` answers."""

    def fingerprints(self, files: Sequence[bytes], *, parts: bool = False) -> list[dict[str, Any]]:
        """The fingerprint of each file as it would travel, or why it has none; `ms` is how long each took."""
        answers: list[dict[str, Any]] = self.call("fingerprintAll", [*map(self.served.put, files)], {"parts": parts})
        self.served.clear()
        return answers


class FingerprintPage(Computing):
    """The page, opened in Chromium. `complaints` is what the browser said of it (breaches of the policy, errors)."""

    def __init__(self, browser: Browser, served: Served) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.page: Page = browser.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(served.address)
        self.page.wait_for_function("window.tutela")
        self.page.evaluate("tutela.fingerprinter.ready")

    def call(self, name: str, *arguments: object) -> Any:
        given = json.dumps(arguments)
        return self.page.evaluate(f"(given) => tutela.{name}(...JSON.parse(given))", given)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Starts Chromium without a window, and ends it. Raises `BrowserMissing`."""
    program = shutil.which("chromium")
    if program is None:
        raise BrowserMissing
    with sync_playwright() as playwright:
        options = ["--no-sandbox", f"--disable-features={','.join((*_OFF_ANYWAY, *_OFF_IN_WINDOWS))}"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@contextmanager
def fingerprint_page() -> Iterator[FingerprintPage]:
    """Starts Chromium and a server, and ends both. Raises `BrowserMissing`."""
    served = Served()
    try:
        with chromium() as browser:
            yield FingerprintPage(browser, served)
    finally:
        served.close()
