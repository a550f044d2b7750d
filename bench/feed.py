"""How soon a withdrawal reaches every process, and what following the changes costs a lookup.

    .venv/bin/python bench/feed.py [--processes 4] [--withdrawals 100] [--protections 2000]

Each process looks pictures up as fast as it can, so there are more of them than cores. A withdrawal has reached a
process when a lookup there no longer finds the case; it is timed from the moment that `withdraw` returned. Prints
Markdown tables. The PostgreSQL server is the one of `servers.py`, on this machine and with `fsync` on.
"""

import argparse
import hashlib
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from argon2 import PasswordHasher
from servers import Server

from tutela.bank import Bank, changes, feed, pins
from tutela.model import CaseRef, Fingerprint, Pdq, Pin

_SPAWN = multiprocessing.get_context("spawn")


def fingerprint(number: int) -> Fingerprint:
    """An invented picture, unlike any other."""
    codes, name = random.Random(number).randbytes(256), number.to_bytes(8, "big")
    md5 = hashlib.md5(name, usedforsecurity=False).digest()
    return Fingerprint("image/jpeg", 640, 480, hashlib.sha256(name).digest(), md5, Pdq(codes, 100))


def look(url: str, line: Connection) -> None:
    """Looks up without a pause; for each picture that is named, says when it was found no more; at the end, how many
    lookups a second there were."""
    other = fingerprint(0)
    with Bank.open(url) as bank:
        bank.match(other)
        line.send("ready")
        start, lookups = time.monotonic(), 0
        while True:
            if line.poll():
                named = line.recv()
                if named is None:
                    break
                picture = fingerprint(named)
                while not bank.match(picture):
                    lookups += 1
                line.send("found")
                while bank.match(picture):
                    lookups += 1
                line.send(time.monotonic())
            bank.match(other)
            lookups += 1
        line.send(lookups / (time.monotonic() - start))


def reached(url: str, processes: int, withdrawals: int, protections: int) -> tuple[list[float], float]:
    """Seconds from each withdrawal to each process, and lookups a second of a process in the mean."""
    pins._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # 0.1 s of hashing is not asked about
    with Bank.open(url, create=True) as bank:
        bank.register([fingerprint(1 + n) for n in range(protections)], kind="ordinary")
        lines = []
        for _ in range(processes):
            ours, theirs = _SPAWN.Pipe()
            _SPAWN.Process(target=look, args=(url, theirs), daemon=True).start()
            theirs.close()
            lines.append(ours)
        for line in lines:
            line.recv()
        seconds: list[float] = []
        for number in range(withdrawals):
            seconds += withdrawn(bank, lines, 1_000_000 + number)
        for line in lines:
            line.send(None)
        return seconds, float(np.mean([line.recv() for line in lines]))


def withdrawn(bank: Bank, lines: list[Connection], picture: int) -> Iterator[float]:
    """Protects a picture, waits until all find it, withdraws it; seconds until each no longer did."""
    case, pin = bank.protect([fingerprint(picture)], kind="ordinary")
    for line in lines:
        line.send(picture)
    for line in lines:
        line.recv()
    ended = gone(bank, case, pin)
    for line in lines:
        yield max(0.0, line.recv() - ended)


def gone(bank: Bank, case: CaseRef, pin: Pin) -> float:
    """When the withdrawal was acknowledged."""
    bank.withdraw(case, pin)
    return time.monotonic()


def one_lookup(url: str, follows: bool) -> float:
    """Seconds of a lookup that finds nothing, in a process by itself, the median of many."""
    trusted, feed.TRUSTED = feed.TRUSTED, feed.TRUSTED if follows else 0.0
    other, times = fingerprint(0), []
    with Bank.open(url) as bank:
        bank.match(other)
        time.sleep(0.5)
        for _ in range(2000):
            start = time.perf_counter()
            bank.match(other)
            times.append(time.perf_counter() - start)
    feed.TRUSTED = trusted
    return float(np.median(times))


@contextmanager
def addresses() -> Iterator[dict[str, str]]:
    """A bank that is not there yet on each database."""
    with tempfile.TemporaryDirectory() as folder, Server(fsync="on") as server:
        os.environ["TUTELA_KEY_FILE"] = f"{folder}/server.key"
        names = ("PostgreSQL", "PostgreSQL, no notifications")
        yield {"SQLite": f"sqlite:///{Path(folder) / 'bank.db'}", **{name: server.database() for name in names}}


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--withdrawals", type=int, default=100)
    parser.add_argument("--protections", type=int, default=2000)
    args = parser.parse_args()
    print("| bank | processes | withdrawals | median, ms | 99 %, ms | longest, ms | lookups a second and process |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    with addresses() as urls:
        for name, url in urls.items():
            if "no notifications" in name:
                vars(changes)["wake"] = lambda connection: None
            seconds, lookups = reached(url, args.processes, args.withdrawals, args.protections)
            median, most, longest = (f"{1000 * np.quantile(seconds, share):.1f}" for share in (0.5, 0.99, 1.0))
            counts = f"{args.processes} | {args.withdrawals}"
            print(f"| {name} | {counts} | {median} | {most} | {longest} | {lookups:,.0f} |", flush=True)
        print("\n| one lookup, ms | each asks | changes are followed |\n|---|--:|--:|")
        for name in ("SQLite", "PostgreSQL"):
            asks = 1000 * one_lookup(urls[name], follows=False)
            told = f"{1000 * one_lookup(urls[name], follows=True):.3f}" if name == "PostgreSQL" else "–"
            print(f"| {name} | {asks:.3f} | {told} |")


if __name__ == "__main__":
    main()
