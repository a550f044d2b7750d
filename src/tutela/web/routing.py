"""A route as data: who may call it, what it takes and gives. From the same table come the routes themselves, the
OpenAPI document and the test of every route with every role."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from tutela.access import Key, Role
from tutela.model import Fingerprint, TutelaError
from tutela.web import uploads
from tutela.web.calls import NOBODY
from tutela.web.errors import WrongInput
from tutela.web.once import HEADER
from tutela.web.problems import broken, explained
from tutela.web.service import Seen, Service, elapsed, refuse_others
from tutela.web.uploads import Upload
from tutela.web.wire import read

KIB = 1024
EVERYBODY = None
"""Instead of roles: no key is needed."""

OPERATOR = frozenset({Role.OPERATOR})
MATCH = frozenset({Role.MATCH, Role.OPERATOR})
INTAKE = frozenset({Role.INTAKE, Role.OPERATOR})


class Threads(StrEnum):
    """Where a call is worked on: here, at once; here, and what is left to do (`Later`) with the lookups; or with what
    takes longer."""

    NONE = "none"
    LOOKUPS = "lookups"
    WORK = "work"


class Style(StrEnum):
    """Whose habits a route has: ours, or those of HMA (wrong input is 400, and an error has a `message`)."""

    OWN = "own"
    HMA = "hma"


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter in the address, after the question mark."""

    name: str
    says: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as a handler gets it. `upload` is the file of a form, where there is one; `once` are the lines of the
    header `Idempotency-Key`, where the route takes it."""

    service: Service
    key: Key | None
    address: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    upload: Upload | None
    once: tuple[str, ...] = ()

    @property
    def caller(self) -> Key:
        """The key of a route that needs one."""
        if self.key is None:
            raise RuntimeError("this route takes calls without a key")
        return self.key

    def looked_up(
        self, fingerprint: Fingerprint, answer: Callable[[Seen], object], *, numbered: bool = False
    ) -> "object | Later":
        """What `answer` makes of what the caller may see of this fingerprint: at once where that can be told so
        (`Service.at_once`), else later."""
        seen = self.service.at_once(fingerprint, self.caller, numbered=numbered)
        if seen is None:
            return Later(lambda: answer(self.service.seen(fingerprint, self.caller)))
        return answer(seen)


@dataclass(frozen=True, slots=True)
class Later:
    """What a handler of a lookup gives back where it could not answer in a fraction of a millisecond."""

    work: Callable[[], object]


Handler = Callable[[Call, Any], object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method at one address. `handler` gets the call and what `takes` says; it returns what `gives` says, or a
    whole response, or `Later` either. `act` is what the call is named in figures and in the record of calls."""

    method: str
    path: str
    handler: Handler
    act: str
    summary: str
    roles: frozenset[Role] | None
    takes: Any = None
    gives: Any = None
    status: int = 200
    threads: Threads = Threads.WORK
    body: int = 64 * KIB
    form: bool = False
    query: tuple[Query, ...] = ()
    errors: tuple[int, ...] = ()
    once: bool = False
    example: object = None
    style: Style = Style.OWN


def route(endpoint: Endpoint, service: Service) -> BaseRoute:
    """The endpoint as a route of Starlette."""
    return Route(endpoint.path, EndpointApp(endpoint, service), methods=[endpoint.method], name=endpoint.act)


class EndpointApp:
    """The endpoint as an ASGI application, at its `path`. `counted`: good answers are told by figures, not by lines in
    a log."""

    def __init__(self, endpoint: Endpoint, service: Service) -> None:
        self._endpoint, self._service = endpoint, service
        self.path = endpoint.path
        self.counted = endpoint.threads is Threads.LOOKUPS
        self.has_body = endpoint.form or endpoint.takes is not None
        self._decoder = None if endpoint.takes is None else msgspec.json.Decoder(endpoint.takes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        response = await self.respond(scope, receive)
        await response(scope, receive, send)

    async def respond(self, scope: Scope, receive: Receive) -> Response:
        """The answer to one call, whatever happens."""
        endpoint, service, request = self._endpoint, self._service, Request(scope, receive)
        started, caller, address = time.perf_counter(), None, request.client.host if request.client else ""
        try:
            if endpoint.roles is not None:
                caller = await service.admit(request.headers.get("authorization", ""))
                refuse_others(caller, endpoint.roles)
                service.charge(caller)
            response = await self._answered(caller, address, request)
        except TutelaError as error:
            response = explained(error, message=endpoint.style is Style.HMA)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log no secret
            response = broken(error)
        service.calls.note(endpoint.act, caller.id if caller else NOBODY, response.status_code)
        service.metrics.called(endpoint.act, response.status_code, elapsed(started))
        return response

    async def _answered(self, caller: Key | None, address: str, request: Request) -> Response:
        endpoint, service = self._endpoint, self._service
        upload = None
        if endpoint.form:
            settings = service.settings
            upload = await uploads.upload(request, settings.upload_bytes, taken=settings.media_uploads)
        told = None
        if self._decoder is not None and upload is None:
            told = read(self._decoder, await uploads.body(request, endpoint.body))
        path, query = request.path_params, _query(request.scope["query_string"])
        _refuse_unwritten((*path.values(), *query.values()))
        once = tuple(request.headers.getlist(HEADER)) if endpoint.once else ()
        call = Call(service, caller, address, path, query, upload, once)
        if endpoint.threads is Threads.WORK:
            answer = await service.work(lambda: endpoint.handler(call, told))
        else:
            answer = endpoint.handler(call, told)
        if isinstance(answer, Later):
            answer = await service.lookup(answer.work)
        if isinstance(answer, Response):
            return answer
        return Response(msgspec.json.encode(answer), endpoint.status, media_type="application/json")


def _query(written: bytes) -> dict[str, str]:
    """The parameters after the question mark; of several with one name, the last."""
    return dict(parse_qsl(written.decode("latin-1"), keep_blank_values=True)) if written else {}


def _refuse_unwritten(texts: Iterable[str]) -> None:
    """Raises `WrongInput` for what no address or database takes as text: half a character, a zero byte."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise WrongInput("a parameter holds what is no text") from None
        if "\0" in text:
            raise WrongInput("a parameter holds what is no text")
