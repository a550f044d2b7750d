"""Runs commands as a person does, in this process."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from tutela.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        (line,) = self.lines
        return line


class Tutela(Protocol):
    def __call__(self, *arguments: object) -> Ended: ...


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TUTELA_KEY", "TUTELA_KEY_FILE", "TUTELA_PIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TUTELA_BANK", f"sqlite:///{tmp_path / 'bank' / 'bank.db'}")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tutela(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Tutela:
    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["tutela", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capfd.readouterr()
        return Ended(int(end.value.code or 0), said.out, said.err)

    return run
