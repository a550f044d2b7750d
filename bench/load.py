"""The service under load: lookups a second over HTTP, and how long one takes at half of that.

    .venv/bin/python bench/load.py [--size 100000] [--clients 2] [--connections 8] [--seconds 10]

A bank of `size` invented protections is filled, `tutela serve` started over it, and asked by `clients` processes with
`connections` kept-alive connections each. First each connection asks anew as soon as it is answered: the peak. Then
questions are sent at half that rate by the clock, whether or not earlier ones were answered, and their times counted
from when they were due. Clients and service share the machine's cores, so a service alone on its machine does more.
One question in a hundred has a match.

The peer is what an operator would write with Meta's packages: Flask and threatexchange's index behind `GET /m/lookup`,
served by gunicorn where it is installed, else by Werkzeug's threads. It has one signal type, no keys, no roles, no
record of calls, and its codes lie in memory alone.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec
import numpy as np

from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.model import Fingerprint, Pdq
from tutela.web.wire import wire

CASE = 1000
"""Protections of one case: what is measured does not depend on it."""

QUESTIONS, MATCHING = 500, 5
START_SECONDS = 300.0


def invented(number: int) -> Fingerprint:
    """Fingerprint `number`: random codes, so unlike those of any other."""
    made = random.Random(number)
    return Fingerprint("image/jpeg", 640, 480, made.randbytes(32), made.randbytes(16), Pdq(made.randbytes(256), 100))


def fill(url: str, size: int) -> str:
    """Makes the bank; a key that may look up as often as it likes."""
    with Bank.open(url, create=True) as bank:
        for start in range(0, size, CASE):
            bank.register((invented(n) for n in range(start, min(size, start + CASE))), kind="intimate")
        return Keys(bank.store).create("bench", Role.MATCH, per_minute=10_000_000).token


def asked(size: int) -> list[Fingerprint]:
    """Questions, of which a few have a match."""
    return [invented(n if n < MATCHING else size + n) for n in range(QUESTIONS)]


def post(fingerprint: Fingerprint, token: str) -> bytes:
    """Our own lookup, with all eight orientations."""
    body = msgspec.json.encode(wire(fingerprint))
    head = f"POST /api/v1/lookup HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def get(fingerprint: Fingerprint, token: str) -> bytes:
    """HMA's lookup, with one code."""
    code = fingerprint.pdq.code.hex() if fingerprint.pdq else ""
    path = f"/m/lookup?signal_type=pdq&signal={code}"
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


class Line(asyncio.Protocol):
    """One kept-alive connection with at most one question on its way."""

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.due = 0.0
        self.got = bytearray()
        self.wanted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self.transport = cast(asyncio.Transport, transport)

    def ask(self, question: bytes, due: float) -> None:
        """Sends a question that was due at `due`."""
        self.due = due
        self.transport.write(question)

    def data_received(self, data: bytes) -> None:
        """Something of the answer."""
        self.got += data
        if not self.wanted:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.got[:end]).lower()
            self.client.wrong += not head.startswith(b"http/1.1 200")
            self.wanted = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self.got) >= self.wanted:
            self.got.clear()
            self.wanted = 0
            self.client.answered(self)


class Client:
    """Asks over several lines, as fast as it can (`rate` 0) or so many times a second."""

    def __init__(self, questions: Sequence[bytes], rate: float) -> None:
        self.questions = questions
        self.rate = rate
        self.times: list[float] = []
        self.wrong = 0
        self.ending = False
        self.next = random.randrange(len(questions))
        self.idle: deque[Line] = deque()
        self.waiting: deque[float] = deque()

    def question(self) -> bytes:
        """The next one."""
        self.next = (self.next + 1) % len(self.questions)
        return self.questions[self.next]

    def answered(self, line: Line) -> None:
        """Notes the time and goes on."""
        now = time.perf_counter()
        self.times.append(now - line.due)
        if self.rate:
            if self.waiting:
                line.ask(self.question(), self.waiting.popleft())
            else:
                self.idle.append(line)
        elif not self.ending:
            line.ask(self.question(), now)

    async def run(self, host: str, port: int, connections: int, seconds: float) -> None:
        """Asks for so long."""
        loop = asyncio.get_running_loop()
        lines = [(await loop.create_connection(lambda: Line(self), host, port))[1] for _ in range(connections)]
        start = time.perf_counter()
        if self.rate:
            self.idle.extend(lines)
            await self._by_the_clock(start, seconds)
        else:
            for line in lines:
                line.ask(self.question(), time.perf_counter())
            await asyncio.sleep(seconds)
        self.ending = True
        await asyncio.sleep(0.5)
        for line in lines:
            line.transport.close()

    async def _by_the_clock(self, start: float, seconds: float) -> None:
        sent = 0
        while (now := time.perf_counter()) < start + seconds:
            while (due := start + sent / self.rate) <= now:
                sent += 1
                if self.idle:
                    self.idle.popleft().ask(self.question(), due)
                else:
                    self.waiting.append(due)
            await asyncio.sleep(max(0.0, min(due - time.perf_counter(), 0.01)))


