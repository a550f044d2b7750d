"""Kills the run of `crashes.py` at random moments and checks the bank after each; a process without threads, so that
it may fork. On PostgreSQL it kills the run, one of the server's processes, or the whole server, in turn of chance.

Prints one line for each broken promise, then how many times something was killed in the middle of a run.
"""

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from crashes import PICTURES, fork, problems, survive, warm_up
from servers import Server, in_memory

STEPS = 6
RUNS_IN_ONE_BANK = 5

Strike = Callable[[int], None]
"""Kills something while this process runs."""
Bank = tuple[str, Strike]
"""The address of a bank that is not there yet, and how it is struck."""


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)


def trial(url: str, first: int, seconds: float | None, strike: Strike) -> tuple[str, bool]:
    """What a run had said that was struck after `seconds` (None: never), and whether it was in the middle."""
    with tempfile.NamedTemporaryFile() as said:
        child = fork(Path(said.name), lambda: survive(url, first, STEPS))
        middle = False
        if seconds is not None:
            time.sleep(seconds)
            middle = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
            strike(child)
        os.waitpid(child, 0)
        return Path(said.name).read_text(), middle


@contextmanager
def on_sqlite() -> Iterator[Bank]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bank/bank.db", kill


@contextmanager
def on_server(server: Server, chance: random.Random) -> Iterator[Bank]:
    url = server.database()

    def kill_backend(child: int) -> None:
        if at_work := server.backends(url):
            server.kill_one(chance.choice(at_work))
            server.wait()

    def kill_server(child: int) -> None:
        server.kill()
        server.start()

    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUTELA_KEY_FILE"] = f"{folder}/bank.key"
        yield url, lambda child: chance.choice([kill, kill_backend, kill_server])(child)
    server.drop(url)


def kill_in_one_bank(made: AbstractContextManager[Bank], chance: random.Random, longest: float) -> int:
    """Strikes several runs, one after the other, in one bank; how many were in the middle."""
    struck, told = 0, ""
    with made as (url, strike):
        for place in range(RUNS_IN_ONE_BANK):
            said, middle = trial(url, place * STEPS * PICTURES, chance.uniform(0.0, longest), strike)
            told += said[: said.rfind("\n") + 1]
            struck += middle
            for problem in problems(url, told):
                print(problem, flush=True)
    return struck


def main(wanted: int, make: Callable[[], AbstractContextManager[Bank]], chance: random.Random) -> None:
    """Goes on until so many runs were struck in the middle."""
    with make() as (url, _):
        warm_up(url)
    with make() as (url, strike):
        start = time.monotonic()
        trial(url, 0, None, strike)
        longest = time.monotonic() - start
    struck = 0
    while struck < wanted:
        struck += kill_in_one_bank(make(), chance, longest)
    print(f"killed {struck} runs of {longest:.2f} s in the middle")


if __name__ == "__main__":
    number, seed = int(sys.argv[1]), random.Random(int(sys.argv[2]))
    if sys.argv[3:] == ["postgresql"]:
        with Server(in_memory()) as only:
            main(number, partial(on_server, only, seed), seed)
    else:
        main(number, on_sqlite, seed)
