"""What a process can no longer do once it is confined, tried from inside a worker started as the real one is."""

import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tutela.media import Worker

filtered = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the system-call filter exists on Linux for x86-64 and ARM64 only",
)
Make = Callable[..., Worker]


def told(worker: Worker, item: bytes) -> dict[str, str]:
    answer = worker.process(item)
    assert isinstance(answer, bytes)
    return json.loads(answer)


@filtered
def test_every_misdeed_of_a_hijacked_decoder_is_refused(obedient: Make):
    outcomes = told(obedient(), b"attempt")
    assert len(outcomes) > 20
    assert outcomes.pop("take much memory") == "OSError"
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "PermissionError"} == {}


LIMITS_ALONE = """
import os, socket, sys
from tutela.media import confine
sys.stderr.flush()
confine.AUDIT_ARCHITECTURE = {}
layers = confine.confine(64 * 2**20)
misdeeds = {
    "read a file": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write a file": lambda: os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT),
    "make a socket": socket.socket,
    "copy a descriptor": lambda: os.dup(0),
    "take much memory": lambda: bytearray(80 * 2**20),
}
for name, misdeed in misdeeds.items():
    try:
        misdeed()
        print(name)
    except (OSError, MemoryError):
        pass
print("filter" in layers)
"""


def test_where_no_filter_exists_the_limits_alone_stop_files_sockets_and_memory(tmp_path: Path):
    command = (sys.executable, "-c", LIMITS_ALONE, str(tmp_path / "loot"))
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    assert run.stdout == "False\n"


@filtered
def test_refused_calls_leave_no_trace_in_the_file_system(
    obedient: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kept = tmp_path / "kept"
    kept.write_bytes(b"")
    monkeypatch.setattr("tutela.media.pool._ENVIRONMENT", ("PATH", "PYTHONPATH", "TUTELA_TEST_HOME"))
    monkeypatch.setenv("TUTELA_TEST_HOME", str(tmp_path))
    mode = kept.stat().st_mode
    told(obedient(), b"attempt")
    assert list(tmp_path.iterdir()) == [kept]
    assert kept.stat().st_mode == mode


@filtered
def test_all_three_layers_hold_and_the_kernel_says_so(obedient: Make):
    *layers, process = told(obedient(), b"layers")
    assert layers == ["limits", "no-new-privileges", "filter"]
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":\t" in line
    )
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


@filtered
def test_the_limits_are_hard(obedient: Make):
    *_, process = told(obedient(memory=300 * 2**20), b"layers")
    rows = Path(f"/proc/{process}/limits").read_text().splitlines()
    limits = {row[:26].strip(): row[26:].split()[:2] for row in rows}
    for name in ("Max open files", "Max file size", "Max core file size"):
        assert limits[name] == ["0", "0"]
    soft, hard = map(int, limits["Max address space"])
    assert soft == hard < 2**30


def test_threads_of_its_own_are_allowed(obedient: Make):
    assert obedient().process(b"thread") == b"ran"


def test_a_confined_worker_still_works_after_it_was_refused(obedient: Make):
    worker = obedient()
    told(worker, b"attempt")
    assert worker.process(b"hello") == b"hello"


def test_the_environment_of_the_parent_does_not_reach_the_worker(obedient: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TUTELA_KEY", "secret")
    worker = obedient()
    *_, process = told(worker, b"layers")
    assert b"secret" not in Path(f"/proc/{process}/environ").read_bytes()
