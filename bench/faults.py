"""Kills the service, one of PostgreSQL's processes or the whole server under writes, and checks after each that no
acknowledged case, withdrawal or feedback is lost or doubled, and that whoever is told of events is told the truth.

    .venv/bin/python bench/faults.py [--kills 100] [--seed 1] [--longest 0.8] [--only sqlite]

Helpers open cases, withdraw them and give feedback, through the API and as the public page does. At a random moment
something is killed; the service is started again where it was that, and has to come back by itself where it was the
database. Then everything unanswered is asked again, as anybody would, and `acts.problems` compares.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from acts import Diary, disturbed, problems, try_again
from served import Receiver, Service
from servers import Server

KILLS_IN_ONE_BANK = 10
_READY_SECONDS = 60.0

Strike = Callable[[], None]


@dataclass
class Row:
    """What came of all kills of one kind."""

    kills: int = 0
    middle: int = 0
    away: list[float] = field(default_factory=list)


class Trials:
    """Kills in one bank, one after the other."""

    def __init__(self, service: Service, receiver: Receiver, server: Server | None) -> None:
        self.diary = Diary()
        self._service = service
        self._receiver = receiver
        self._server = server
        self.strikes: dict[str, Strike] = {"the service": self._kill_service}
        if server is not None:
            self.strikes |= {"a backend": self._kill_backend, "the server": self._kill_server}

    def kill(self, what: str, seconds: float, chance: random.Random, row: Row) -> list[str]:
        """Kills that after so many seconds; what does not hold afterwards."""
        row.middle += bool(disturbed(self._service, self.diary, chance.randrange(2**30), seconds, self.strikes[what]))
        row.kills += 1
        row.away.append(until_ready(self._service))
        try_again(self._service, self.diary)
        found = list(problems(self._service, self.diary, self._receiver))
        self.diary.odd.clear()
        return found

    def _kill_service(self) -> None:
        self._service.kill()
        self._service.start()

    def _kill_backend(self) -> None:
        assert self._server is not None
        if at_work := self._server.backends(self._service.address):
            self._server.kill_one(random.choice(at_work))
            self._server.wait()

    def _kill_server(self) -> None:
        assert self._server is not None
        self._server.kill()
        time.sleep(0.2)
        self._server.start()


def until_ready(service: Service) -> float:
    """Seconds until the service says that it is ready. Raises RuntimeError where it never is."""
    start = time.monotonic()
    while time.monotonic() - start < _READY_SECONDS:
        try:
            if httpx.get(f"{service.url}readyz", timeout=30).status_code == 200:
                return time.monotonic() - start
        except httpx.TransportError:
            pass
        time.sleep(0.01)
    raise RuntimeError("the service does not come back")


@contextmanager
def on_sqlite() -> Iterator[tuple[str, None]]:
    """The address of a bank that is a file."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bank.db", None


@contextmanager
def on_server(server: Server) -> Iterator[tuple[str, Server]]:
    """The address of a bank on a server."""
    address = server.database()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUTELA_KEY_FILE"] = f"{folder}/bank.key"
        try:
            yield address, server
        finally:
            del os.environ["TUTELA_KEY_FILE"]
    server.drop(address)


@contextmanager
def trials(address: str, server: Server | None) -> Iterator[Trials]:
    """A running service over a new bank."""
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as folder, Service(address, Path(folder), receiver) as service:
        try:
            until_ready(service)
            yield Trials(service, receiver, server)
        finally:
            receiver.close()


def table(name: str, server: Server | None, options: argparse.Namespace) -> int:
    """Prints the lines of one database and what does not hold; how many of those there were."""
    chance, rows, wrong, acts = random.Random(options.seed), dict[str, Row](), 0, 0
    kills = 0
    while kills < options.kills:
        with on_sqlite() if server is None else on_server(server) as (address, _), trials(address, server) as each:
            for _ in range(min(KILLS_IN_ONE_BANK, options.kills - kills)):
                what = chance.choice(list(each.strikes))
                row = rows.setdefault(what, Row())
                for problem in each.kill(what, chance.uniform(0.02, options.longest), chance, row):
                    print(f"{name}, {what}: {problem}", flush=True)
                    wrong += 1
                kills += 1
                print(f"\r{name}: {kills} of {options.kills}", end="", file=sys.stderr, flush=True)
            acts += each.diary.acknowledged()
    print(file=sys.stderr)
    for what, row in rows.items():
        away = sorted(row.away)
        cells = [name, what, row.kills, row.middle, f"{away[len(away) // 2]:.2f}", f"{away[-1]:.2f}"]
        print(f"| {' | '.join(map(str, cells))} |")
    print(f"\n{name}: {acts} acts acknowledged, {wrong} promises broken\n", flush=True)
    return wrong


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=0.8)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    print("| database | killed | times | while something was asked | back after, s | at most, s |")
    print("|---|---|--:|--:|--:|--:|", flush=True)
    wrong = 0
    if options.only != "postgresql":
        wrong += table("SQLite", None, options)
    if options.only != "sqlite":
        with Server() as server:
            wrong += table("PostgreSQL", server, options)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
