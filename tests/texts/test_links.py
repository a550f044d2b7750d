"""Links in texts and on buttons: every way to write one, one identity each, and nothing that is no channel."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.model import LinkKind
from tutela.texts.links import links

LINK, MENTION = LinkKind.LINK, LinkKind.MENTION
INVITE = "AAAAAEx4mple_Hash-1"


@pytest.mark.parametrize(
    "text",
    ["@RoseClub", "see @roseclub.", "(@ROSECLUB)", "«@roseclub»", "a\n@roseclub\nb", "см.@x @roseclub", "@roseclub's"],
)
def test_a_handle_in_a_text_is_a_mention(text: str) -> None:
    assert links(text) == ((MENTION, "@roseclub"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "roses",
        "ada@roseclub.example",
        "@rose@club",
        "@ros",
        "@1rose",
        "@_rose",
        "@" + "r" * 33,
        "user/@roseclub",
        "@@roseclub",
        "half a / and a :",
    ],
)
def test_what_only_looks_like_a_handle_is_none(text: str) -> None:
    assert links(text) == ()


@pytest.mark.parametrize(
    "link",
    [
        "https://t.me/RoseClub",
        "http://t.me/roseclub/12",
        "t.me/roseclub?start=5",
        "T.ME/ROSECLUB",
        "https://telegram.me/roseclub",
        "https://telegram.dog/roseclub",
        "https://www.t.me/roseclub",
        "https://t.me/s/roseclub",
        "https://roseclub.t.me",
        "roseclub.t.me/5",
        "tg://resolve?domain=RoseClub",
        "tg:resolve?domain=roseclub&post=3",
        "tg://resolve?post=3&domain=roseclub",
    ],
)
def test_every_way_to_write_a_handle_as_a_link(link: str) -> None:
    assert links(f"come to {link}, all of you") == ((LINK, "@roseclub"),)
    assert links("here", [link]) == ((LINK, "@roseclub"),)
    assert links(f"({link})") == ((LINK, "@roseclub"),)


@pytest.mark.parametrize(
    ("link", "identity"),
    [
        ("https://t.me/c/1234567890/55", "1234567890"),
        ("t.me/c/0123", "123"),
        ("tg://privatepost?channel=1234567890&post=5", "1234567890"),
        (f"https://t.me/joinchat/{INVITE}", f"invite:{INVITE}"),
        (f"https://t.me/+{INVITE}", f"invite:{INVITE}"),
        (f"tg://join?invite={INVITE}", f"invite:{INVITE}"),
        ("https://t.me/share/url?url=https://t.me/roseclub", "@roseclub"),
    ],
)
def test_numbers_and_invitations(link: str, identity: str) -> None:
    assert links(link) == links("x", [link]) == ((LINK, identity),)


@pytest.mark.parametrize(
    "link",
    [
        "https://t.me/",
        "https://t.me/addstickers/Roses",
        "https://t.me/share/url",
        "https://t.me/proxy?server=x",
        "https://t.me/+4915112345678",
        "https://t.me/c/",
        "https://t.me/c/0",
        "https://example.org/roseclub",
        "https://not-t.me/roseclub",
        "https://at.me/roseclub",
        "https://t.me.example.org/roseclub",
        "ada@t.me/roseclub",
        "tg://proxy?server=x",
        "https://t.me/joinchat/x",
    ],
)
def test_other_addresses_lead_to_no_channel(link: str) -> None:
    assert links(link) == links("x", [link]) == ()


def test_each_way_counts_once_and_a_mention_is_not_a_link() -> None:
    text = "@roseclub @RoseClub t.me/roseclub https://t.me/s/roseclub"
    assert links(text, ["https://t.me/roseclub"]) == ((MENTION, "@roseclub"), (LINK, "@roseclub"))


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_gives_only_normal_identities(text: str, urls: list[str]) -> None:
    for _, identity in links(text, urls):
        assert identity.isdigit() or identity.startswith("invite:") or identity == f"@{identity[1:].lower()}"


@given(st.text(st.sampled_from("@t.me/+c? &=:geramldogrsvinw0\n"), max_size=300), st.text(max_size=5))
def test_words_around_a_link_do_not_hide_it(before: str, after: str) -> None:
    assert (LINK, "@roseclub") in links(f"{before} https://t.me/roseclub {after}")


def test_a_long_text_takes_no_long_time() -> None:
    start = time.process_time()
    for unit in ("tg:resolve?" + "&" * 9, "t.me/", "@a", "https://", "a.t.me", "resolve?&domain="):
        links(unit * (200_000 // len(unit)), [unit * 1000])
    assert time.process_time() - start < 5
