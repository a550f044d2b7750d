"""Whole programs as benchmarks run them: what they do, and what they cost."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

IJSON = "import ijson,sys\nfor _ in ijson.basic_parse(open(sys.argv[1],'rb'), use_float=True): pass"
"""The floor of streaming: every event of a JSON file, and nothing done with it."""

LOAD = "import json,sys\njson.load(open(sys.argv[1], encoding='utf-8'))"
"""The obvious way."""

SCAN = "import sys\nsys.argv = ['tutela', 'scan', *sys.argv[1:]]\nfrom tutela.cli.main import main\nmain()"


_LOOKED_AT = 1.0  # seconds between two looks at how much memory is in use: each takes some milliseconds of a core


class Cost(NamedTuple):
    """What a program took: seconds by the clock, those of all processors together, and the most memory in MiB."""

    clock: float
    seconds: float
    mib: float


def cost(program: str, *arguments: object, folder: Path, cores: int | None = None) -> Cost:
    """The cost of a Python program, its start included; its bank lies in `folder`. It may use so many `cores`.

    Memory is that of all its processes together, what they share counted once (`Pss`), looked at each second.
    """
    environment = {**os.environ, "TUTELA_BANK": f"sqlite:///{folder / 'bank.db'}"}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    start, most = time.perf_counter(), 0
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, allowed)
    )
    next_look = start
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        if time.perf_counter() >= next_look:
            most = max(most, sum(map(_in_use, _family(process.pid))))
            next_look += _LOOKED_AT
        time.sleep(0.02)
    _, status, usage = ended
    if status:
        raise SystemExit(f"a measured program ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, most / 1024)


def _family(process: int) -> Iterator[int]:
    """A process and all that it started."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _in_use(process: int) -> int:
    """KiB of memory, what is shared with others divided among them."""
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0
