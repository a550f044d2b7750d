"""A bank in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tutela.bank import Bank


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUTELA_KEY", raising=False)
    monkeypatch.delenv("TUTELA_KEY_FILE", raising=False)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bank.db'}"


@pytest.fixture
def bank(url: str) -> Iterator[Bank]:
    with Bank.open(url, create=True) as bank:
        yield bank
