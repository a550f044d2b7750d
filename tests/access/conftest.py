"""A bank of its own for each test, once on SQLite and once on PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from tutela.bank import Bank


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUTELA_KEY", "TUTELA_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bank(addresses: Callable[[], str]) -> Iterator[Bank]:
    with Bank.open(addresses(), create=True) as bank:
        yield bank
