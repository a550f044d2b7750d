"""A service of a process of its own, over a bank on SQLite or PostgreSQL, and whoever it tells of events."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from faults import until_ready
from served import Receiver, Service

from tutela.bank import pins


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUTELA_KEY", "TUTELA_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashing a PIN takes a tenth of a second on purpose; none of these tests is about that."""
    monkeypatch.setattr(pins, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    pins._nobody.cache_clear()
    yield
    pins._nobody.cache_clear()


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
