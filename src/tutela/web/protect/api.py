"""What the page sends: a new case, a question how a case stands, a withdrawal. JSON in, JSON or a problem out."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec
from anyio import CapacityLimiter, to_thread
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from tutela.bank import Bank
from tutela.bank.pins import tidy_case
from tutela.model import Kind, TutelaError
from tutela.web.errors import Conflicts, WebError, WrongInput
from tutela.web.limits import RateLimiter
from tutela.web.once import HEADER, wish
from tutela.web.problems import explained
from tutela.web.protect.pages import CONSENT, MOST_PICTURES
from tutela.web.protect.standing import Standing, standing
from tutela.web.protect.typed import typed_pin
from tutela.web.tries import PinTries, count
from tutela.web.uploads import Room, body
from tutela.web.wire import WireFingerprint, read

INTAKE_BYTES = 8 * 2**20
"""A hundred fingerprints with parts take 5 MB."""

ENTRY_BYTES = 1024

BODIES = 256 * 2**20
"""Memory for new cases that are on their way: one visitor alone may send twenty at once."""

_AT_ONCE = 2
"""Hashes of PINs that are computed at a time. Each takes 64 MiB on purpose."""

T = TypeVar("T")


class NewCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens a case. `consent` is the version that the person agreed to; `keep_parts` their own agreement to parts.

    `under_18` is the answer to the first question, and there is only one with which anything is stored.
    """

    kind: Literal["intimate", "ordinary"]
    under_18: bool
    consent: Annotated[str, Meta(max_length=32)]
    keep_parts: bool
    fingerprints: Annotated[list[WireFingerprint], Meta(min_length=1, max_length=MOST_PICTURES)]


class Opened(msgspec.Struct, frozen=True):
    """The case. Its PIN is in here and nowhere else."""

    case: str
    pin: str
    protected: int


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens a case to the person whose it is, as they typed it."""

    case: Annotated[str, Meta(max_length=64)]
    pin: Annotated[str, Meta(max_length=64)]


class Withdrawn(msgspec.Struct, frozen=True):
    """`withdrawn` protections have ended; 0 where that was done before."""

    case: str
    withdrawn: int


_NEW_CASE = msgspec.json.Decoder(NewCase)
_ENTRY = msgspec.json.Decoder(Entry)


class Intake:
    """The three routes. `tries` are those of PINs, `intake` limits new cases by hashed address, see `Callers`; `bodies`
    are the bytes of memory for new cases that are being sent or wait."""

    def __init__(self, bank: Bank, *, tries: PinTries, intake: RateLimiter, bodies: int = BODIES) -> None:
        self._bank = bank
        self._tries = tries
        self._intake = intake
        self._room = CapacityLimiter(_AT_ONCE)
        self._bodies = Room(bodies)

    async def open_case(self, request: Request) -> Response:
        """`POST /protect/api/cases`: 201 with `Opened`. Counted first: of a refused caller no body is read."""
        keys = request.headers.getlist(HEADER)
        try:
            count(self._intake, self._tries.callers.address(_host(request)))
            async with self._bodies.body(request, INTAKE_BYTES) as body:
                return await self._answer(lambda: self._opened(body, keys), status=201)
        except WebError as error:
            return explained(error)

    async def status(self, request: Request) -> Response:
        """`POST /protect/api/status`: 200 with `Standing`."""
        return await self._entered(request, self._standing)

    async def withdraw(self, request: Request) -> Response:
        """`POST /protect/api/withdrawal`: 200 with `Withdrawn`."""
        return await self._entered(request, self._withdrawn)

    async def _entered(self, request: Request, work: Callable[[Request, bytes], msgspec.Struct]) -> Response:
        try:
            entry = await body(request, ENTRY_BYTES)
        except WebError as error:
            return explained(error)
        return await self._answer(lambda: work(request, entry))

    async def _answer(self, work: Callable[[], msgspec.Struct], status: int = 200) -> Response:
        try:
            answer = await to_thread.run_sync(work, limiter=self._room)
        except TutelaError as error:
            return explained(error)
        return Response(msgspec.json.encode(answer), status, media_type="application/json")

    def _opened(self, body: bytes, keys: list[str]) -> Opened:
        asked = read(_NEW_CASE, body)
        _accept(asked)
        fingerprints = [each.model() for each in asked.fingerprints]
        once = wish(self._bank, "page", keys, asked)
        made = self._bank.register(fingerprints, kind=Kind(asked.kind), parts=asked.keep_parts, once=once)
        return Opened(made.case, made.pin, len(made.protections))

    def _standing(self, request: Request, body: bytes) -> Standing:
        case, pin = self._entry(request, body)
        status = self._bank.status(case, pin)
        self._tries.succeeded(case, _host(request))
        return standing(status)

    def _withdrawn(self, request: Request, body: bytes) -> Withdrawn:
        case, pin = self._entry(request, body)
        return Withdrawn(case, self._bank.withdraw(case, pin))

    def _entry(self, request: Request, body: bytes) -> tuple[str, str]:
        entry = read(_ENTRY, body)
        case, pin = tidy_case(entry.case), typed_pin(entry.pin)
        self._tries.count(case, _host(request))
        return case, pin


def _host(request: Request) -> str | None:
    return request.client.host if request.client else None


def _accept(asked: NewCase) -> None:
    if asked.under_18:
        raise WrongInput("pictures from before the age of 18 are not taken here", remedy="See the page of hotlines")
    if asked.consent != CONSENT:
        raise Conflicts("the page that this came from is out of date", remedy="Open the page anew")
