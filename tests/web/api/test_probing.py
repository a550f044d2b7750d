"""A key that feels its way along the edge of what counts as near is stopped; ordinary use is not."""

import pytest

from tutela.web.errors import Suspended
from tutela.web.probing import DAY, Probing
from tutela.web.shared import SharedTimes

MOST = 5


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["of one process", "shared"])
def probing(request: pytest.FixtureRequest, clock: Clock) -> Probing:
    return Probing(MOST, clock=clock, shared=SharedTimes() if request.param == "shared" else None)


def code(number: int) -> bytes:
    return number.to_bytes(32)


def ask(probing: Probing, numbers: range, key: str = "a", case: str = "TU-1") -> None:
    for number in numbers:
        probing.refuse(key)
        probing.near(key, case, code(number))


def test_one_code_too_many_stops_the_key_for_a_day_and_no_other_key(probing: Probing, clock: Clock) -> None:
    ask(probing, range(MOST))
    with pytest.raises(Suspended):
        ask(probing, range(MOST, MOST + 1))
    with pytest.raises(Suspended):
        probing.refuse("a")
    ask(probing, range(MOST), key="b")
    clock.now = DAY + 1
    ask(probing, range(MOST))


def test_the_same_copy_again_and_again_is_no_probing(probing: Probing) -> None:
    for _ in range(10 * MOST):
        ask(probing, range(MOST))


def test_many_cases_with_a_few_copies_each_are_no_probing(probing: Probing) -> None:
    for number in range(200):
        ask(probing, range(MOST), case=f"TU-{number}")


def test_whoever_was_heard_of_longest_ago_is_forgotten_first(clock: Clock) -> None:
    probing = Probing(MOST, remembered=50, clock=clock)
    ask(probing, range(MOST))
    for number in range(50):
        ask(probing, range(1), case=f"TU-2{number}")
    ask(probing, range(MOST, 2 * MOST))


def test_two_processes_count_the_same_codes_once_and_others_together(clock: Clock) -> None:
    """Each has a `Probing` of its own over what they share."""
    times = SharedTimes()
    one, other = (Probing(MOST, clock=clock, shared=times) for _ in range(2))
    ask(one, range(3))
    ask(other, range(MOST))
    with pytest.raises(Suspended):
        ask(one, range(MOST, MOST + 1))
    with pytest.raises(Suspended):
        other.refuse("a")
    other.refuse("b")
