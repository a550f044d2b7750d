"""Pseudonyms: keyed, the same for the same, different for the different, and silent about the key."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.conftest import KEY
from tutela.sources import Pseudonymiser

OTHER = Pseudonymiser(bytes(32))
identities = st.text(st.characters(), max_size=40)


def test_a_pseudonym_is_the_shortened_hmac_of_kind_and_identity(pseudonyms: Pseudonymiser) -> None:
    digest = hmac.new(KEY, b"tutela.pseudonym/1\0pe\0name:Ada", hashlib.sha256).digest()
    assert pseudonyms.person("name:Ada") == "pe-" + digest[:10].hex()


@pytest.mark.parametrize("written", ["user123", "123", "0123"])
def test_a_person_is_the_same_however_the_number_is_written(pseudonyms: Pseudonymiser, written: str) -> None:
    assert pseudonyms.person(written) == pseudonyms.person("user123")


@pytest.mark.parametrize("written", ["123", "channel123", "chat123", "-1000000000123", "-100123", "-123"])
def test_a_channel_is_the_same_however_the_number_is_written(pseudonyms: Pseudonymiser, written: str) -> None:
    assert pseudonyms.channel(written) == pseudonyms.channel("channel123")


@pytest.mark.parametrize("other", ["1234", "12", "@123", "channel", "user", "-", "١٢٣", "name:123", "-100-123", ""])
def test_what_only_looks_like_the_number_is_another_channel(pseudonyms: Pseudonymiser, other: str) -> None:
    assert pseudonyms.channel(other) != pseudonyms.channel("123")


def test_kinds_never_share_a_pseudonym(pseudonyms: Pseudonymiser) -> None:
    channel = pseudonyms.channel("5")
    made = [channel, pseudonyms.person("5"), pseudonyms.post(channel, 5), pseudonyms.album(channel, 5)]
    assert [name[:3] for name in made] == ["ch-", "pe-", "po-", "al-"]
    assert len({name[3:] for name in made}) == 4


@given(identities, identities)
def test_different_identities_get_different_pseudonyms(first: str, second: str) -> None:
    same = Pseudonymiser(KEY).person(f"name:{first}") == Pseudonymiser(KEY).person(f"name:{second}")
    assert same == (first == second)


@given(identities)
def test_another_key_gives_other_pseudonyms(identity: str) -> None:
    assert Pseudonymiser(KEY).channel(identity) != OTHER.channel(identity)


def test_posts_differ_by_channel_and_by_number(pseudonyms: Pseudonymiser) -> None:
    one, two = pseudonyms.channel("1"), pseudonyms.channel("2")
    refs = {pseudonyms.post(channel, number) for channel in (one, two) for number in (-1, 1, 11)}
    assert len(refs) == 6


def test_an_album_is_the_same_as_number_and_as_digits(pseudonyms: Pseudonymiser) -> None:
    channel = pseudonyms.channel("1")
    assert pseudonyms.album(channel, 9) == pseudonyms.album(channel, "9")


def test_neither_repr_nor_str_shows_the_key() -> None:
    key = b"0123456789abcdef0123456789abcdef"
    shown = f"{Pseudonymiser(key)!r} {Pseudonymiser(key)}"
    assert key.decode() not in shown and key.hex() not in shown


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused_without_showing_it(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes") as refused:
        Pseudonymiser(b"k" * length)
    assert "kkk" not in str(refused.value)
