"""What every answer of the page tells the browser to keep to, and which requests it does not take."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.web.guard import HEADERS
from tutela.web.problems import problem

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WORKER_POLICY = "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""For scripts. A worker keeps to the policy of its own file: what sees the pixels can reach no other site, and of this
server only ask for scripts, by GET (`connect-src` falls back to none). What stands in the address of a script could
still tell something; that of an asset may hold no query, and no address is written to a log."""


class Careful:
    """ASGI middleware: sets the headers of the whole service; those that an answer has itself win. `policy` is the CSP
    instead of the one that allows nothing."""

    def __init__(self, app: ASGIApp, policy: str = PAGE_POLICY) -> None:
        self.app = app
        self.headers = {**HEADERS, "content-security-policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, with the headers."""

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, careful)


class SameOrigin:
    """ASGI middleware: refuses what another site makes a visitor's browser send, and what is no JSON.

    There is no cookie and no session that such a request could abuse; but it could open cases or spend a person's
    attempts at a PIN. Browsers tell the truth in `Sec-Fetch-Site` and `Origin`; a program that is no browser sends
    neither, and nobody's browser is in danger then.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 403 or 415, or as the app does."""
        headers = Headers(scope=scope)
        if not same_origin(headers):
            refusal = problem(403, "other_site", "this came from another site", "Use the page itself")
            return await refusal(scope, receive, send)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            refusal = problem(415, "not_json", "the body must be JSON", "Send `Content-Type: application/json`")
            return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)


def same_origin(headers: Headers) -> bool:
    """Whether a request comes from a page of the same origin, as far as a browser says where it comes from."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
