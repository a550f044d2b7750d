"""The addresses of the page."""

from functools import partial

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tutela.bank import Bank
from tutela.web.limits import RateLimiter
from tutela.web.problems import problem
from tutela.web.protect.api import ENTRY_BYTES, INTAKE_BYTES, Intake
from tutela.web.protect.assets import Assets, read_assets
from tutela.web.protect.headers import WORKER_POLICY, Careful, SameOrigin
from tutela.web.protect.lost import Lost
from tutela.web.protect.pages import SLUGS, Pages, address
from tutela.web.protect.site import DEFAULT, Site
from tutela.web.protect.texts import LANGUAGES, preferred
from tutela.web.tries import PinTries

_FOR_EVER = "public, max-age=31536000, immutable"


def routes(bank: Bank, *, tries: PinTries, intake: RateLimiter, site: Site = DEFAULT) -> list[BaseRoute]:
    """The public page with its own API. `tries` are those of PINs; `intake` limits new cases, for each
    address. `request.client` must be the visitor, so behind a proxy let the server read its headers. The last route
    takes what no other of the application takes."""
    assets = read_assets()
    pages = Pages(site, assets.version)
    return [
        Route("/", _choose_language, middleware=[Middleware(Careful)]),
        *(_page(pages, language, name) for language in LANGUAGES for name in SLUGS),
        Route(
            "/protect/assets/{version}/{path:path}",
            partial(_asset, assets),
            middleware=[Middleware(Careful, policy=WORKER_POLICY)],
        ),
        *_api(Intake(bank, tries=tries, intake=intake)),
        Lost(pages),
    ]


def _api(intake: Intake) -> list[BaseRoute]:
    taken = [
        ("cases", intake.open_case, INTAKE_BYTES),
        ("status", intake.status, ENTRY_BYTES),
        ("withdrawal", intake.withdraw, ENTRY_BYTES),
    ]
    guards = [Middleware(Careful), Middleware(SameOrigin)]
    return [
        Route(f"/protect/api/{name}", endpoint, methods=["POST"], max_body_size=most, middleware=guards)
        for name, endpoint, most in taken
    ]


def _page(pages: Pages, language: str, name: str) -> Route:
    async def endpoint(request: Request) -> Response:
        if name == "steps" and request.query_params.get("under18") != "no":
            return RedirectResponse(address(language, "age"), status_code=303)
        if name == "help":
            return HTMLResponse(pages.help(language, request.query_params.get("country", "")))
        if name == "steps":
            return HTMLResponse(pages.steps(language))
        if name == "case":
            return HTMLResponse(pages.case(language))
        return HTMLResponse(pages.page(language, name))

    return Route(address(language, name), endpoint, name=f"protect-{language}-{name}", middleware=[Middleware(Careful)])


async def _choose_language(request: Request) -> Response:
    language = preferred(request.headers.get("accept-language", ""))
    return RedirectResponse(address(language, "start"), status_code=303, headers={"vary": "Accept-Language"})


async def _asset(assets: Assets, request: Request) -> Response:
    asset = assets.files.get(request.path_params["path"])
    asked_more = request.scope["query_string"]  # a script could tell something in it
    if asset is None or asked_more or request.path_params["version"] != assets.version:
        return problem(404, "not_found", "there is nothing at this address")
    return Response(asset.content, media_type=asset.media_type, headers={"cache-control": _FOR_EVER})
