"""The service under load: lookups a second over HTTP, and how long one takes at half of that.

    .venv/bin/python bench/load.py [--size 100000] [--clients 2] [--connections 8] [--seconds 10] [--workers N]
        [--keep FOLDER]

A bank of `size` invented protections is filled, `tutela serve` started over it (from the bank's snapshot), and asked by
`clients` processes with `connections` connections each, kept alive where the server does. First each connection asks
anew as soon as it is answered: the peak. Then questions come at half that rate by chance, as strangers' do (a Poisson
process), whether or not earlier ones were answered, and their times are counted from when they were due; a clock of
milliseconds makes up to one of that. Clients and service share the machine's cores, so a service alone on its machine
does more. One question in a hundred has a match. With `--keep`, bank and codes are kept in a folder for the next run;
with `--workers` so many processes are asked besides, over a PostgreSQL bank that is filled and started for it.

The peer is what an operator would write with Meta's packages: Flask and threatexchange's index behind `GET /m/lookup`,
served by two workers of gunicorn, once as it comes (a connection for each question) and once with threads (connections
kept alive). It has one signal type, no keys, no roles, no record of calls, and its codes lie in memory alone.
"""

import argparse
import asyncio
import gc
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
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec
import numpy as np
import uvloop
from codes import flipped, orientations
from servers import Server

from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.model import Fingerprint, Pdq
from tutela.web.wire import wire

CASE = 5000
"""Protections of one case: what is measured does not depend on it, and each case costs a PIN."""

QUESTIONS, MATCHING = 10_000, 100
"""Different questions, and of how many of them one has a match: each another one."""

UNLIKE = 14
"""Bits in which a turned photograph's code differs from what symmetry says: 12 to 16."""

START_SECONDS = 300.0


def invented(number: int) -> Fingerprint:
    """Fingerprint `number`: random codes, so unlike those of any other."""
    made = random.Random(number)
    return Fingerprint("image/jpeg", 640, 480, made.randbytes(32), made.randbytes(16), Pdq(made.randbytes(256), 100))


def fill(url: str, size: int) -> str:
    """Makes the bank and its snapshot; a key that may look up as often as it likes."""
    with Bank.open(url, create=True) as bank:
        for start in range(0, size, CASE):
            bank.register((invented(n) for n in range(start, min(size, start + CASE))), kind="intimate")
        bank.warm_up()
        return Keys(bank.store).create("bench", Role.MATCH, per_minute=10_000_000).token


def asked(size: int) -> list[Fingerprint]:
    """Questions, of which a few have a match."""
    return [_turned(size + n if n % MATCHING else n // MATCHING) for n in range(QUESTIONS)]


def _turned(number: int) -> Fingerprint:
    """As `invented`, with eight orientations like those of photographs: what symmetry says, but for `UNLIKE` bits."""
    picture = invented(number)
    plain = orientations(np.frombuffer(bytes.fromhex(code(picture)), dtype=np.uint8))
    turned = flipped(plain[1:], np.full(7, UNLIKE), np.random.default_rng(number))
    return replace(picture, pdq=Pdq(plain[:1].tobytes() + turned.tobytes(), 100))


def code(fingerprint: Fingerprint) -> str:
    """Its PDQ code, in hex."""
    return fingerprint.pdq.code.hex() if fingerprint.pdq else ""


def post(fingerprint: Fingerprint, token: str) -> bytes:
    """Our own lookup, with all eight orientations."""
    body = msgspec.json.encode(wire(fingerprint))
    head = f"POST /api/v1/lookup HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def get(fingerprint: Fingerprint, token: str) -> bytes:
    """HMA's lookup, with one code."""
    path = f"/m/lookup?signal_type=pdq&signal={code(fingerprint)}"
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


class Line(asyncio.Protocol):
    """One connection with at most one question on its way; made anew where the server closes it."""

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.due = 0.0
        self.question = b""
        self.got = bytearray()
        self.wanted = 0
        self.closing = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.question)

    def connection_lost(self, error: Exception | None) -> None:
        """The server closed it, or we did."""
        if self.closing:
            self.closing = False
            return
        self.transport = None
        if self.question and not self.client.ending:
            self.client.connect(self)

    def ask(self, question: bytes, due: float) -> None:
        """Sends a question that was due at `due`."""
        self.due, self.question = due, question
        if self.transport is None:
            self.client.connect(self)
        else:
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
            self.closing = b"\r\nconnection: close" in head
        if len(self.got) >= self.wanted:
            self.got.clear()
            self.wanted, self.question = 0, b""
            if self.closing:
                self.close()
            self.client.answered(self)

    def close(self) -> None:
        """Ends the connection."""
        if self.transport is not None:
            self.closing = True
            self.transport.close()
            self.transport = None


class Client:
    """Asks over several lines, as fast as it can (`rate` 0) or so many times a second."""

    def __init__(self, address: tuple[str, int], questions: Sequence[bytes], rate: float) -> None:
        self.address = address
        self.questions = questions
        self.rate = rate
        self.times: list[float] = []
        self.wrong = 0
        self.ending = False
        self.next = random.randrange(len(questions))
        self.idle: deque[Line] = deque()
        self.waiting: deque[float] = deque()
        self.connecting: set[asyncio.Task[None]] = set()

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

    def connect(self, line: Line) -> None:
        """Makes a line's connection; it then sends its question."""
        task = asyncio.get_running_loop().create_task(self._connect(line))
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    async def run(self, connections: int, seconds: float) -> None:
        """Asks for so long."""
        lines = [Line(self) for _ in range(connections)]
        start = time.perf_counter()
        if self.rate:
            self.idle.extend(lines)
            await self._by_chance(start, start + seconds)
        else:
            for line in lines:
                line.ask(self.question(), start)
            await asyncio.sleep(seconds)
        self.ending = True
        await asyncio.sleep(0.5)
        for line in lines:
            line.close()
        await asyncio.sleep(0.1)

    async def _connect(self, line: Line) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: line, *self.address)
        except OSError:
            self.wrong += 1

    async def _by_chance(self, due: float, end: float) -> None:
        while due < end:
            while due <= time.perf_counter():
                if self.idle:
                    self.idle.popleft().ask(self.question(), due)
                else:
                    self.waiting.append(due)
                due += random.expovariate(self.rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))


