"""Whole programs as benchmarks run them: what they do, and what they cost."""

import os
import subprocess
import sys
from pathlib import Path

IJSON = "import ijson,sys\nfor _ in ijson.basic_parse(open(sys.argv[1],'rb'), use_float=True): pass"
"""The floor of streaming: every event of a JSON file, and nothing done with it."""

LOAD = "import json,sys\njson.load(open(sys.argv[1], encoding='utf-8'))"
"""The obvious way."""

SCAN = "import sys\nsys.argv = ['tutela', 'scan', *sys.argv[1:]]\nfrom tutela.cli.main import main\nmain()"


def cost(program: str, *arguments: object, folder: Path) -> tuple[float, float]:
    """Processor seconds and peak resident MiB of a Python program, its start included; its bank lies in `folder`."""
    environment = {**os.environ, "TUTELA_BANK": f"sqlite:///{folder / 'bank.db'}"}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"a measured program ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
