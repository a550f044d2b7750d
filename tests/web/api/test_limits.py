"""A limit allows so many at once, so many in the long run, for each on its own, in bounded memory."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.web.limits import RateLimiter
from tutela.web.shared import SharedTimes


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = RateLimiter(60, 3, clock=clock)
    assert [limit.wait("a") for _ in range(3)] == [0, 0, 0]
    assert limit.wait("a") == pytest.approx(1.0)
    clock.now += 1
    assert limit.wait("a") == 0
    assert limit.wait("a") == pytest.approx(1.0)


def test_each_is_limited_on_its_own() -> None:
    limit = RateLimiter(1, 1)
    assert limit.wait("a") == 0
    assert limit.wait("a") > 0
    assert limit.wait("b") == 0


@given(st.floats(0.5, 600), st.integers(1, 20), st.lists(st.floats(0, 5), max_size=200))
def test_in_the_long_run_nobody_gets_more_than_the_rate(per_minute: float, burst: int, pauses: list[float]) -> None:
    clock = Clock()
    limit = RateLimiter(per_minute, burst, clock=clock)
    allowed = 0
    for pause in pauses:
        clock.now += pause
        allowed += limit.wait("a") == 0
    assert allowed <= burst + sum(pauses) * per_minute / 60 + 1e-6


@given(st.floats(0.5, 600), st.integers(1, 20), st.integers(1, 30))
def test_after_the_wait_that_was_said_the_call_is_allowed(per_minute: float, burst: int, calls: int) -> None:
    clock = Clock()
    limit = RateLimiter(per_minute, burst, clock=clock)
    for _ in range(burst + calls):
        said = limit.wait("a")
    clock.now += said + 1e-6
    assert said > 0
    assert limit.wait("a") == 0


def test_a_call_may_count_as_many() -> None:
    clock = Clock()
    limit = RateLimiter(60, 10, clock=clock)
    assert limit.wait("a", 30) == 0
    assert limit.wait("a") == pytest.approx(21.0)


def test_whoever_was_heard_of_longest_ago_is_forgotten_first() -> None:
    limit = RateLimiter(1, 1, remembered=3)
    for name in "abcd":
        limit.wait(name)
    assert limit.wait("d") > 0
    assert limit.wait("a") == 0


@pytest.mark.parametrize("at_a_time", [1, 2])
def test_asking_counts_as_no_call(at_a_time: int) -> None:
    limit = RateLimiter(60, 4, clock=Clock(), shared=SharedTimes(), at_a_time=at_a_time)
    assert [limit.wait("a", 0) for _ in range(9)] == [0] * 9
    assert sum(limit.wait("a") == 0 for _ in range(9)) >= 4
    assert limit.wait("a", 0) > 0


def test_one_can_start_anew() -> None:
    limit = RateLimiter(1, 1)
    limit.wait("a")
    limit.forget("a")
    assert limit.wait("a") == 0


def test_threads_together_get_no_more_than_one_would() -> None:
    limit = RateLimiter(0.001, 50)
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: limit.wait("a"), range(500)))
    assert waits.count(0.0) == 50


@pytest.mark.parametrize(("per_minute", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_limit_that_never_allows_anything_is_refused(per_minute: float, burst: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        RateLimiter(per_minute, burst)


def test_processes_that_share_get_together_no_more_than_one_would() -> None:
    times, clock = SharedTimes(), Clock()
    limits = [RateLimiter(60, 4, clock=clock, shared=times) for _ in range(3)]
    assert [limits[n % 3].wait("a") for n in range(4)] == [0] * 4
    assert [limit.wait("a") for limit in limits] == [pytest.approx(1.0)] * 3
    assert limits[0].wait("b") == 0
    limits[1].forget("a")
    assert limits[2].wait("a") == 0


def test_processes_that_count_ahead_go_beyond_the_limit_by_no_more_than_that() -> None:
    times, clock = SharedTimes(), Clock()
    limits = [RateLimiter(60, 40, clock=clock, shared=times, at_a_time=5) for _ in range(3)]
    assert [limits[n % 3].wait("a") for n in range(30)] == [0] * 30
    allowed = sum(limits[n % 3].wait("a") == 0 for n in range(300))
    assert 10 <= allowed < 10 + 3 * 5
    clock.now += 30
    assert 30 - 3 * 5 < sum(limits[n % 3].wait("a") == 0 for n in range(300)) < 30 + 3 * 5


def test_shared_memory_forgets_what_matters_least_when_it_is_full() -> None:
    times = SharedTimes(buckets=100)
    with times.locked():
        for number in range(4000):  # so many that no bucket stays with less than eight by chance
            times.set(str(number), 1.0 + number)
        known = [times.get(str(number)) for number in range(4000)]
    assert all(time in (0.0, 1.0 + number) for number, time in enumerate(known))
    assert sum(time > 0 for time in known) == 800
    assert sum(time > 0 for time in known[-50:]) == 50
