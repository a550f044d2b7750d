"""The page on a port of this machine, as an operator runs it, with a bank of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutela.bank import Bank
from tutela.web.limits import RateLimiter
from tutela.web.problems import HANDLERS
from tutela.web.protect import Site, routes
from tutela.web.tries import PinTries


@dataclass(frozen=True)
class Service:
    """A running page. `heard` is every request that reached it: the first line, the headers and the body, as bytes."""

    url: str
    bank: Bank
    heard: list[bytes] = field(default_factory=list)


class Ear:
    """Keeps all that the app is sent."""

    def __init__(self, app: ASGIApp, heard: list[bytes]) -> None:
        self.app = app
        self.heard = heard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        target = scope["raw_path"] + b"?" + scope["query_string"]
        head = b"\n".join(b": ".join(pair) for pair in scope["headers"])
        place = len(self.heard)
        self.heard.append(b"%s %s\n%s\n\n" % (scope["method"].encode(), target, head))

        async def listening() -> Message:
            message = await receive()
            self.heard[place] += message.get("body", b"")
            return message

        return await self.app(scope, listening, send)


def app(
    bank: Bank, *, site: Site | None = None, here: int = 1000, attempts: int = 1000, intake: int = 1000
) -> Starlette:
    """The page alone. How often an address may try at once: `here` one case, `attempts` all, as one case from
    everywhere; `intake` to open cases."""
    tries = PinTries(RateLimiter(1, here), RateLimiter(1, attempts), RateLimiter(1, attempts))
    served = routes(bank, site=site or Site(), tries=tries, intake=RateLimiter(1, intake))
    return Starlette(routes=served, exception_handlers=HANDLERS)


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Service]:
    """Runs the page in a thread until the block ends."""
    with Bank.open(f"sqlite:///{folder / 'bank.db'}", create=True) as bank:
        heard: list[bytes] = []
        made = Ear(app(bank, **settings), heard)  # type: ignore[arg-type]
        config = uvicorn.Config(made, log_config=None, access_log=False, server_header=False)
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield Service(f"http://127.0.0.1:{listening.getsockname()[1]}", bank, heard)
        finally:
            server.should_exit = True
            thread.join()
            listening.close()
