"""Any value and any bytes: an error that is ours, or a normal end."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.conftest import KEY, chat, entry, exported, lines, message
from tutela.model import Channel, Post
from tutela.sources import Pseudonymiser, SourceError, open_sources

KEYS = """
_ about action actor actor_id answers attributes author bytes channel channel_id chat_id chats closed contacts count
date date_unixtime document document_id edited edit_date emoji extended_media file file_size forwarded_from from from_id
full_chat fwd_from grouped_id id inline_bot_buttons kind left_chats list media media_type members message messages
mime_type option participants participants_count path peer_id photo poll question reaction reactions reply_markup
reply_to restriction_reason results rows buttons sizes state text to_id total_voters type user_id views voters at
"""
WORDS = """
Message MessageService channelFull Channel ChannelForbidden MessageMediaPhoto MessageMediaDocument MessageMediaPoll
MessageMediaPaidMedia PeerChannel PeerUser message service unsupported public_channel personal_chat post channel reading
photo emoji paid 2023-05-01T12:00:00+00:00 1682942400 user1 channel1 ../x /etc/passwd
"""
scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, -1, 777, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400, 1e300])
    | st.sampled_from([*WORDS.split(), "", "\0", "\ud800", "x" * 300])
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=6),
    max_leaves=25,
)
shapes = [
    lambda value: exported(chat(message(1), message(2, **value), value, message(3))),
    lambda value: exported(chat(value) | value),
    lambda value: exported({"chats": {"list": [chat(message(1)) | value, value]}} | value),
    lambda value: exported([entry(1) | value, value, entry(2)]),
    lambda value: lines(entry(1), entry(2) | value, value, entry(3)),
    lambda value: lines(
        {"type": "post", "channel": "x", "id": 1}, {"type": "post", "channel": "x", "id": 2} | value, value
    ),
    lambda value: json.dumps(value),
]
SEEDS = [
    exported(chat(*(message(n) for n in range(3)))),
    exported({"about": "", "chats": {"list": [chat(message(1)), chat(message(2), kind="personal_chat")]}}),
    exported([entry(1), {"_": "channelFull", "id": 1}]),
    lines(entry(1), entry(2)),
    lines({"type": "channel", "id": 1}, {"type": "post", "channel": 1, "id": 1}),
]


def survives(content: bytes, folder: Path) -> None:
    """Opens and reads it; what is yielded is whole, and the account agrees."""
    (folder / "result.json").write_bytes(content)
    try:
        sources = open_sources(folder, Pseudonymiser(KEY))
    except SourceError:
        return
    for source in sources:
        items = list(source.read())
        assert source.account.posts == sum(isinstance(item, Post) for item in items)
        assert source.account.sha256
        seen = {item.ref for item in items if isinstance(item, Channel)}
        assert all(item.channel in seen for item in items if isinstance(item, Post))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS.split()), values, max_size=8), st.sampled_from(shapes))
def test_any_value_in_any_place(folder: Path, value: dict[str, Any], shape: Any) -> None:
    survives(shape(value).encode("utf-8", "surrogatepass"), folder)


@settings(max_examples=75, deadline=None)
@given(values)
def test_any_json(folder: Path, value: Any) -> None:
    survives(json.dumps(value).encode(), folder)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(folder: Path, content: bytes) -> None:
    survives(content, folder)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_bytes_in_the_midst_of_a_source(folder: Path, seed: str, data: st.DataObject) -> None:
    content = seed.encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    survives(content[:start] + data.draw(st.binary(max_size=20)) + content[end:], folder)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"messages":[', b'[{"_":'])
def test_nesting_without_end(folder: Path, opening: bytes) -> None:
    survives(b'{"type": "public_channel", "id": 1, "messages": [{"id": 1, "poll": ' + opening * 50_000, folder)
    survives(opening * 50_000, folder)


def test_keys_that_come_twice(folder: Path) -> None:
    twice = '{"type": "personal_chat", "type": "public_channel", "id": 1, "id": 2, "messages": [], "messages": [%s]}'
    survives((twice % '{"id": 1, "id": 2, "type": "message", "text": 1, "text": "x"}').encode(), folder)
