"""Around every answer: the headers that keep browsers to it, the log of calls, an answer where nobody foresaw one."""

import logging
import time
from collections.abc import Mapping

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

_LOG = logging.getLogger("tutela.web.access")


class Guard:
    """ASGI middleware. A header that an answer has itself wins. The log says method, route, status and time: never an
    address as it was asked for, which may hold a reference or a fingerprint, nor a body, a key or who it was.

    Where the route's application says that it is `counted`, good answers are written for the level DEBUG alone: they
    come by the thousand a second, and a line costs as much as a quarter of a lookup.
    """

    def __init__(self, app: ASGIApp, straight: Mapping[tuple[str, str], ASGIApp] | None = None) -> None:
        """`straight`: by method and path, what is asked so often that the way through routers would be felt."""
        self._app = app
        self._straight = straight or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = time.perf_counter(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = message["headers"]
                there = {name for name, _ in own}  # ASGI has names in small letters
                more = [_HSTS, *_RAW] if scope.get("scheme") == "https" else _RAW
                message["headers"] = [*own, *(each for each in more if each[0] not in there)]
            await send(message)

        try:
            if (app := self._straight.get((scope["method"], scope["path"]))) is not None:
                scope["endpoint"] = app
            await (app or self._app)(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - what is not answered here, the server would log whole
            response = broken(error)
            if status == 0:
                await response(scope, receive, guarded)
        finally:
            counted = status == 200 and getattr(scope.get("endpoint"), "counted", False)
            level = logging.DEBUG if counted else logging.INFO
            if _LOG.isEnabledFor(level):
                path = getattr(scope.get("route", scope.get("endpoint")), "path", "-")
                seconds = time.perf_counter() - started
                _LOG.log(level, "%s %s %d %.1f ms", _method(scope), path, status, seconds * 1000)


def _method(scope: Scope) -> str:
    """The method, if it is one: a stranger may write anything there."""
    known = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    return scope["method"] if scope["method"] in known else "?"
