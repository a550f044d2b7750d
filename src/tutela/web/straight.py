"""Lookups are answered as soon as they are read: in less time than a task of their own and the layers around an ASGI
application would take. What cannot be answered at once, or comes in any unusual way, goes on as everything else does.
"""

import time
from collections.abc import Coroutine, Generator, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from tutela.web.guard import kept, noted
from tutela.web.routing import EndpointApp

Table = Mapping[tuple[str, str], EndpointApp]
"""Endpoints by method and path."""

BODY_BYTES = 32 * 1024
"""A longer body is read by a task, as it comes."""


class Straight(HttpToolsProtocol):
    """Speaks HTTP for uvicorn. The first request of what was received at a time may be answered here, so that whoever
    sends many at once takes turns with others."""

    table: Table
    _first = False
    _due: EndpointApp | None = None
    """Waits for the body of the request that is being read."""

    def data_received(self, data: bytes) -> None:
        """What came over the line."""
        self._first = True
        super().data_received(data)
        self._first = False

    def on_body(self, body: bytes) -> None:
        """A long body is not waited for."""
        super().on_body(body)
        if self._due is not None and len(self.cycle.body) > BODY_BYTES:
            self._answer(self.cycle, self._due)

    def on_message_complete(self) -> None:
        """The body is there."""
        super().on_message_complete()
        if self._due is not None:
            self._answer(self.cycle, self._due)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        endpoint = None
        if self._first and app is self.config.loaded_app:
            endpoint = self.table.get((cycle.scope["method"], cycle.scope["path"]))
        if endpoint is None or cycle.waiting_for_100_continue or self.flow.write_paused:
            super()._start_asgi_task(cycle, app)
        elif endpoint.has_body:
            self._due = endpoint
        else:
            self._answer(cycle, endpoint)

    def _answer(self, cycle: RequestResponseCycle, endpoint: EndpointApp) -> None:
        self._due, self._first = None, False
        if isinstance(self.config.loaded_app, ProxyHeadersMiddleware):
            _ends(_forwarding(self.config.loaded_app)(cycle.scope, cycle.receive, cycle.send))
        started, work = time.perf_counter(), endpoint.respond(cycle.scope, cycle.receive)  # type: ignore[arg-type]
        try:
            awaited = work.send(None)
        except StopIteration as done:
            self._send(cycle, endpoint, done.value, started)
        else:
            task = self.loop.create_task(self._answer_later(cycle, endpoint, _Rest(work, awaited), started))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _answer_later(
        self, cycle: RequestResponseCycle, endpoint: EndpointApp, rest: "_Rest", started: float
    ) -> None:
        response = await rest
        if self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        self._send(cycle, endpoint, response, started)

    def _send(self, cycle: RequestResponseCycle, endpoint: EndpointApp, response: Response, started: float) -> None:
        noted(cycle.scope["method"], endpoint.path, response.status_code, started, counted=endpoint.counted)
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        headers = [*cycle.default_headers, *kept(response.raw_headers, https=cycle.scope["scheme"] == "https")]
        if not cycle.keep_alive:
            headers.append((b"connection", b"close"))
        self.transport.write(written(response, headers))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()


def written(response: Response, headers: list[tuple[bytes, bytes]]) -> bytes:
    """An answer with these headers, as it goes over the line."""
    head = [name + b": " + value for name, value in headers]
    return STATUS_LINE[response.status_code] + b"\r\n".join([*head, b"", bytes(response.body)])


def _forwarding(around: ProxyHeadersMiddleware) -> ProxyHeadersMiddleware:
    """What writes into a request what a proxy says of it, with nothing behind."""
    alone = copy(around)
    alone.app = _nowhere
    return alone


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    pass


def _ends(work: Coroutine[Any, Any, object]) -> None:
    """Does what waits for nothing."""
    with suppress(StopIteration):
        work.send(None)


@dataclass(slots=True)
class _Rest:
    """What is left to do of work that was begun and now waits for something."""

    work: Coroutine[Any, Any, Response]
    awaited: Any

    def __await__(self) -> Generator[Any, Any, Response]:
        while True:
            try:
                value = yield self.awaited
            except BaseException as error:  # noqa: BLE001 - it is the work's to deal with
                go_on = partial(self.work.throw, error)
            else:
                go_on = partial(self.work.send, value)
            try:
                self.awaited = go_on()
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
