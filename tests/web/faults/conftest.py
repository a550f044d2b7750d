"""A service of a process of its own, over a bank on SQLite or PostgreSQL, and whoever it tells of events."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import until_ready
from served import Receiver, Service


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUTELA_KEY", "TUTELA_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def service(tmp_path: Path, addresses: Callable[[], str], receiver: Receiver) -> Iterator[Service]:
    with Service(addresses(), tmp_path, receiver) as service:
        until_ready(service)
        yield service
