"""The custody log of a scan is for everyone to see, and what is not for publication cannot be guessed from it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drawings import picture
from tutela.bank import Bank
from tutela.custody import LOG_NAME, verify
from tutela.scan import scan


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank.open(f"sqlite:///{tmp_path / 'bank' / 'bank.db'}", create=True) as bank:
        yield bank


def test_the_log_only_commits_to_what_is_not_for_publication(bank: Bank, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)
    out = tmp_path / "out"
    for _ in range(2):
        scan([tmp_path / "in"], out, bank)
        assert verify(out).ok
    log = (out / LOG_NAME).read_text()
    secret = {"matches.ndjson", *(f"observations/{path.name}" for path in (out / "observations").glob("*.parquet"))}
    assert len(secret) > 6
    events = [json.loads(line) for line in log.splitlines()]
    committed = {event["facts"]["name"]: event for event in events if event.get("act") == "output.committed"}
    assert set(committed) == secret
    for name, event in committed.items():
        content = (out / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert digest not in log
        opening = bank.opening(bytes.fromhex(event["commitment"]))
        assert opening
        assert json.loads(opening.detail) == {"name": name, "size": len(content), "sha256": digest}


@pytest.mark.parametrize("name", ["matches.ndjson", "observations/readings.parquet", "observations/openings.ndjson"])
def test_a_change_of_what_is_not_for_publication_is_found(bank: Bank, tmp_path: Path, name: str) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)
    scan([tmp_path / "in"], tmp_path / "out", bank)
    with (tmp_path / "out" / name).open("ab") as file:
        file.write(b" ")
    assert name in {problem.where for problem in verify(tmp_path / "out").problems}
