"""Processes that work beside this one: what they say arrives, and none is left behind."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tutela.scan.crew import Crew, CrewError


def squared(number: int) -> bytes:
    if number < 0:
        raise ValueError
    if number == 0:
        os._exit(1)
    return str(number**2).encode()


def test_each_task_gets_its_answer() -> None:
    crew: Crew[int] = Crew(3, squared)
    answers = [crew.ask(number) for number in range(1, 200)]
    assert [int(each.result()) for each in answers] == [number**2 for number in range(1, 200)]
    crew.close()


def test_what_was_loaded_before_is_there_and_large_things_pass() -> None:
    large = os.urandom(1 << 22)
    crew: Crew[bytes] = Crew(2, lambda task: task + large)
    assert crew.ask(large).result() == large + large
    crew.close()


@pytest.mark.parametrize("task", [-1, 0], ids=["fails", "dies"])
def test_a_process_that_fails_or_dies_is_told_of_and_waits_for_nobody(task: int) -> None:
    crew: Crew[int] = Crew(1, squared)
    with pytest.raises(CrewError):
        crew.ask(task).result()
    with pytest.raises(CrewError):
        crew.ask(2).result()
    crew.close()


def test_closed_it_finishes_what_is_begun_and_drops_what_waits() -> None:
    def slow(number: int) -> bytes:
        time.sleep(0.2)
        return bytes([number])

    crew: Crew[int] = Crew(1, slow)
    first, *others = [crew.ask(number) for number in range(20)]
    time.sleep(0.1)
    crew.close()
    assert first.result() == b"\0"
    assert all(each.cancelled() for each in others[1:])


def test_who_waits_for_the_end_of_a_pipe_need_not_wait_for_a_process() -> None:
    reading, writing = os.pipe()
    crew: Crew[int] = Crew(3, squared)
    os.close(writing)
    assert select.select([reading], [], [], 20)[0]
    assert os.read(reading, 1) == b""
    assert crew.ask(3).result() == b"9"
    crew.close()
    os.close(reading)


PROGRAM = """
import os, time
from tutela.scan.crew import Crew
crew = Crew(3, lambda task: os.getpid().to_bytes(4))
print(*sorted({int.from_bytes(crew.ask(None).result()) for _ in range(100)}), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_none_outlives_the_one_that_asked(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        children = [int(word) for word in program.stdout.readline().split()]
        assert children
        program.send_signal(how)
    deadline = time.monotonic() + 20
    while any(is_running(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
