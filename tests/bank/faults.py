"""Repeats the run of `crashes.py` with one system call failing, or the process killed at it: at each relevant call.

A process without threads, so that it may fork: each run is a fork that waits until strace holds it. Prints one line
for each broken promise, then how many faults were injected.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crashes import fork, problems, survive, warm_up

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


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'bank' / 'bank.db'}"


def traced(folder: Path, *options: str) -> tuple[str, Counter[str]]:
    """What a run under strace had said, and how often it made each call."""
    said, trace = folder / "said", folder / "trace"

    def act() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        survive(address(folder), 0, STEPS)

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
    calls = Counter(re.findall(r"^(\w+)\(", trace.read_text(), re.MULTILINE))
    return said.read_text(), calls


def check(*options: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bank").mkdir()
        said, _ = traced(folder, *options)
        yield from problems(address(folder), said)


def main(share: int, of: int) -> None:
    """Injects every fault whose number leaves `share` when divided by `of`."""
    with tempfile.TemporaryDirectory() as name:
        warm_up(address(Path(name)))
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "bank").mkdir()
        _, calls = traced(Path(name))
    faults = [
        f"inject={call}:{how}:when={number}"
        for call, error in CALLS.items()
        for number in range(1, calls[call] + 1)
        for how in (f"error={error}", "signal=KILL")
    ]
    for fault in faults[share::of]:
        for problem in check("-e", fault):
            print(f"{fault}: {problem}", flush=True)
    print(f"injected {len(faults[share::of])} of {len(faults)}: {dict(calls)}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
