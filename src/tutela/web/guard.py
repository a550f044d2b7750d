"""Around every answer: the headers that keep browsers to it, the log of calls, an answer where nobody foresaw one."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.web.problems import broken

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=(), payment=(), usb=()",
}
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_RAW = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_SECURE = [_HSTS, *_RAW]
_NAMES = frozenset(name for name, _ in _SECURE)

_LOG = logging.getLogger("tutela.web.access")

Headers = list[tuple[bytes, bytes]]


class Guard:
    """ASGI middleware. A header that an answer has itself wins. The log says method, route, status and time: never an
    address as it was asked for, which may hold a reference or a fingerprint, nor a body, a key or who it was.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = time.perf_counter(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = kept(message["headers"], https=scope.get("scheme") == "https")
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - what is not answered here, the server would log whole
            response = broken(error)
            if status == 0:
                await response(scope, receive, guarded)
        finally:
            endpoint = scope.get("endpoint")
            path, counted = getattr(scope.get("route", endpoint), "path", "-"), getattr(endpoint, "counted", False)
            noted(scope["method"], path, status, started, counted=counted)


def kept(own: Headers, *, https: bool) -> Headers:
    """An answer's own headers, with names in small letters, and those that keep browsers to it."""
    more = _SECURE if https else _RAW
    there = {name for name, _ in own}
    return [*own, *more] if there.isdisjoint(_NAMES) else [*own, *(each for each in more if each[0] not in there)]


def noted(method: str, path: str, status: int, started: float, *, counted: bool) -> None:
    """Says in the log what was answered. Good answers that are `counted` are written for the level DEBUG alone: they
    come by the thousand a second, and a line costs as much as a quarter of a lookup.
    """
    level = logging.DEBUG if status == 200 and counted else logging.INFO
    if _LOG.isEnabledFor(level):
        seconds = time.perf_counter() - started
        _LOG.log(level, "%s %s %d %.1f ms", _method(method), path, status, seconds * 1000)


def _method(given: str) -> str:
    """The method, if it is one: a stranger may write anything there."""
    known = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    return given if given in known else "?"
