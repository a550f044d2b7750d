"""A service on a real socket, over a bank in a folder of its own."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn

from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.web.app import create_app
from tutela.web.connections import limited
from tutela.web.service import Service
from tutela.web.settings import ServiceSettings

UNLIMITED, CONNECTIONS = 10_000_000, 1000


@dataclass(frozen=True)
class Running:
    """A service that runs. Each role has a key that covers all groups; `client` sends none."""

    url: str
    bank: Bank
    service: Service
    tokens: dict[Role, str]
    client: httpx.Client

    def headers(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    def post(self, path: str, role: Role, json: Any = None, **more: Any) -> httpx.Response:
        return self.client.post(path, json=json, headers=self.headers(role), **more)

    def get(self, path: str, role: Role, **more: Any) -> httpx.Response:
        return self.client.get(path, headers=self.headers(role), **more)

    def key(self, role: Role, **scope: Any) -> dict[str, str]:
        """The header of a new key."""
        return {"Authorization": f"Bearer {Keys(self.bank.store).create('a test', role, **scope).token}"}


Start = Callable[..., Running]


@contextmanager
def running(folder: Path, settings: ServiceSettings, url: str = "") -> Iterator[Running]:
    """A service over the bank at `url`, by default a file in `folder`."""
    with Bank.open(url or f"sqlite:///{folder / 'bank.db'}", create=True) as bank:
        keys = Keys(bank.store)
        tokens = {role: keys.create(role.value, role, per_minute=UNLIMITED).token for role in Role}
        app = create_app(bank, settings)
        listening = socket.create_server(("127.0.0.1", 0))
        http = limited(CONNECTIONS, app.state.straight)
        config = uvicorn.Config(
            app, http=http, log_config=None, access_log=False, server_header=False, lifespan="on", ws="none"
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            while not server.started:
                assert thread.is_alive(), "the service does not start"
                time.sleep(0.01)
            with httpx.Client(base_url=address, timeout=30) as client:
                yield Running(address, bank, app.state.service, tokens, client)
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


def default(folder: Path, **settings: Any) -> ServiceSettings:
    chosen = ServiceSettings(calls=folder / "calls", decoders=1, media_uploads=True)
    return replace(chosen, **settings)


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUTELA_KEY", raising=False)
    monkeypatch.delenv("TUTELA_KEY_FILE", raising=False)


@pytest.fixture
def web(tmp_path: Path, addresses: Callable[[], str]) -> Iterator[Running]:
    """A service of one's own, once over SQLite and once over PostgreSQL."""
    with running(tmp_path, default(tmp_path), addresses()) as service:
        yield service


@pytest.fixture(scope="module")
def shared_web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of a module, where they do not get into each other's way."""
    folder = tmp_path_factory.mktemp("service")
    with running(folder, default(folder)) as service:
        yield service
