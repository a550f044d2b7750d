"""How much of the service a stranger may hold, and for how long, by sending slowly, a lot, or nothing.

A request that is not whole must bring so many bytes in each window, or its connection ends; so must a head, which may
not be long. Whoever takes no answer is hung up on. Where there are too many connections, one that waits for its next
request makes room; where none does, newcomers are told to come again, all but those who ask how the service is.
"""

import asyncio
import logging
import time
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tutela.web.guard import HEADERS
from tutela.web.problems import RETRY_SECONDS, problem
from tutela.web.straight import Straight, Table, written

WINDOW_SECONDS, WINDOW_BYTES = 10.0, 40 * 1024
"""A request that is not whole ends where it brought less in a window: 4 KiB a second, a fifth of what the slowest
telephone network in use carries."""

HEAD_BYTES = 64 * 1024
UNTAKEN_SECONDS = 30.0
"""How long an answer may wait for whoever asked."""

SPARE = 64
"""Connections above the limit and a quarter that are only told to come again; others are closed unheard."""

WATCHING = ("/healthz", "/readyz")
_TOLD_EVERY = 60.0
_LOG = logging.getLogger(__name__)


def files(most: int) -> int:
    """How many open files so many connections need, with those above the limit and what the service opens itself."""
    return _hard(most) + 256


def limited(most: int, table: Table | None = None) -> type[HttpToolsProtocol]:
    """What speaks HTTP for uvicorn (`Config(http=…)`), with at most so many connections; see `Straight.table`."""
    return type("Limited", (_Limited,), {"most": most, "table": table or {}})


class _Limited(Straight):
    most: int
    _told = float("-inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type] # a stream it is
        self._whole = self._in_head = False
        self._got = self._had = self._head = 0
        self._clock: asyncio.TimerHandle | None = None
        self._untaken: asyncio.TimerHandle | None = None
        if len(self.connections) > self.most:
            self._crowded()
        self._wind()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._clock, self._untaken):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._got += len(data)
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._refuse(problem(431, "too_large", "the head of the request is too large"))
        if self._whole and self._waits_unwatched():
            self._whole = False
        if not self._whole:
            self._wind()
        elif self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._whole, self._in_head, self._head = False, True, 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._whole = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._untaken = self.loop.call_later(UNTAKEN_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._untaken is not None:
            self._untaken.cancel()

    def _waits_unwatched(self) -> bool:
        """Whether what came began no request (empty lines may stand before one) and ended the watch for the next."""
        answered = self.cycle is not None and self.cycle.response_complete
        return answered and self.timeout_keep_alive_task is None and not self.pipeline

    def _wind(self) -> None:
        if self._clock is None:
            self._had = self._got
            self._clock = self.loop.call_later(WINDOW_SECONDS, self._check)

    def _check(self) -> None:
        self._clock = None
        if self._whole or self.transport.is_closing():
            return
        if self.flow.read_paused or self._got - self._had >= WINDOW_BYTES:  # paused: it is we who do not read
            self._wind()
        else:
            self._refuse(problem(408, "too_slow", "the request came too slowly", "Send it again"))

    def _refuse(self, answer: Response) -> None:
        """Says why, where nothing was answered yet, and ends the connection."""
        cycle = self.cycle
        under_way = cycle is not None and not cycle.response_complete
        if self._got and not (under_way and (self._in_head or cycle.response_started)):
            self.transport.write(written(answer, [(b"connection", b"close"), *answer.raw_headers]))
        if under_way:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()

    def _crowded(self) -> None:
        if (idle := next(filter(_is_idle, self.connections), None)) is not None:
            idle.transport.close()
            return
        now = time.monotonic()
        if now - _Limited._told > _TOLD_EVERY:
            _Limited._told = now
            _LOG.warning("there are more than %d connections: newcomers are told to come again", self.most)
        if len(self.connections) > _hard(self.most):
            self.transport.abort()
        self.app: Any = _Crowded(self.app)


class _Crowded:
    """The service to whoever finds no room."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") in WATCHING:
            await self._app(scope, receive, send)
            return
        headers = {**HEADERS, "retry-after": str(RETRY_SECONDS), "connection": "close"}
        refusal = problem(503, "busy", "the service has too many connections", "Try again later", headers)
        await refusal(scope, receive, send)


def _is_idle(connection: object) -> bool:
    """Whether it waits for its next request."""
    return isinstance(connection, HttpToolsProtocol) and connection.timeout_keep_alive_task is not None


def _hard(most: int) -> int:
    return most + most // 4 + SPARE
