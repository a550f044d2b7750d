"""Sealed values open only under their key, in their place, unaltered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.store import KeyWrong, Sealer, new_key

KEY = bytes(range(32))
plain = st.binary(max_size=200)
places = st.text(max_size=30)


@given(plain, places)
def test_what_was_sealed_opens(message: bytes, place: str) -> None:
    assert Sealer(KEY).open(Sealer(KEY).seal(message, place), place) == message


@given(plain, places, places.filter(bool))
def test_a_sealed_value_moved_elsewhere_does_not_open(message: bytes, place: str, more: str) -> None:
    with pytest.raises(KeyWrong):
        Sealer(KEY).open(Sealer(KEY).seal(message, place), place + more)


@given(plain, st.data())
def test_any_changed_bit_is_found(message: bytes, data: st.DataObject) -> None:
    sealed = bytearray(Sealer(KEY).seal(message, "here"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(KeyWrong):
        Sealer(KEY).open(bytes(sealed), "here")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_does_not_open(noise: bytes) -> None:
    with pytest.raises(KeyWrong):
        Sealer(KEY).open(noise, "here")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(KeyWrong):
        Sealer(new_key()).open(Sealer(KEY).seal(b"x", "here"), "here")


def test_the_same_message_is_never_sealed_the_same_way_twice() -> None:
    assert Sealer(KEY).seal(b"x", "here") != Sealer(KEY).seal(b"x", "here")


def test_the_key_does_not_show() -> None:
    assert KEY.hex() not in repr(vars(Sealer(KEY)))


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32"):
        Sealer(bytes(size))
