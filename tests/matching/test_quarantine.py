"""The watch counts pictures that have nothing to do with each other, within a window."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from samples import changed, fingerprint
from tutela.matching import THRESHOLDS, Watch

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ENOUGH = THRESHOLDS.quarantine_unrelated


def watch(*seeds: int, apart: timedelta = timedelta(0)) -> Watch:
    made = Watch()
    for number, seed in enumerate(seeds):
        made = made.note(fingerprint(seed).pdq, NOON + number * apart)  # type: ignore[arg-type]
    return made


@given(st.lists(st.integers(0, 100), max_size=30))
def test_it_alarms_at_so_many_different_pictures(seeds: list[int]) -> None:
    assert watch(*seeds).alarming(NOON) == (len(set(seeds)) >= ENOUGH)


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 10**6)), max_size=30))
def test_copies_of_one_picture_count_once(copies: list[tuple[int, int]]) -> None:
    made = watch(1)
    for bits, seed in copies:
        assert made.note(changed(fingerprint(1), bits, seed).pdq, NOON) is made  # type: ignore[arg-type]


def test_a_copy_in_another_orientation_counts_once_too() -> None:
    first = fingerprint(1).pdq
    assert first is not None
    turned = fingerprint(2, codes=first.codes[128:160] + first.codes[:32] + first.codes[32:128] + first.codes[160:])
    made = watch(1)
    assert made.note(turned.pdq, NOON) is made  # type: ignore[arg-type]


def test_what_lies_outside_the_window_does_not_count() -> None:
    slowly = watch(*range(ENOUGH), apart=THRESHOLDS.quarantine_window / (ENOUGH - 2))
    assert not slowly.alarming(NOON + THRESHOLDS.quarantine_window * (ENOUGH - 1) / (ENOUGH - 2))
    quickly = watch(*range(ENOUGH), apart=timedelta(minutes=1))
    assert quickly.alarming(NOON + timedelta(hours=1))