def client(
    address: tuple[str, int], questions: Sequence[bytes], plan: tuple[int, float, float]
) -> tuple[list[float], int]:
    """One client process: its times, and how many answers were no 200."""
    connections, seconds, rate = plan
    one = Client(questions, rate)
    try:
        import uvloop

        uvloop.run(one.run(*address, connections, seconds))
    except ImportError:
        asyncio.run(one.run(*address, connections, seconds))
    return one.times, one.wrong


def measured(
    url: str, questions: Sequence[bytes], options: argparse.Namespace, rate: float
) -> tuple[float, list[float]]:
    """Answers a second and the time of each, over all clients."""
    parts = urlsplit(url)
    plan = (options.connections, options.seconds, rate / options.clients)
    with get_context("spawn").Pool(options.clients) as pool:
        jobs = [((parts.hostname, parts.port), questions, plan)] * options.clients
        results = pool.starmap(client, jobs)
    if wrong := sum(count for _, count in results):
        raise SystemExit(f"{wrong} answers were not 200")
    times = [each for some, _ in results for each in some]
    return len(times) / options.seconds, times


@contextmanager
def service(url: str, *options: str) -> Iterator[tuple[str, int]]:
    """`tutela serve` over this bank; its address and process."""
    command = [
        sys.executable,
        "-c",
        "from tutela.cli.main import main; main()",
        "serve",
        "--port",
        "0",
        "--json",
        *options,
    ]
    environment = {**os.environ, "TUTELA_BANK": url}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["url"]
        try:
            yield address, process.pid
        finally:
            process.terminate()


PEER = """
import os
from flask import Flask, request
from threatexchange.signal_type.pdq.signal import PdqSignal
codes = open(os.environ["CODES"]).read().split()
index = PdqSignal.get_index_cls().build([(code, number) for number, code in enumerate(codes)])
app = Flask(__name__)
@app.get("/m/lookup")
def lookup():
    found = index.query(request.args["signal"])
    return {"BANK": [{"bank_content_id": m.metadata, "distance": m.similarity_info.pretty_str()} for m in found]}
@app.get("/status")
def status():
    return "I-AM-ALIVE"
"""


@contextmanager
def peer(size: int, folder: Path, port: int) -> Iterator[tuple[str, int]]:
    """Flask with threatexchange's index; its address and process."""
    (folder / "peer.py").write_text(PEER)
    codes = folder / "codes.txt"
    codes.write_text("\n".join((invented(n).pdq or Pdq(bytes(32), 0)).code.hex() for n in range(size)))
    if importlib.util.find_spec("gunicorn"):
        command = ["-m", "gunicorn", "--preload", "-w", "2", "-b", f"127.0.0.1:{port}", "peer:app"]
    else:
        command = ["-m", "flask", "--app", "peer:app", "run", "--port", str(port)]
    environment = {**os.environ, "CODES": str(codes)}
    with subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def wait_for(url: str, question: bytes) -> None:
    """Waits until the first lookup is answered."""
    parts = urlsplit(url)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            times, _ = client((parts.hostname or "", parts.port or 0), [question], (1, 0.2, 0.0))
        except OSError:
            times = []
        if times:
            return
        time.sleep(0.5)
    raise SystemExit("the service does not answer")


def processor(process: int) -> float:
    """Processor seconds of a process and its children so far; NaN where the system does not tell."""
    try:
        pids = [process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    except (OSError, ValueError):
        return float("nan")
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def row(name: str, place: tuple[str, int], questions: Sequence[bytes], options: argparse.Namespace) -> None:
    """Measures one way of asking and prints a line."""
    url, process = place
    wait_for(url, questions[0])
    measured(url, questions, argparse.Namespace(**{**vars(options), "seconds": 2.0}), 0.0)
    before = processor(process)
    peak, _ = measured(url, questions, options, 0.0)
    each = (processor(process) - before) / (peak * options.seconds) * 1e6
    _, times = measured(url, questions, options, peak / 2)
    at = [np.percentile(times, share) * 1000 for share in (50, 99, 99.9)]
    cells = [name, f"{options.size:,}", f"{peak:,.0f}", f"{each:,.0f}", *(f"{time:.2f}" for time in at)]
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--peer-port", type=int, default=8099)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = f"sqlite:///{folder / 'bank.db'}"
        token = fill(address, options.size)
        questions = asked(options.size)
        print("| asked | protections | lookups/s, peak | processor µs each | p50 at half, ms | p99, ms | p99.9, ms |")
        print("|---|--:|--:|--:|--:|--:|--:|", flush=True)
        with service(address) as place:
            row("Tutela, `POST /api/v1/lookup`", place, [post(each, token) for each in questions], options)
            row("Tutela, `GET /m/lookup`", place, [get(each, token) for each in questions], options)
        if importlib.util.find_spec("flask") is None or importlib.util.find_spec("threatexchange") is None:
            print("\nThe peer was not run: flask and threatexchange are not both installed (`make .venv/bench`).")
            return
        with peer(options.size, folder, options.peer_port) as place:
            row("Flask + threatexchange, `GET /m/lookup`", place, [get(each, "") for each in questions], options)


if __name__ == "__main__":
    main()
