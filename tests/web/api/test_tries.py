"""Tries of PINs: few from one place, more from many, and nobody keeps a person from their own case."""

from collections.abc import Callable

import pytest

from tutela.web.errors import TooMany
from tutela.web.limits import RateLimiter
from tutela.web.tries import ADDRESS_BURST, CASE_BURST, HERE_BURST, PinTries

OWNER, STRANGER = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def tries() -> PinTries:
    clock: Callable[[], float] = lambda: 0.0  # noqa: E731
    limits = [(6.0, HERE_BURST), (30.0, ADDRESS_BURST), (60.0, CASE_BURST)]
    return PinTries(*(RateLimiter(per_minute, burst, clock=clock) for per_minute, burst in limits))


def spent(tries: PinTries, case: str, address: str) -> int:
    """Tries that are taken until one is refused."""
    for number in range(1000):
        try:
            tries.count(case, address)
        except TooMany:
            return number
    return 1000


def test_from_one_address_a_case_allows_few_tries(tries: PinTries) -> None:
    assert spent(tries, "TU-AAAA-AAAA", STRANGER) == HERE_BURST


def test_whoever_guesses_from_one_place_does_not_keep_the_owner_out(tries: PinTries) -> None:
    spent(tries, "TU-AAAA-AAAA", STRANGER)
    tries.count("TU-AAAA-AAAA", OWNER)


def test_other_cases_give_an_address_no_more_tries(tries: PinTries) -> None:
    taken = sum(spent(tries, f"TU-AAAA-AAA{n}", STRANGER) for n in range(9))
    assert taken == ADDRESS_BURST
    assert spent(tries, "TU-BBBB-BBBB", STRANGER) == 0


def test_what_one_case_refuses_counts_for_no_other(tries: PinTries) -> None:
    """A helpline's server speaks for many: one caller there who presses on does not use up what the others have."""
    for _ in range(ADDRESS_BURST):
        spent(tries, "TU-AAAA-AAAA", OWNER)
    assert spent(tries, "TU-BBBB-BBBB", OWNER) == HERE_BURST


def test_what_an_address_is_refused_counts_for_no_case_and_drives_no_count_out_of_memory() -> None:
    clock: Callable[[], float] = lambda: 0.0  # noqa: E731
    here, addresses, cases = (RateLimiter(1.0, burst, remembered=5, clock=clock) for burst in (2, 3, 9))
    tries = PinTries(here, addresses, cases)
    spent(tries, "TU-AAAA-AAAA", STRANGER)
    assert sum(spent(tries, f"TU-BBBB-BBB{n}", STRANGER) for n in range(9)) == 1
    assert here.wait(tries.callers.address(STRANGER) + tries.callers.case("TU-AAAA-AAAA")) > 0
    assert spent(tries, "TU-BBBB-BBB8", OWNER) == 2


def test_other_addresses_give_a_case_no_more_than_its_own_limit(tries: PinTries) -> None:
    assert sum(spent(tries, "TU-AAAA-AAAA", f"192.0.2.{n}") for n in range(2, 100)) == CASE_BURST


def test_one_network_of_ipv6_is_one_place(tries: PinTries) -> None:
    assert sum(spent(tries, "TU-AAAA-AAAA", f"2a00:1:2:3::{n}") for n in range(1, 9)) == HERE_BURST


def test_the_right_pin_counts_anew_where_it_was_given(tries: PinTries) -> None:
    for _ in range(3):
        tries.count("TU-AAAA-AAAA", OWNER)
    tries.succeeded("tu-aaaa-aaaa ", OWNER)
    assert spent(tries, "TU-AAAA-AAAA", OWNER) == HERE_BURST