_START: list[Barrier] = []
"""Where clients wait for each other: one that starts earlier would be held up by the others' start."""


def client(
    address: tuple[str, int], questions: Sequence[bytes], plan: tuple[int, float, float]
) -> tuple[list[float], int]:
    """One client process: its times, and how many answers were no 200."""
    connections, seconds, rate = plan
    one = Client(address, questions, rate)
    for barrier in _START:
        barrier.wait(60)
    gc.freeze()
    uvloop.run(one.run(connections, seconds))
    return one.times, one.wrong


def measured(
    url: str, questions: Sequence[bytes], options: argparse.Namespace, rate: float
) -> tuple[float, list[float]]:
    """Answers a second and the time of each, over all clients."""
    parts, spawn = urlsplit(url), get_context("spawn")
    plan = (options.connections, options.seconds, rate / options.clients)
    with spawn.Pool(options.clients, _START.append, (spawn.Barrier(options.clients),)) as pool:
        jobs = [((parts.hostname, parts.port), questions, plan)] * options.clients
        results = pool.starmap(client, jobs, chunksize=1)
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


KINDS = {"sync": (), "threads": ("-k", "gthread", "--threads", "8")}
"""Ways in which gunicorn serves the peer."""


@contextmanager
def peer(codes: Path, port: int, kind: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Flask with threatexchange's index of these codes; its address and process."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "peer.py").write_text(PEER)
        command = ["-m", "gunicorn", "--preload", "-w", "2", *kind, "-b", f"127.0.0.1:{port}", "-t", "600", "peer:app"]
        environment = {**os.environ, "CODES": str(codes), "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(
            [sys.executable, *command], cwd=name, env=environment, stderr=subprocess.DEVNULL
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


def prepared(folder: Path, size: int) -> tuple[str, str, Path]:
    """The bank's address, a key, and the file of its codes, made where they are not there."""
    address, token, codes = f"sqlite:///{folder / 'bank.db'}", folder / "token", folder / "codes.txt"
    if not codes.exists():
        folder.mkdir(parents=True, exist_ok=True)
        token.write_text(fill(address, size))
        codes.write_text("\n".join(code(invented(n)) for n in range(size)))
    return address, token.read_text(), codes


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--peer-port", type=int, default=8099)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = (options.keep or Path(name)) / str(options.size)
        _compare(*prepared(folder, options.size), options)


def _compare(address: str, token: str, codes: Path, options: argparse.Namespace) -> None:
    questions = asked(options.size)
    gets = [get(each, token) for each in questions]
    print("| asked | protections | lookups/s, peak | processor µs each | p50 at half, ms | p99, ms | p99.9, ms |")
    print("|---|--:|--:|--:|--:|--:|--:|", flush=True)
    with service(address) as place:
        row("Tutela, `POST /api/v1/lookup`", place, [post(each, token) for each in questions], options)
        row("Tutela, `GET /m/lookup`", place, gets, options)
    if options.workers:
        _workers(options)
    if missing := [name for name in ("flask", "threatexchange", "gunicorn") if importlib.util.find_spec(name) is None]:
        print(f"\nThe peer was not run: {', '.join(missing)} not installed (`make .venv/bench`).")
        return
    for kind, settings in KINDS.items():
        with peer(codes, options.peer_port, settings) as place:
            row(f"Flask + threatexchange, gunicorn {kind}", place, gets, options)


def _workers(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, Server(fsync="on") as server:
        os.environ |= {"TUTELA_KEY_FILE": f"{folder}/bank.key", "TUTELA_CACHE": f"{folder}/cache"}
        address = server.database()
        token = fill(address, options.size)
        gets = [get(each, token) for each in asked(options.size)]
        with service(address, "--workers", str(options.workers), "--calls", f"{folder}/calls") as place:
            row(f"Tutela, {options.workers} workers, `GET /m/lookup`", place, gets, options)


if __name__ == "__main__":
    main()
