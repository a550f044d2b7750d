"""What may be named, and what is refused with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.collect import RefusedError, public_handle


@pytest.mark.parametrize(
    "text",
    [
        "@Market_1",
        "t.me/market_1",
        "https://t.me/Market_1/",
        "http://www.t.me/market_1",
        "https://t.me/s/market_1",
        "https://telegram.me/market_1?before=7",
        "  @market_1 ",
    ],
)
def test_a_handle_and_a_link_to_it_are_taken(text: str) -> None:
    assert public_handle(text) == "market_1"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://t.me/+AbCdEfGh", "invite"),
        ("t.me/joinchat/AbCdEfGh", "invite"),
        ("t.me/JoinChat/AbCdEfGh", "invite"),
        ("https://t.me/c/1234567/89", "private"),
        ("https://t.me/addlist/AbCdEfGh", "joined"),
        ("market_1", "no handle"),
        ("1234567890", "no handle"),
        ("-1001234567890", "no handle"),
        ("+4915555501234", "no handle"),
        ("@abc", "no handle"),
        ("@1abcd", "no handle"),
        ("@" + "a" * 33, "no handle"),
        ("@mаrket", "no handle"),  # a Cyrillic letter
        ("t.me/market_1/17", "no handle"),
        ("https://example.org/market_1", "no handle"),
        ("https://t.me.example.org/market_1", "no handle"),
        ("tg://join?invite=AbCdEfGh", "no handle"),
        ("", "no handle"),
        ("@", "no handle"),
    ],
)
def test_everything_else_is_refused_and_says_why_without_repeating_it(text: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why) as refused:
        public_handle(text, where="channel 2")
    assert str(refused.value).startswith("channel 2: ")
    assert len(text) < 4 or text not in str(refused.value)


@given(st.text())
def test_whatever_is_taken_is_a_handle(text: str) -> None:
    try:
        handle = public_handle(text)
    except RefusedError:
        return
    assert public_handle(f"@{handle}") == handle
