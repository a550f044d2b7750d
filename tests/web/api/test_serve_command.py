"""`tutela serve` and `tutela key` as a person runs them."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tutela.custody import verify

RUN = [sys.executable, "-c", "from tutela.cli.main import main; main()"]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    return {**kept, "TUTELA_BANK": f"sqlite:///{tmp_path / 'bank' / 'bank.db'}"}


def told(surroundings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RUN, *words], env=surroundings, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def serving(surroundings: dict[str, str], *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [*RUN, "serve", "--json", "--port", "0", *words]
    with subprocess.Popen(
        command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        try:
            yield json.loads(line)["url"], process
        finally:
            process.kill()


def test_it_serves_until_it_is_interrupted_and_ends_its_record(surroundings: dict[str, str], tmp_path: Path) -> None:
    made = json.loads(told(surroundings, "key", "create", "me", "--role", "operator", "--json").stdout)
    with serving(surroundings) as (url, process):
        headers = {"Authorization": f"Bearer {made['key']}"}
        for _ in range(100):
            try:
                answer = httpx.get(f"{url}c/banks?secret=1", headers=headers)
                break
            except httpx.ConnectError:
                continue
        assert answer.json() == [{"name": "PROTECTED", "matching_enabled_ratio": 1.0}]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "GET /c/banks 200" in said
    assert "secret" not in said
    assert made["key"] not in said
    assert "Traceback" not in said
    (log,) = (tmp_path / "bank" / "bank.db.calls").iterdir()
    assert verify(log).ok


def test_keys_are_made_listed_and_revoked(surroundings: dict[str, str]) -> None:
    made = told(surroundings, "key", "create", "a platform", "--role", "match", "--per-minute", "60", "--json")
    token = json.loads(made.stdout)["key"]
    listed = json.loads(told(surroundings, "key", "list", "--json").stdout)
    assert (listed["label"], listed["role"], listed["per_minute"]) == ("a platform", "match", 60)
    assert token not in told(surroundings, "key", "list").stderr
    assert told(surroundings, "key", "revoke", listed["id"]).returncode == 0
    assert json.loads(told(surroundings, "key", "list", "--json").stdout)["revoked"]
    assert told(surroundings, "key", "revoke", "nobody").returncode == 2
    wrong = told(surroundings, "key", "create", "x", "--role", "match", "--group", "NOWHERE")
    assert wrong.returncode == 2
    assert "group" in wrong.stderr


def test_a_port_that_is_taken_is_said(surroundings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = told(surroundings, "serve", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "cannot listen" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bank_with_the_wrong_key_is_said(surroundings: dict[str, str], tmp_path: Path) -> None:
    told(surroundings, "key", "create", "x", "--role", "match")
    (tmp_path / "bank" / "bank.key").unlink()
    ended = told(surroundings, "serve", "--port", "0")
    assert ended.returncode == 4
    assert "Traceback" not in ended.stderr


def test_a_bank_in_a_file_is_served_by_one_process(surroundings: dict[str, str], tmp_path: Path) -> None:
    ended = told(surroundings, "serve", "--port", "0", "--workers", "2")
    assert ended.returncode == 2
    assert "PostgreSQL" in ended.stderr
    assert "--workers" in ended.stderr
    assert not (tmp_path / "bank").exists()


def test_sigterm_ends_it_in_order(surroundings: dict[str, str], tmp_path: Path) -> None:
    with serving(surroundings) as (_, process):
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    (log,) = (tmp_path / "bank" / "bank.db.calls").iterdir()
    assert verify(log).ok


def test_a_head_that_does_not_end_is_refused(surroundings: dict[str, str]) -> None:
    """So the command sets the bounds that `test_connections` asks about."""
    with serving(surroundings, "--connections", "20") as (url, _):
        port = int(url.rpartition(":")[2].strip("/"))
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000)
            assert line.recv(1024).startswith(b"HTTP/1.1 431")
