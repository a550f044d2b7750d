"""`tutela serve --workers`: several processes over one bank on PostgreSQL are one service to whoever asks it."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sockets import children, one_for_each

from databases import only_server
from samples import fingerprint
from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.custody import verify
from web.api.asking import picture

pytestmark = only_server

RUN = [sys.executable, "-c", "from tutela.cli.main import main; main()"]


@dataclass(frozen=True)
class Together:
    """Two workers and a connection to each; `token` is an operator's."""

    url: str
    bank: Bank
    token: str
    process: subprocess.Popen[str]
    connections: list[http.client.HTTPConnection]

    def ask(self, worker: int, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection = self.connections[worker]
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def finds(self, worker: int, seed: int) -> bool:
        status, body = self.ask(worker, "POST", "/api/v1/lookup", picture(seed))
        assert status == 200
        return bool(json.loads(body)["matched"])


@contextmanager
def serving(address: str, calls: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*RUN, "serve", "--json", "--port", "0", "--workers", "2", "--calls", str(calls)]
    environment = {**os.environ, "TUTELA_BANK": address}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def together(addresses: Callable[[], str], tmp_path: Path) -> Iterator[Together]:
    address = addresses()
    with Bank.open(address, create=True) as bank, serving(address, tmp_path / "calls") as process:
        token = Keys(bank.store).create("a test", Role.OPERATOR).token
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with one_for_each(url, children(process.pid)) as connections:
            yield Together(url, bank, token, process, list(connections.values()))


def test_they_are_one_service(together: Together, tmp_path: Path) -> None:
    """What one does the other knows, what is counted is counted together, and all end in order."""
    seeds = range(3)
    for seed in seeds:
        asked = {"kind": "ordinary", "fingerprints": [picture(seed)]}
        opened = json.loads(together.ask(0, "POST", "/api/v1/cases", asked)[1])
        assert soon(lambda: together.finds(1, seed))  # noqa: B023
        path = f"/api/v1/cases/{opened['case']}/withdrawal"
        assert together.ask(0, "POST", path, {"pin": opened["pin"]})[0] == 200
        assert soon(lambda: not together.finds(1, seed))  # noqa: B023
    case, pin = together.bank.protect([fingerprint(9)], kind="ordinary")
    guesses = [guess(together, number % 2, case, f"{number:010}") for number in range(13)]
    assert guesses == [403] * 10 + [429] * 3
    assert guess(together, 0, case, pin) == 429
    for worker in (0, 1):
        figures = together.ask(worker, "GET", "/metrics")[1].decode()
        assert 'tutela_calls_total{act="api.case_open",status="201"} 3.0' in figures
        assert 'tutela_calls_total{act="api.case_status",status="403"} 10.0' in figures
        assert 'tutela_call_seconds_count{act="api.case_open"} 3.0' in figures
        assert 'tutela_bank{what="withdrawn"} 3.0' in figures
    together.process.terminate()
    _, said = together.process.communicate(timeout=30)
    assert together.process.returncode == 0
    assert "Traceback" not in said
    logs = list((tmp_path / "calls").iterdir())
    assert len(logs) == 2
    assert all(verify(log).ok for log in logs)


def test_a_worker_that_is_killed_is_replaced_and_nobody_else_notices(together: Together) -> None:
    assert "numpy" not in Path(f"/proc/{together.process.pid}/maps").read_text(), "the parent loads no bank"
    first, second = children(together.process.pid)
    os.kill(second, 9)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: httpx.get(f"{together.url}healthz").status_code, range(20)))
    assert answers == [200] * 20
    assert soon(lambda: len(children(together.process.pid)) == 2, 20)
    assert first in children(together.process.pid)
    with one_for_each(together.url, children(together.process.pid)) as connections:
        assert len(connections) == 2


def guess(together: Together, worker: int, case: str, pin: str) -> int:
    return together.ask(worker, "POST", f"/api/v1/cases/{case}/status", {"pin": pin})[0]


def soon(holds: Callable[[], bool], seconds: float = 1.0) -> bool:
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return held
