"""The service as an ASGI application."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tutela.bank import Bank
from tutela.web import protect
from tutela.web.api import openapi, ops
from tutela.web.api.table import ENDPOINTS as OWN
from tutela.web.guard import Guard
from tutela.web.hma.table import ENDPOINTS as HMA
from tutela.web.problems import HANDLERS
from tutela.web.routing import EVERYBODY, OPERATOR, Endpoint, EndpointApp, Threads, route
from tutela.web.service import Service
from tutela.web.settings import ServiceSettings

_METRICS = Endpoint("GET", "/metrics", ops.figures, "ops.metrics", "Counts and times, for Prometheus", OPERATOR)


def endpoints(settings: ServiceSettings) -> tuple[Endpoint, ...]:
    """Every route with its roles, as these settings have it."""
    metrics = replace(_METRICS, roles=EVERYBODY) if settings.open_metrics else _METRICS
    return (*OWN, metrics, *HMA)


def create_app(bank: Bank, settings: ServiceSettings | None = None) -> Starlette:
    """The whole service over one bank, which stays the caller's to close: API, HMA's addresses, the public page.

    Its `state.straight` is for the protocol that serves it (`connections.limited`).
    """
    settings = settings or ServiceSettings()
    service, table = Service(bank, settings), endpoints(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(service.start)
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(service.close)

    app = Starlette(
        routes=[
            *(route(endpoint, service) for endpoint in table),
            *_description(table),
            *protect.routes(bank, tries=service.tries, intake=service.intake, site=settings.site),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would repeat whatever host the caller claims
    app.state.service = service
    app.state.straight = _straight(table, service)
    return app


def _straight(table: Iterable[Endpoint], service: Service) -> dict[tuple[str, str], EndpointApp]:
    """Lookups, which are asked a thousand times a second, by method and path: for `straight.Straight`."""
    often = [endpoint for endpoint in table if endpoint.threads is Threads.LOOKUPS]
    return {(endpoint.method, endpoint.path): EndpointApp(endpoint, service) for endpoint in often}


def _description(table: tuple[Endpoint, ...]) -> list[Route]:
    document, page = openapi.document(table), openapi.page(table)

    async def as_json(request: Request) -> Response:
        return JSONResponse(document)

    async def as_page(request: Request) -> Response:
        return HTMLResponse(page)

    return [Route("/api/v1/openapi.json", as_json), Route("/api/v1/docs", as_page)]
