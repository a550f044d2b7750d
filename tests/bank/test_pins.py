"""References as people type or paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.bank.pins import new_case, tidy_case


@pytest.mark.parametrize(
    "typed",
    ["TU-7K3M-9QWX", " tu 7k3m 9qwx\n", "tu7k3m9qwx", "TU–7K3M–9QWX", "ＴＵ-7K3M-9QWX", "\u2066TU-7K3M-9QWX\u2069"],
)
def test_a_reference_is_recognised_however_it_is_typed(typed: str) -> None:
    assert tidy_case(typed) == "TU-7K3M-9QWX"


@given(st.text())
def test_what_is_no_reference_stays_short_and_plain(text: str) -> None:
    tidy = tidy_case(text)
    assert len(tidy) <= 32
    assert tidy.isascii()
    assert tidy_case(tidy) == tidy


@given(st.integers(0, 2**32))
def test_every_reference_survives(seed: int) -> None:
    case = new_case()
    assert tidy_case(case.lower().replace("-", " ")) == case
