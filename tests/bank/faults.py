"""Repeats the run of `crashes.py` with one system call failing, or the process killed at it: at each relevant call, or
at one in so many of those that are many.

Faults while a bank is made begin without one; all others begin with a copy of a new one, which saves making it.

A process without threads, so that it may fork: each run is a fork that waits until strace holds it. Prints one line
for each broken promise, then how many faults were injected.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crashes import fork, make, problems, survive, warm_up

STEPS = 2
CALLS = {
    "openat": "EMFILE",
    "write": "ENOSPC",
    "pwrite64": "ENOSPC",
    "pread64": "EIO",
    "fsync": "EIO",
    "fdatasync": "EIO",
    "ftruncate": "EIO",
    "link": "EIO",
    "rename": "EIO",
    "unlink": "EACCES",
    "mkdir": "EACCES",
}
"""What a file system can refuse, and with which error here."""

CHANGING = "write", "pwrite64", "ftruncate", "link", "rename", "unlink", "mkdir"
"""Where a kill leaves other files than at the call before. At any other but an `openat` that makes a file it leaves
those that it leaves at the next one of these, when no less was acknowledged."""

RARE = 9
"""As often as a run makes directories, links and new names, and cuts files off."""


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'bank' / 'bank.db'}"


def full(folder: Path) -> None:
    """The whole run."""
    survive(address(folder), 0, STEPS)


def making(folder: Path) -> None:
    """Its beginning, where there is no bank yet."""
    make(address(folder))


def traced(folder: Path, run: Callable[[Path], None], *options: str) -> tuple[str, list[str]]:
    """What a run under strace had said, and its calls."""
    said, trace = folder / "said", folder / "trace"

    def act() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        run(folder)

    child = fork(said, act)
    os.waitpid(child, os.WUNTRACED)
    command = ["strace", "-p", str(child), "-o", str(trace), "-e", f"trace={','.join(CALLS)}", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        attached = strace.stderr.readline() if strace.stderr else ""
        if "attached" not in attached:
            os.kill(child, signal.SIGKILL)
            raise SystemExit(f"strace cannot attach: {attached}")
        os.kill(child, signal.SIGCONT)
    os.waitpid(child, 0)
    return said.read_text(), re.findall(r"^\w+\(.*", trace.read_text(), re.MULTILINE)


@contextmanager
def folder_with(bank: Path | None) -> Iterator[Path]:
    """A folder for a run, with a copy of the bank in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if bank is None:
            (folder / "bank").mkdir()
        else:
            shutil.copytree(bank, folder / "bank")
        yield folder


def faults_in(calls: list[str]) -> Iterator[str]:
    """An error at each call, and a kill at each that changes files."""
    numbers: Counter[str] = Counter()
    for line in calls:
        call = line.partition("(")[0]
        numbers[call] += 1
        yield f"inject={call}:error={CALLS[call]}:when={numbers[call]}"
        if call in CHANGING or "O_CREAT" in line:
            yield f"inject={call}:signal=KILL:when={numbers[call]}"


def check(bank: Path | None, *options: str) -> Iterator[str]:
    with folder_with(bank) as folder:
        said, _ = traced(folder, full, *options)
        yield from problems(address(folder), said)


def spread(faults: list[str], every: int) -> list[str]:
    """One in so many of each kind of fault, from all over the run: of one kind from its first call on, of the next from
    its second on. Of what is rare, each."""
    kinds: dict[str, list[str]] = {}
    for fault in faults:
        kinds.setdefault(fault.rpartition(":")[0], []).append(fault)
    chosen: list[str] = []
    for place, alike in enumerate(kinds.values()):
        chosen += alike if len(alike) <= RARE else alike[place % every :: every]
    return chosen


def main(share: int, of: int, every: int) -> None:
    """Injects the faults of `spread` whose number leaves `share` when divided by `of`."""
    with tempfile.TemporaryDirectory() as name:
        warm_up(address(Path(name)))
    with folder_with(None) as first:
        _, to_make = traced(first, making)
        new = first / "bank"
        with folder_with(new) as second:
            said, later = traced(second, full)
            found = list(problems(address(second), said))
        faults = ((None, list(faults_in(to_make))), (new, list(faults_in(later))))
        planned = [(bank, fault) for bank, some in faults for fault in spread(some, every)]
        for bank, fault in planned[share::of]:
            found += [f"{fault}: {problem}" for problem in check(bank, "-e", fault)]
    print(*found, f"injected {len(planned[share::of])} of {len(planned)}", sep="\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
