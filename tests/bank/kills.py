"""Kills the run of `crashes.py` at random moments and checks the bank after each; a process without threads, so that
it may fork. Prints one line for each broken promise, then how many times the run was killed in the middle."""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from crashes import PICTURES, fork, problems, run, warm_up

STEPS = 6
RUNS_IN_ONE_BANK = 5


def trial(folder: Path, first: int, seconds: float | None) -> tuple[str, bool]:
    """What a run had said when it was killed after `seconds` (None: at its end), and whether it was in the middle."""
    said = folder / "said"
    child = fork(said, lambda: run(folder / "bank", first, STEPS))
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return said.read_text() if said.exists() else "", os.WIFSIGNALED(status)


def whole_run() -> float:
    """Seconds that a run takes when nobody kills it."""
    with tempfile.TemporaryDirectory() as name:
        start = time.monotonic()
        trial(Path(name), 0, None)
        return time.monotonic() - start


def kill_in_one_bank(chance: random.Random, longest: float) -> int:
    """Kills several runs, one after the other, in one bank; how many were killed in the middle."""
    killed = 0
    with tempfile.TemporaryDirectory() as name:
        folder, told = Path(name), ""
        for place in range(RUNS_IN_ONE_BANK):
            said, middle = trial(folder, place * STEPS * PICTURES, chance.uniform(0.0, longest))
            told += said[: said.rfind("\n") + 1]
            killed += middle
            for problem in problems(folder / "bank", told):
                print(problem, flush=True)
    return killed


def main(wanted: int, seed: int) -> None:
    """Goes on until so many runs were killed in the middle."""
    warm_up()
    chance, longest, killed = random.Random(seed), whole_run(), 0
    while killed < wanted:
        killed += kill_in_one_bank(chance, longest)
    print(f"killed {killed} runs of {longest:.2f} s in the middle")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
