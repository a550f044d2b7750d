"""Workers are watched, ended and replaced: whatever one item does costs that item alone."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutela.media import ConfinementError, Limits, Worker, WorkerPool, pool, skipped
from tutela.model import SkipCode, Skipped

Make = Callable[..., Worker]


def process_of(worker: Worker) -> int:
    answer = worker.process(b"layers")
    assert isinstance(answer, bytes)
    return json.loads(answer)[-1]


def code_of(answer: bytes | Skipped) -> SkipCode | None:
    return answer.code if isinstance(answer, Skipped) else None


def test_items_cross_the_border_unchanged(obedient: Make):
    worker = obedient()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(min_size=1, max_size=3000).map(lambda data: b"= " + data))
    def check(data: bytes) -> None:
        assert worker.process(data) == data

    check()


def test_what_is_asked_about_an_item_crosses_with_it(obedient: Make):
    worker = obedient()

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=65536))
    def check(question: bytes) -> None:
        assert worker.process(b"= item", question=question) == b"= item" + question
        assert worker.process(b"= next") == b"= next"

    check()


def test_a_question_that_is_too_long_is_refused_before_a_process_sees_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool, "_start", lambda *_: pytest.fail("started"))
    with pytest.raises(ValueError, match="at most 65536 bytes"):
        Worker("media.obedient", Limits()).process(b"item", question=bytes(65537))


def test_other_work_is_done_while_the_process_computes(obedient: Make):
    worker, done = obedient(), []
    assert worker.process(b"= item", lambda: done.append("once")) == b"= item"
    assert done == ["once"]
    assert worker.process(b"next") == b"next"


def test_an_empty_item_starts_no_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool, "_start", lambda *_: pytest.fail("started"))
    assert code_of(Worker("media.obedient", Limits()).process(b"")) == SkipCode.EMPTY


def test_too_many_bytes_are_refused_before_a_process_sees_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool, "_start", lambda *_: pytest.fail("started"))
    worker = Worker("media.obedient", Limits(file_bytes=1000))
    assert code_of(worker.process(bytes(1001))) == SkipCode.TOO_LARGE


def test_the_limits_reach_the_process(obedient: Make):
    worker = obedient(file_bytes=70 * 2**20)
    data = b"= " + bytes(65 * 2**20)
    assert code_of(worker.process(data)) == SkipCode.DECODER_DIED  # the answer is beyond its bound, the item is not
    assert worker.process(b"small") == b"small"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (b"die", SkipCode.DECODER_DIED),
        (b"chatter", SkipCode.DECODER_DIED),
        (b"nonsense", SkipCode.DECODER_DIED),
        (b"sleep", SkipCode.TOO_SLOW),
        (b"memory", SkipCode.OUT_OF_MEMORY),
    ],
)
def test_a_bad_item_costs_one_item(obedient: Make, item: bytes, code: SkipCode):
    worker = obedient(wall=1.0)
    assert code_of(worker.process(item)) == code
    assert worker.process(b"next") == b"next"


def test_a_bad_item_is_named_by_a_sentence_without_its_content(obedient: Make):
    answer = obedient(wall=0.5).process(b"sleep secretly")
    assert isinstance(answer, Skipped)
    assert answer.reason == "decoding the picture takes longer than the limit (0.5 s)"


def test_computing_time_is_limited_apart_from_waiting_time(obedient: Make):
    worker = obedient(cpu=1, wall=20.0)
    start = time.monotonic()
    answer = worker.process(b"spin")
    assert code_of(answer) == SkipCode.TOO_SLOW
    assert time.monotonic() - start < 15
    assert worker.process(b"next") == b"next"


def test_computing_time_is_counted_for_each_item(obedient: Make):
    worker = obedient(cpu=1)
    first = process_of(worker)
    for _ in range(300):
        worker.process(b"= " + bytes(40_000))
    assert process_of(worker) == first


def test_a_worker_that_is_killed_from_outside_costs_one_item(obedient: Make):
    worker = obedient()
    victim = process_of(worker)
    killer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
    killer.start()
    assert code_of(worker.process(b"sleep")) == SkipCode.DECODER_DIED
    assert worker.process(b"next") == b"next"


def test_a_worker_that_died_between_two_items_costs_one_item(obedient: Make):
    worker = obedient()
    os.kill(process_of(worker), signal.SIGKILL)
    time.sleep(0.2)
    assert code_of(worker.process(b"= " + bytes(2**20))) == SkipCode.DECODER_DIED
    assert worker.process(b"next") == b"next"


def test_a_process_is_replaced_after_so_many_items(obedient: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool, "ITEMS_BEFORE_RENEWAL", 3)
    worker = obedient()
    processes = [process_of(worker) for _ in range(7)]
    assert [processes.index(process) for process in processes] == [0, 0, 0, 3, 3, 3, 6]


def test_a_process_that_ran_out_of_memory_is_replaced(obedient: Make):
    worker = obedient()
    first = process_of(worker)
    worker.process(b"memory")
    assert process_of(worker) != first


def test_close_ends_the_process_even_in_the_middle_of_an_item(obedient: Make):
    worker = obedient(wall=0.3)
    process = process_of(worker)
    worker.process(b"spin")
    worker.close()
    assert not Path(f"/proc/{process}").exists()


def test_a_module_that_does_not_start_is_an_error_with_a_remedy():
    with pytest.raises(ConfinementError, match="does not start") as caught:
        Worker("no.such.module", Limits()).process(b"x")
    assert sys.executable in caught.value.remedy


def test_the_module_is_found_along_a_relative_path_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", "tests")
    with WorkerPool("media.obedient", Limits(), 1) as workers:
        assert workers.process(b"hello") == b"hello"


def test_a_pool_lends_each_worker_to_one_thread_at_a_time(obedient: Make):
    obedient()  # sets the path
    with WorkerPool("media.obedient", Limits(), 2) as workers, ThreadPoolExecutor(6) as threads:
        items = [b"= %d" % number for number in range(200)]
        assert list(threads.map(workers.process, items)) == items


def test_a_pool_ends_a_worker_whose_borrower_was_interrupted(obedient: Make):
    obedient()
    with WorkerPool("media.obedient", Limits(), 1) as workers:
        with workers.worker() as worker:
            first = process_of(worker)
        with pytest.raises(KeyboardInterrupt), workers.worker():
            raise KeyboardInterrupt
        with workers.worker() as worker:
            assert process_of(worker) != first


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
@pytest.mark.parametrize("deaf", [0, 1])
def test_a_process_that_does_not_listen_keeps_none_of_the_others_from_ending(obedient: Make, deaf: int):
    obedient()
    workers = WorkerPool("media.obedient", Limits(), 2)
    with workers.worker() as one, workers.worker() as other:
        processes = [process_of(one), process_of(other)]
    os.kill(processes[deaf], signal.SIGSTOP)
    closing = threading.Thread(target=workers.close)
    closing.start()
    deadline = time.monotonic() + pool.PATIENCE_SECONDS
    while lives(processes[1 - deaf]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not lives(processes[1 - deaf])
    assert closing.is_alive()
    closing.join()
    assert not lives(processes[deaf])


def lives(process: int) -> bool:
    """Whether a process has not ended yet; one that nobody has waited for has."""
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_pool_has_a_worker():
    with pytest.raises(ValueError, match="at least one"):
        WorkerPool("media.obedient", Limits(), 0)


@given(
    st.builds(Limits, st.integers(1, 2**40), st.integers(1, 2**40), cpu=st.integers(1, 100), wall=st.floats(0.1, 1e6))
)
def test_limits_survive_the_command_line(limits: Limits):
    assert Limits.from_words(limits.words()) == limits


def test_no_words_mean_the_default_limits():
    assert Limits.from_words(()) == Limits()


@pytest.mark.parametrize("code", [code for code in SkipCode if code not in (SkipCode.NOT_INCLUDED, SkipCode.OUTSIDE)])
def test_every_code_has_a_sentence(code: SkipCode):
    assert len(skipped(code).reason.split()) > 3
    assert skipped(code, "3 s").reason.endswith(" (3 s)")
