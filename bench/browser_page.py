"""A page in Chromium that has the browser's fingerprints at hand, for tests and measurements.

Served from this machine with the very headers of the protect page, so that what works here works there.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
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
_PAGE = b'<!doctype html><meta charset="utf-8"><title>.</title><script type="module" src="/page.js"></script>'


class BrowserMissing(Exception):  # noqa: N818 - a state of the machine
    """Chromium is not installed on this machine."""


class Served:
    """A server in a thread, on this machine only: the assets, one page, and whatever is put there.

    `address` is its own; `asked`, the paths that were asked for, in their order.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._put: dict[str, bytes] = {}
        self._numbers = count()
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                served.asked.append(path)
                found = served.found(path)
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
            return _PAGE
        if path == "/favicon.ico":
            return b""
        if path == "/page.js":
            return Path(__file__).with_suffix(".js").read_bytes()
        asset = ASSETS / path.removeprefix("/fingerprint/")
        return asset.read_bytes() if asset.parent == ASSETS and asset.is_file() else self._put.get(path)

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class FingerprintPage:
    """The page, opened. `complaints` is what the browser said of it (breaches of the policy, errors)."""

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
        """What a function of `browser_page.js` answers."""
        given = json.dumps(arguments)
        return self.page.evaluate(f"(given) => tutela.{name}(...JSON.parse(given))", given)

    def fingerprints(self, files: Sequence[bytes], *, parts: bool = False) -> list[dict[str, Any]]:
        """The fingerprint of each file as it would travel, or why it has none; `ms` is how long each took."""
        answers: list[dict[str, Any]] = self.call("fingerprintAll", [*map(self.served.put, files)], {"parts": parts})
        self.served.clear()
        return answers


@contextmanager
def fingerprint_page() -> Iterator[FingerprintPage]:
    """Starts Chromium and a server, and ends both. Raises `BrowserMissing`."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise BrowserMissing
    served = Served()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            yield FingerprintPage(browser, served)
            browser.close()
    finally:
        served.close()
