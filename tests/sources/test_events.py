"""Only what is wanted is built, and a broken entry costs one entry wherever the pieces of a file end."""

import json
import re
from collections.abc import Callable
from typing import Any

import ijson
import pytest

from sources.conftest import entry, exported, message
from tutela.sources.desktop_message import Message, wanted_message
from tutela.sources.events import JsonEvents, JsonValue, build, entries
from tutela.sources.telethon import wanted_entry

ENTRY = re.compile(rb'\{"id": [0-9]+')


def listed(*chunks: bytes, take: Callable[..., JsonValue] = build) -> list[JsonValue]:
    """The entries of a list in these chunks, None for broken ones; what the end raises is left out."""
    events = JsonEvents(iter(chunks), ENTRY)
    found: list[JsonValue] = []
    try:
        next(events)
        for value in entries(events, b"[", take):
            found.append(value)
    except ijson.JSONError:
        pass
    return found


def halves(text: bytes) -> list[tuple[bytes, bytes]]:
    return [(text[:cut], text[cut:]) for cut in range(1, len(text))]


def pieces(text: bytes) -> list[list[bytes]]:
    return [[text[i : i + size] for i in range(0, len(text), size)] for size in range(1, 20)]


def test_one_broken_entry_costs_one_wherever_a_chunk_ends() -> None:
    text = b'[{"id": 1}, {"id": 2, oops}, {"id": 3}, {"id": 4}]'
    for chunks in [*halves(text), *pieces(text)]:
        assert listed(*chunks) == [{"id": 1}, None, {"id": 3}, {"id": 4}]


def test_entries_behind_another_list_of_messages_are_never_taken() -> None:
    text = b'[{"id": 1}, {"id": 2, oops}]}, {"id_of_chat": 9, "messages": [{"id": 3}]}]'
    for chunks in [*halves(text), *pieces(text)]:
        assert listed(*chunks) == [{"id": 1}]


def test_every_entry_may_be_broken() -> None:
    assert listed(b"[" + b'{"id": 1, x},' * 50 + b'{"id": 2}]') == [None] * 50 + [{"id": 2}]


def test_what_lies_too_deep_is_left_out_and_the_rest_is_kept() -> None:
    deep: Any = "bottom"
    for _ in range(100):
        deep = [deep]
    [found] = listed(json.dumps([{"id": 1, "deep": deep, "after": 5}]).encode())
    assert isinstance(found, dict)
    assert (found["id"], found["after"]) == (1, 5)
    assert "bottom" not in repr(found)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much of one string the parser held when it was given more of it: that is what it reads again."""
    read: list[int] = []
    parser = ijson.basic_parse_coro

    def counting(ready: list[Any], **options: Any) -> Any:
        inner, held = parser(ready, **options), 0

        class Counting:
            close = inner.close

            def send(self, piece: bytes) -> None:
                nonlocal held
                held += len(piece)
                read.append(held)
                inner.send(piece)
                held = 0 if ready else held

        return Counting()

    monkeypatch.setattr(ijson, "basic_parse_coro", counting)
    return read


@pytest.mark.parametrize("megabytes", [1, 3])
def test_a_long_string_is_read_in_few_pieces(handed: list[int], megabytes: int) -> None:
    text = json.dumps([{"id": 1, "text": "x" * (megabytes << 20)}, {"id": 2}]).encode()
    found = listed(*(text[at : at + 4096] for at in range(0, len(text), 4096)))
    assert found == json.loads(text)
    assert sum(handed) < 12 * len(text)


@pytest.mark.parametrize("filler", [b"x", b" "])
def test_a_string_that_is_too_long_costs_its_entry_and_little_time(handed: list[int], filler: bytes) -> None:
    text = b'[{"id": 1, "text": "%b"}, {"id": 2}]' % (filler * (6 << 20))
    found = listed(*(text[at : at + 4096] for at in range(0, len(text), 4096)))
    assert found == [None, {"id": 2}]
    assert sum(handed) < 12 * (4 << 20)


PIXELS = {"_": "PhotoStrippedSize", "type": "i", "bytes": [1, 40, 36]}


def test_a_dump_is_read_without_pixels_and_without_people() -> None:
    photo = {"_": "Photo", "file_reference": [9], "sizes": [PIXELS, {"_": "PhotoSize", "size": 5}]}
    full = entry(
        media={"_": "MessageMediaPhoto", "photo": photo},
        replies={"replies": 3, "recent_repliers": [{"user_id": 42}]},
    )
    [found] = listed(exported([full]).encode(), take=wanted_entry)
    assert isinstance(found, dict)
    assert "PhotoSize" in repr(found)
    assert not any(word in repr(found) for word in ("bytes", "36", "file_reference", "42"))


@pytest.mark.parametrize("key", ["thumbnail", "text_entities", "contact_information", "via_bot", "saved_from"])
def test_an_export_is_read_without_thumbnails_and_acquaintances(key: str) -> None:
    [found] = listed(exported([message(text="hello") | {key: ["Ada"]}]).encode(), take=wanted_message)
    assert isinstance(found, Message)
    assert found.text == "hello" and "Ada" not in repr(found)
