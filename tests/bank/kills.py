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
LONGEST = 0.15
"""Seconds: about as long as a run takes."""


def trial(folder: Path, first: int, seconds: float) -> tuple[str, bool]:
    """What a run had said when it was killed after `seconds`, and whether it was still in the middle."""
    said = folder / "said"
    child = fork(said, lambda: run(folder / "bank", first, STEPS))
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return said.read_text() if said.exists() else "", os.WIFSIGNALED(status)


def main(trials: int, seed: int) -> None:
    warm_up()
    chance = random.Random(seed)
    killed = 0
    for number in range(0, trials, RUNS_IN_ONE_BANK):
        with tempfile.TemporaryDirectory() as name:
            folder, told = Path(name), ""
            for place in range(RUNS_IN_ONE_BANK):
                said, middle = trial(folder, place * STEPS * PICTURES, chance.uniform(0.001, LONGEST))
                told += said[: said.rfind("\n") + 1]
                killed += middle
                for problem in problems(folder / "bank", told):
                    print(f"run {number + place}: {problem}", flush=True)
    print(f"killed {killed} of {trials}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
