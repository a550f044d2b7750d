"""How soon a withdrawal over HTTP reaches every process of a service, while others look pictures up.

    .venv/bin/python bench/workers.py [--workers 4] [--seconds 30] [--clients 2] [--connections 8] [--protections 2000]

`tutela serve --workers` runs over a bank on PostgreSQL (`servers.py`, with `fsync` on). A probe asks each worker, on a
connection that is known to end there, for the picture of a case until it is found no more; it is timed from the moment
that the withdrawal was answered, whichever worker took it. Meanwhile clients look up as fast as they are answered, and
share the machine's cores with workers, probes and PostgreSQL. Prints a Markdown table; on Linux alone.
"""

import argparse
import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from urllib.parse import urlsplit

import msgspec
import numpy as np
from load import asked, client, fill, invented, post, service
from servers import Server
from sockets import children, one_for_each

from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.web.wire import wire

FIRST = 10_000_000
"""The number of the first picture that is withdrawn: none of those that fill the bank or are looked up."""


PACE = 2.1
"""Seconds from one withdrawal to the next: the service takes thirty PINs a minute from one address."""


@dataclass(frozen=True)
class Asking:
    """A connection, and what every call on it brings."""

    connection: http.client.HTTPConnection
    headers: dict[str, str]

    def post(self, path: str, body: object) -> dict[str, object]:
        """The answer. Raises RuntimeError where it was refused."""
        self.connection.request("POST", path, msgspec.json.encode(body), self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {said.decode()}")
        found: dict[str, object] = json.loads(said)
        return found

    def finds(self, number: int) -> bool:
        """Whether picture `number` is found."""
        return bool(self.post("/api/v1/lookup", wire(invented(number)))["matched"])

    def until(self, number: int, found: bool) -> float:
        """When that was first so."""
        while self.finds(number) is not found:
            pass
        return time.monotonic()


def reached(desk: Asking, probes: Sequence[Asking], seconds: float) -> Iterator[float]:
    """Seconds from each withdrawal to each worker, for so long."""
    end, number = time.monotonic() + seconds, FIRST
    with ThreadPoolExecutor(len(probes)) as threads:
        while time.monotonic() < end:
            number, next_one = number + 1, time.monotonic() + PACE
            opened = desk.post("/api/v1/cases", {"kind": "ordinary", "fingerprints": [wire(invented(number))]})
            for each in [threads.submit(probe.until, number, True) for probe in probes]:
                each.result()
            waiting = [threads.submit(probe.until, number, False) for probe in probes]
            desk.post(f"/api/v1/cases/{opened['case']}/withdrawal", {"pin": opened["pin"]})
            done = time.monotonic()
            for each in waiting:
                yield max(0.0, each.result() - done)
            time.sleep(max(0.0, next_one - time.monotonic()))


@contextmanager
def askers(url: str, parent: int, token: str) -> Iterator[list[Asking]]:
    """One for each worker, and one more."""
    parts = urlsplit(url)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    desk = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    with one_for_each(url, children(parent)) as found:
        yield [Asking(desk, headers), *(Asking(each, headers) for each in found.values())]
    desk.close()


def row(url: str, parent: int, token: str, options: argparse.Namespace, clients: int) -> str:
    """Measures with so many clients that look up."""
    parts, questions = urlsplit(url), [post(each, token) for each in asked(options.protections)]
    plan = (options.connections, options.seconds + 2, 0.0)
    with askers(url, parent, token) as (desk, *probes), get_context("spawn").Pool(max(1, clients)) as pool:
        jobs = [((parts.hostname or "", parts.port or 0), questions, plan)] * clients
        load = pool.starmap_async(client, jobs, chunksize=1)
        time.sleep(2)  # until they ask
        times = list(reached(desk, probes, options.seconds))
        answered = [len(some) for some, wrong in load.get()]
    at = (f"{1000 * np.quantile(times, share):.1f}" for share in (0.5, 0.99, 1.0))
    cells = [options.workers, f"{sum(answered) / plan[1]:,.0f}", len(times) // len(probes), *at]
    return f"| {' | '.join(map(str, cells))} | {os.getloadavg()[0]:.1f} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--protections", type=int, default=2000)
    options = parser.parse_args()
    print("| workers | lookups a second beside | withdrawals | median, ms | 99 %, ms | longest, ms | load average |")
    print("|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as folder, Server(fsync="on") as server:
        os.environ |= {"TUTELA_KEY_FILE": f"{folder}/bank.key", "TUTELA_CACHE": f"{folder}/cache"}
        address = server.database()
        fill(address, options.protections)
        with Bank.open(address) as bank:
            token = Keys(bank.store).create("bench", Role.OPERATOR, per_minute=10_000_000).token
        with service(address, "--workers", str(options.workers), "--calls", f"{folder}/calls") as (url, parent):
            for clients in (0, options.clients):
                print(row(url, parent, token, options, clients), flush=True)


if __name__ == "__main__":
    main()
