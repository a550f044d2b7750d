"""Processes that serve together are started, replaced and ended in order. What they serve is not asked about here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

START = """
import os, signal, sys, time
from tutela.cli import workers
workers.MOST_DEATHS, workers.END_SECONDS, workers.SILENT_SECONDS = 3, 0.3, %d
place = workers.share(3, lambda: print("all ready", flush=True))
"""
WAIT = """
os.write(1, b"%d %d\\n" % (place.number, os.getpid()))
place.ready()
while True:
    time.sleep(0.1)
    place.alive()
"""


@contextmanager
def started(body: str, silent: int = 2) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", f"import click\ntry:\n    {_indented(START % silent + body)}\n" + ENDING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


ENDING = "except click.exceptions.Exit as end:\n    sys.exit(end.exit_code)\n"


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n    ")


def until_ready(process: subprocess.Popen[str]) -> dict[int, int]:
    """The process of each worker, once all are ready."""
    assert process.stdout is not None
    found: dict[int, int] = {}
    while (line := process.stdout.readline().strip()) != "all ready":
        assert line, process.stderr.read() if process.stderr else ""
        number, pid = map(int, line.split())
        found[number] = pid
    return found


def gone(pid: int, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_all_are_ready_and_end_together() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        with started(WAIT) as process:
            pids = until_ready(process)
            assert sorted(pids) == [0, 1, 2]
            process.send_signal(number)
            assert process.wait(20) == 0
            assert all(gone(pid) for pid in pids.values())


def replaced(process: subprocess.Popen[str], number: int, by: signal.Signals) -> int:
    """Ends or stops one worker: another takes its place, which is returned, and the others stay."""
    assert process.stdout is not None
    before = until_ready(process)
    os.kill(before[number], by)
    again, pid = map(int, process.stdout.readline().split())
    assert again == number
    assert pid not in before.values()
    assert gone(before[number])
    for other in (pid, *(each for each in before.values() if each != before[number])):
        os.kill(other, 0)
    return pid


def test_one_that_dies_is_replaced_and_the_others_stay() -> None:
    with started(WAIT) as process:
        pid = replaced(process, 1, signal.SIGKILL)
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert "worker 1 ended (signal 9) and is started again" in said
    assert gone(pid)


def test_one_that_hangs_is_killed_and_replaced() -> None:
    with started(WAIT) as process:
        replaced(process, 2, signal.SIGSTOP)
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert "worker 2 has said nothing for 2 seconds and is killed" in said
    assert said.count("killed") == 1


def test_where_all_stood_still_nobody_is_said_to_hang() -> None:
    with started(WAIT, silent=1) as process:
        pids = [process.pid, *until_ready(process).values()]
        for number, seconds in ((signal.SIGSTOP, 1.5), (signal.SIGCONT, 0.6)):
            for pid in pids:
                os.kill(pid, number)
            time.sleep(seconds)
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert said == ""


def test_what_is_wrong_at_the_start_is_said_once_and_ends_it() -> None:
    with started('print("the bank is broken", file=sys.stderr)\nos._exit(4)') as process:
        out, said = process.communicate(timeout=20)
    assert process.returncode == 4
    assert out == ""
    assert said == "the bank is broken\n"


def test_a_worker_that_never_gets_ready_ends_the_start() -> None:
    with started(WAIT.replace("place.ready()", "if place.number == 2: os._exit(0)\nplace.ready()")) as process:
        process.communicate(timeout=20)
    assert process.returncode == 1


def test_workers_that_die_again_and_again_end_the_service() -> None:
    with started(WAIT) as process:
        assert process.stdout is not None
        for pid in until_ready(process).values():
            os.kill(pid, signal.SIGKILL)
            _, newest = map(int, process.stdout.readline().split())
        os.kill(newest, signal.SIGKILL)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "the service ends" in said


def test_one_that_does_not_end_is_killed() -> None:
    with started(WAIT.replace("place.ready()", "signal.signal(15, lambda *_: None)\nplace.ready()")) as process:
        pids = until_ready(process)
        process.terminate()
        assert process.wait(20) == 0
    assert all(gone(pid) for pid in pids.values())


def test_workers_do_not_outlive_their_parent() -> None:
    with started(WAIT) as process:
        pids = until_ready(process)
        process.kill()
        assert all(gone(pid) for pid in pids.values())
