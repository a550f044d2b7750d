"""A client of the service: what it takes and gives are the model's own types.

>>> from tutela.client import Client
>>> with Client("https://tutela.example", key) as client:
...     for found in client.lookup(fingerprint):
...         client.feedback(found.claim, "blocked", idempotency_key=upload_id)
"""

import ipaddress
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from tutela.model import CaseRef, Fingerprint, Kind, Pin, ProtectionId, Tier, TutelaError
from tutela.web.api.forms import (
    BATCH,
    Found,
    LookupAnswer,
    LookupsAnswer,
    OpenedCase,
    StatusAnswer,
    WithdrawalAnswer,
)
from tutela.web.once import HEADER
from tutela.web.wire import WireFingerprint, wire

__all__ = ["Client", "Found", "Protected", "ServiceError", "StatusAnswer", "Tier"]

RETRIES = 3
"""How often a call that was too early (429), or met a service that was not ready (503), is made again; to open a case
also one that was lost on its way."""

BATCH_BYTES = 15 * 1024 * 1024
"""Bytes of fingerprints in one call of `Client.lookups`; the service takes bodies of 16 MiB."""

_LONGEST_WAIT = 30.0
_T = TypeVar("_T")


class ServiceError(TutelaError):
    """The service refused, or could not be reached. `status` is HTTP's, 0 where there was no answer; `code` a word."""

    def __init__(self, status: int, code: str, what: str, remedy: str = "") -> None:
        self.status = status
        self.code = code
        super().__init__(what, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Protected:
    """A case that was opened. The PIN is in here and nowhere else: show it once."""

    case: CaseRef
    pin: Pin = field(repr=False)
    protections: tuple[ProtectionId, ...]


class Client:
    """Speaks to one service with one key; a context manager that closes its connections. Safe for threads."""

    def __init__(
        self, base_url: str, key: str, *, timeout: float = 30.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`timeout` in seconds is for each step of a call; `transport` is for tests.

        Proxies that the environment names are not used: they would be handed the key and the PINs. Raises
        `ServiceError` with the code ``not_private`` for an address without TLS that is not this machine's.
        """
        _refuse_open(base_url)
        headers = {"Authorization": f"Bearer {key}", "User-Agent": "tutela-client"}
        self._http = httpx.Client(
            base_url=base_url, headers=headers, timeout=timeout, transport=transport, trust_env=False
        )

    def lookup(self, fingerprint: Fingerprint) -> tuple[Found, ...]:
        """The cases that the picture belongs to; none where it is not protected. Raises `ServiceError`."""
        return self._post("/api/v1/lookup", wire(fingerprint), LookupAnswer).matches

    def lookups(self, fingerprints: Iterable[Fingerprint]) -> list[tuple[Found, ...]]:
        """As `lookup`, for any number, in their order. Raises `ServiceError`."""
        found = list[tuple[Found, ...]]()
        for some in _batches(map(wire, fingerprints)):
            answer = self._post("/api/v1/lookups", {"fingerprints": some}, LookupsAnswer)
            found += [each.matches for each in answer.answers]
        return found

    def protect(
        self,
        fingerprints: Sequence[Fingerprint],
        *,
        kind: Kind | str,
        parts: bool | None = None,
        group: str | None = None,
        idempotency_key: str | None = None,
    ) -> Protected:
        """Opens a case (`tutela.bank.Bank.register`), one however often it has to be asked. Raises `ServiceError`.

        `idempotency_key` is for whoever wants to ask again later, within a day, for the same case and its PIN: 22 to
        100 signs made at random, as secret as the PIN. By default this call makes one for itself.
        """
        asked = {"kind": Kind(kind), "fingerprints": [wire(each) for each in fingerprints], "parts": parts}
        once = {HEADER: f'"{idempotency_key or secrets.token_urlsafe(24)}"'}
        answer = self._post("/api/v1/cases", asked | {"group": group}, OpenedCase, once)
        return Protected(CaseRef(answer.case), Pin(answer.pin), tuple(map(ProtectionId, answer.protections)))

    def status(self, case: str, pin: str) -> StatusAnswer:
        """How a case stands. Raises `ServiceError` with the code ``case_refused`` for a wrong PIN or case."""
        return self._post(f"/api/v1/cases/{quote(case, safe='')}/status", {"pin": pin}, StatusAnswer)

    def withdraw(self, case: str, pin: str) -> int:
        """Withdraws a case; how many protections ended. Raises `ServiceError` as `status` does."""
        path = f"/api/v1/cases/{quote(case, safe='')}/withdrawal"
        return self._post(path, {"pin": pin}, WithdrawalAnswer).withdrawn

    def feedback(self, claim: str, verdict: str, *, idempotency_key: str) -> None:
        """Tells what came of a match: *blocked*, *not_blocked* or *wrong*. Raises `ServiceError`."""
        asked = {"claim": claim, "verdict": verdict, "idempotency_key": idempotency_key}
        self._post("/api/v1/feedback", asked, dict[str, bool])

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, path: str, asked: object, gives: type[_T], once: Mapping[str, str] | None = None) -> _T:
        body, headers = msgspec.json.encode(asked), {"Content-Type": "application/json", **(once or {})}
        answer = self._sent(path, body, headers)
        for _ in range(RETRIES):
            if not _worth_asking_again(answer, lost=once is not None):
                break
            time.sleep(_pause(answer))
            answer = self._sent(path, body, headers)
        if isinstance(answer, ServiceError):
            raise answer
        if not answer.is_success:
            raise _refusal(answer)
        try:
            return msgspec.json.decode(answer.content, type=gives)
        except msgspec.DecodeError:
            raise ServiceError(answer.status_code, "not_understood", "this is no answer of Tutela's") from None

    def _sent(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response | ServiceError:
        """The answer, or that there was none."""
        try:
            return self._http.post(path, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = f"the service cannot be reached ({type(error).__name__})"
            return ServiceError(0, "unreachable", what, "Check its address")


def _refuse_open(base_url: str) -> None:
    """Raises `ServiceError` where what is sent could be read on its way."""
    try:
        address = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ServiceError(0, "not_private", "this is no address of a service", "Write https://HOST") from None
    if address.scheme != "https" and not (address.scheme == "http" and _is_here(address.host)):
        what = "keys and PINs do not go to a service without TLS, unless it is on this machine"
        raise ServiceError(0, "not_private", what, "Write https://HOST")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _batches(fingerprints: Iterable[WireFingerprint]) -> Iterator[list[msgspec.Raw]]:
    """Cuts into what one call takes, by number and by bytes; each fingerprint is written as JSON already."""
    some, size = list[msgspec.Raw](), 0
    for each in fingerprints:
        written = msgspec.json.encode(each)
        if some and (len(some) == BATCH or size + len(written) > BATCH_BYTES):
            yield some
            some, size = [], 0
        some.append(msgspec.Raw(written))
        size += len(written) + 1
    if some:
        yield some


def _worth_asking_again(answer: httpx.Response | ServiceError, *, lost: bool) -> bool:
    """`lost`: also where there was no answer, since nothing is then done twice."""
    if isinstance(answer, ServiceError):
        return lost
    return answer.status_code in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


def _pause(answer: httpx.Response | ServiceError) -> float:
    said = "" if isinstance(answer, ServiceError) else answer.headers.get("retry-after", "")
    return min(float(said), _LONGEST_WAIT) if said.isdigit() else 1.0


def _refusal(answer: httpx.Response) -> ServiceError:
    try:
        told: Any = msgspec.json.decode(answer.content)
        what, code, remedy = str(told["title"]), str(told["code"]), str(told.get("detail", ""))
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        what, code, remedy = f"the service answered with status {answer.status_code}", "refused", ""
    return ServiceError(answer.status_code, code, what, remedy)
