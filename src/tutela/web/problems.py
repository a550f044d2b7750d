"""Errors as answers: `application/problem+json` (RFC 9457), never with a secret or an insight into the program."""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from tutela.bank import AskedOtherwise, BankError, CaseRefused, PersonsCase, UnknownEntry, WithdrawnSince
from tutela.casework import CaseworkError, UnknownFinding, UnknownWebhook
from tutela.media import MediaError
from tutela.model import TutelaError
from tutela.store import OutcomeUnknown, StoreError, WritesRefused
from tutela.web.errors import Busy, KeyRefused, TooMany, WebError

MEDIA_TYPE = "application/problem+json"

_LOG = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[TutelaError], int, str], ...] = (
    (CaseRefused, 403, "case_refused"),
    (PersonsCase, 403, "not_allowed"),
    (UnknownEntry, 404, "not_found"),
    (UnknownFinding, 404, "not_found"),
    (UnknownWebhook, 404, "not_found"),
    (WithdrawnSince, 409, "conflict"),
    (AskedOtherwise, 422, "key_reused"),
    (CaseworkError, 422, "wrong_input"),
    (BankError, 422, "wrong_input"),
    (MediaError, 422, "no_fingerprint"),
    (OutcomeUnknown, 503, "outcome_unknown"),
    (WritesRefused, 503, "not_stored"),
    (StoreError, 503, "bank_unusable"),
)
"""Errors of the rooms below with their status and code; the first that fits counts."""

_OF_THE_BANK: tuple[tuple[type[StoreError], str, str], ...] = (
    (
        OutcomeUnknown,
        "the service lost its bank in the last moment: nobody knows whether this was done",
        "Withdrawals and feedback can be sent again; a case too, with the same `Idempotency-Key`",
    ),
    (WritesRefused, "the service can store nothing now", "Try again later; nothing of this was stored"),
    (StoreError, "the service cannot use its bank now", "Try again later"),
)
"""What callers are told, and what they can do. What is wrong with the bank is for the operator's log alone."""

RETRY_SECONDS = 5
"""After so many, whoever asked in vain may ask again: a server that was restarted is back by then."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of an answer that is an error. `title` says what is wrong, `detail` what to do about it."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    message: str = ""
    """What is wrong once more, for programs that were written for HMA."""


def problem(
    status: int,
    code: str,
    what: str,
    remedy: str = "",
    headers: Mapping[str, str] | None = None,
    *,
    message: bool = False,
) -> Response:
    """An error as an answer; `code` is a word in snake_case that stays the same over versions."""
    told = what if message else ""
    body = msgspec.json.encode(Problem(f"urn:tutela:problem:{code}", what, status, code, remedy, told))
    return Response(body, status, headers, media_type=MEDIA_TYPE)


def explained(error: TutelaError, *, message: bool = False) -> Response:
    """The answer to an error of ours; one of the bank is logged.

    `message` is for callers that were written for HMA: there is such a member then, and wrong input is 400.
    """
    status, code = _status(error)
    if isinstance(error, StoreError):
        _LOG.error("%s", error)
        what, remedy = next((what, remedy) for kind, what, remedy in _OF_THE_BANK if isinstance(error, kind))
    else:
        what, remedy = error.what, error.remedy
    if message and status == HTTPStatus.UNPROCESSABLE_ENTITY:
        status = 400
    return problem(status, code, what, remedy, _headers(error), message=message)


def _status(error: TutelaError) -> tuple[int, str]:
    if isinstance(error, WebError):
        return error.status, error.code
    return next(((status, code) for kind, status, code in _STATUS if isinstance(error, kind)), (400, "refused"))


def _headers(error: TutelaError) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(math.ceil(error.wait))}
    if isinstance(error, (StoreError, Busy)):
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, KeyRefused) else {}


def broken(error: Exception) -> Response:
    """The answer to an error that nobody foresaw. Only its kind and place are logged: it may quote what was sent."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame is not None else "?"
    _LOG.error("%s at %s", type(error).__name__, place)
    return problem(500, "broken", "something went wrong in the service", "Tell its operator when this was")


def _on_tutela_error(request: Request, error: Exception) -> Response:
    return explained(error) if isinstance(error, TutelaError) else broken(error)


def _on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return broken(error)
    status = HTTPStatus(error.status_code)
    code = {404: "not_found", 405: "wrong_method", 413: "too_large"}.get(status, status.name.lower())
    what = {404: "there is nothing at this address", 405: "this address does not take this method"}.get(status)
    return problem(status, code, what or status.phrase.lower(), headers=error.headers)


HANDLERS: Mapping[type[Exception] | int, ExceptionHandler] = {
    TutelaError: _on_tutela_error,
    HTTPException: _on_http_error,
}
"""For `Starlette(exception_handlers=…)`."""
