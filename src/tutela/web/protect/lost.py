"""Addresses at which there is nothing, as a person mistypes them: a page with the quick exit, in their language."""

import re

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tutela.web.protect.headers import Careful
from tutela.web.protect.pages import Pages, address
from tutela.web.protect.texts import LANGUAGES, preferred

_PROGRAMS = ("/api/", "/protect/")
"""Addresses of programs, which get a problem in JSON whatever they accept."""

_SHORT = {f"/{code}": code for code in LANGUAGES}

_HTML = re.compile(r"\s*text/html\s*(?:;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)).*)?", re.IGNORECASE)
_MOST_OFFERS = 32


class Lost(BaseRoute):
    """Takes what no other route takes: it never matches but in part, so that even a wrong method goes before it.

    ``/en`` leads to ``/en/``; a browser, which names HTML among what it accepts, gets a page. All others get what the
    application says to them.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._answer = Careful(self._answered)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """In part, or not at all."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return Match.NONE, {}
        path = scope["path"]
        wanted = path in _SHORT or (not path.startswith(_PROGRAMS) and takes_html(Headers(scope=scope)))
        return (Match.PARTIAL if wanted else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 303 or 404."""
        await self._answer(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        if scope["path"] in _SHORT:
            return RedirectResponse(address(_SHORT[scope["path"]], "start"), status_code=303)
        first = scope["path"].strip("/").partition("/")[0].lower()
        language = first if first in LANGUAGES else preferred(Headers(scope=scope).get("accept-language", ""))
        return HTMLResponse(self._pages.page(language, "lost"), 404, {"vary": "Accept, Accept-Language"})


def takes_html(headers: Headers) -> bool:
    """Whether `Accept` (RFC 9110) names HTML, as browsers do. Programs that take anything (``*/*``) do not."""
    return any(_HTML.fullmatch(offer) for offer in headers.get("accept", "").split(",")[:_MOST_OFFERS])
