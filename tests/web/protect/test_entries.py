"""What people type, and whom limits count."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tutela.bank.pins import new_pin
from tutela.web.callers import Callers
from tutela.web.protect.typed import typed_pin

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(st.text(st.sampled_from(" -\u00a0\u200f\t"), max_size=3))
def test_a_pin_is_recognised_with_spaces_and_in_other_digits(between: str) -> None:
    pin = new_pin()
    assert typed_pin(between.join(pin)) == pin
    assert typed_pin(pin.translate(ARABIC)) == pin


@given(st.text())
def test_a_pin_has_digits_alone(text: str) -> None:
    pin = typed_pin(text)
    assert set(pin) <= set("0123456789")
    assert len(pin) == sum(unicodedata.category(sign) == "Nd" for sign in text)


def test_an_address_is_counted_under_a_name_that_does_not_tell_it() -> None:
    one, other = Callers(), Callers()
    assert one.address("192.0.2.7") == one.address("192.0.2.7") == one.address("::ffff:192.0.2.7")
    assert one.address("192.0.2.7") != one.address("192.0.2.8")
    assert one.address("192.0.2.7") != other.address("192.0.2.7")
    assert "192" not in one.address("192.0.2.7")
    assert one.address("TU-7K3M-9QWX") != one.case("TU-7K3M-9QWX") == one.case("tu 7k3m 9qwx")


def test_a_household_on_ipv6_is_one_caller() -> None:
    callers = Callers()
    assert callers.address("2001:db8:1:2::1") == callers.address("2001:db8:1:2:ffff::9%eth0")
    assert callers.address("2001:db8:1:2::1") != callers.address("2001:db8:1:3::1")


@given(st.none() | st.text())
def test_any_host_has_a_name(host: str | None) -> None:
    assert len(Callers().address(host)) == 32
