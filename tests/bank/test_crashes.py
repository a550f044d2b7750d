"""Killed at random moments, and failing at each relevant system call, a bank keeps all that it acknowledged."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from servers import Server

HERE = Path(__file__).parent


def told(script: str, *arguments: str) -> list[str]:
    """The lines of a script of this folder. It runs alone, since it forks and must have no threads."""
    folders = (HERE, HERE.parent, HERE.parents[1] / "bench")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_no_acknowledged_case_is_lost_and_none_is_half(seed: int) -> None:
    *problems, summary = told("kills.py", "15", str(seed))
    assert problems == []
    assert int(summary.split()[1]) >= 15


@pytest.mark.postgres
def test_on_a_server_it_holds_too_when_processes_backends_or_the_server_are_killed(server: Server) -> None:
    """`server` says that one starts here; the script has one of its own, which it kills."""
    *problems, summary = told("kills.py", "12", "3", "postgresql")
    assert problems == []
    assert int(summary.split()[1]) >= 12


@pytest.mark.system
@pytest.mark.parametrize("share", range(4))
def test_with_a_fault_at_each_system_call_no_acknowledged_case_is_lost_and_none_is_half(share: int) -> None:
    """An error at calls that touch the file system, and a kill at calls that change it, of one run that makes a bank,
    protects, withdraws and rotates: at all of the rare ones, and at one in three of the others, from all over the run.
    `faults.py 0 1 1` does it at every one."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed; scripts/system-needs installs it")
    *problems, summary = told("faults.py", str(share), "4", "3")
    assert problems == []
    assert int(summary.split()[1]) > 40
