"""`tutela serve` as a process of its own, for measurements that kill it, and whoever it tells of events."""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from tutela.access import Keys, Role
from tutela.bank import Bank, EventKind
from tutela.casework import Webhooks

HOST = "hooks.example"
_UNLIMITED = 10_000_000
_PROGRAM = """
import http.client, logging, sys
from datetime import timedelta
from argon2 import PasswordHasher
from tutela.bank import pins
from tutela.casework import webhooks
from tutela.cli.main import main
from tutela.web import calls, courier, outbound

def connected(self, parts):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    connection.connect()
    return connection

outbound.Outbound._connected = connected
pins._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
webhooks.FIRST_PAUSE, webhooks.HELD = timedelta(seconds=0.5), timedelta(seconds=0.5)
courier.LOOK_SECONDS, calls.WRITE_SECONDS = 0.05, 0.1
HOOK
main()
"""
"""`tutela serve` with a receiver on this machine, PINs that take no time, and no long pauses: faults are not about
how long those are."""


class Receiver:
    """Whoever is told of events: keeps those that it took, and refuses one in five the first time it comes."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self._seen: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if outer._take(event) else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()

    def _take(self, event: dict[str, Any]) -> bool:
        first = event["id"] not in self._seen
        self._seen.add(event["id"])
        if first and len(self._seen) % 5 == 0:
            return False
        self.taken.append(event)
        return True


class Service:
    """`tutela serve` over the bank at `address`, which is made with a key and a webhook. A context manager.

    `hook` is more of the program that starts it, before the service begins.
    """

    def __init__(self, address: str, folder: Path, receiver: Receiver, hook: str = "") -> None:
        self.address = address
        self.calls = folder / "calls"
        self.url = ""
        self.under: tuple[str, ...] = ()
        """A program that starts it, with its options."""

        self._log = folder / "log"
        self._program = _PROGRAM.replace("PORT", str(receiver.port)).replace("HOOK", hook)
        self._process: subprocess.Popen[str] | None = None
        with Bank.open(address, create=True) as bank:
            self.token = Keys(bank.store).create("faults", Role.OPERATOR, per_minute=_UNLIMITED).token
            Webhooks(bank.store, bank.shared_sealer(), [HOST]).register(f"https://{HOST}/", list(EventKind))

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts it; returns when it listens."""
        command = [*self.under, sys.executable, "-c", self._program, "serve", "--json", "--port", "0"]
        command += ["--calls", str(self.calls), "--webhook-host", HOST, "--proxy", "127.0.0.1"]
        environment = {**os.environ, "TUTELA_BANK": self.address}
        with self._log.open("a") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the service does not start: {self.said()[-2000:]}")
        self.url = json.loads(line)["url"]

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def stop(self) -> int:
        """Ends it as an operator does; its exit status."""
        assert self._process is not None
        self._process.terminate()
        self._process.communicate(timeout=30)
        return self._process.returncode

    def said(self) -> str:
        """Its log."""
        return self._log.read_text()

    def client(self) -> httpx.Client:
        """A client of it, as it now is."""
        headers = {"Authorization": f"Bearer {self.token}"}
        unread = False  # certificates, which take time to load and are not needed here
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, verify=unread)
