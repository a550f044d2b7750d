"""Telegram Desktop's `result.json`: one chat, or a whole account of which only channels and groups are read."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import ijson

from tutela.model import Channel, ChannelKind, Post
from tutela.sources.account import Item, Tally
from tutela.sources.desktop_posts import DesktopPosts, wanted_message
from tutela.sources.events import JsonEvents, JsonValue, entries, fields, skip
from tutela.sources.reading import FileSource
from tutela.sources.streams import MendedFile
from tutela.sources.values import integer, obj, string

CHAT_LISTS = frozenset({"chats", "left_chats"})
"""The parts of an account's export that hold chats."""

PRIVATE_SECTIONS = frozenset(
    {
        "personal_information",
        "profile_pictures",
        "stories",
        "contacts",
        "frequent_contacts",
        "sessions",
        "web_sessions",
        "other_data",
    }
)
"""The parts of an account's export that are about the operator and the operator's acquaintances: never read."""

_KINDS = {
    "public_channel": ChannelKind.PUBLIC_CHANNEL,
    "private_channel": ChannelKind.PRIVATE_CHANNEL,
    "public_supergroup": ChannelKind.PUBLIC_GROUP,
    "private_supergroup": ChannelKind.PRIVATE_GROUP,
    "private_group": ChannelKind.PRIVATE_GROUP,
}
_REFUSED = frozenset({"personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"})
_MESSAGE = re.compile(rb'\{\s{1,64}"id":\s?-?[0-9]{1,19},\s{1,64}"type":\s?"(?:message|service|unsupported)"')
_IN_CHAT = b'{"messages":['
_IN_LIST = b'{"chats":{"list":[{"messages":['


@dataclass(slots=True)
class _Head:
    """What says whether a chat may be read; it usually stands before the messages, but need not."""

    type: object = None
    id: object = None


class DesktopSource(FileSource):
    """`path` is the JSON file; media are looked for in its folder."""

    kind = "telegram-desktop"

    def _items(self, file: MendedFile, tally: Tally) -> Iterator[Item]:
        events = JsonEvents(file.chunks, _MESSAGE)
        late: list[_Head] | None = None
        for number, (head, context) in enumerate(_chats(events, tally)):
            if head.type is None or head.id is None:
                late = late or self._heads()
                head = late[number] if number < len(late) else head
            yield from self._chat(events, context, head, f"chat {number + 1}", tally)

    def _heads(self) -> list[_Head]:
        """The head of each chat, from a pass of its own over the file."""
        heads = []
        with MendedFile(self.path) as file, suppress(ijson.JSONError):
            events = JsonEvents(file.chunks, _MESSAGE)
            for head, context in _chats(events, Tally(self.kind)):
                heads.append(head)
                _pass_over(events, context)
        return heads

    def _chat(self, events: JsonEvents, context: bytes, head: _Head, place: str, tally: Tally) -> Iterator[Item]:
        kind = _KINDS.get(string(head.type))
        if kind is None:
            tally.refuse(string(head.type) if head.type in _REFUSED else "unknown_type")
        elif integer(head.id) is None:
            tally.damage(f"{place}: no id")
        else:
            channel = Channel(self._pseudonyms.channel(str(head.id)), kind)
            yield channel
            yield from self._posts(channel, entries(events, context, wanted_message), place, tally)
            return
        _pass_over(events, context)

    def _posts(self, channel: Channel, messages: Iterator[JsonValue], place: str, tally: Tally) -> Iterator[Post]:
        reader = DesktopPosts(channel.ref, self._pseudonyms, self._files)
        for number, message in enumerate(messages, 1):
            post = reader.post(obj(message))
            if post is None:
                tally.damage(f"{place}, message {number}")
            else:
                yield post


def _chats(events: JsonEvents, tally: Tally) -> Iterator[tuple[_Head, bytes]]:
    """Each chat where its messages begin, with its place; take or pass over the messages before the next."""
    if next(events)[0] != "start_map":
        raise ijson.JSONError("not an object")
    yield from _chat(events, _IN_CHAT, tally)
    for _ in events:  # only to learn whether anything stands behind the export
        pass


def _chat(events: JsonEvents, context: bytes, tally: Tally) -> Iterator[tuple[_Head, bytes]]:
    head, root = _Head(), context is _IN_CHAT
    for key, event, value in fields(events):
        if key == "messages" and event == "start_array":
            yield head, context
        elif root and key in CHAT_LISTS and event == "start_map":
            yield from _listed(events, tally)
        else:
            if key in ("type", "id"):
                setattr(head, key, value)
            elif root and key in PRIVATE_SECTIONS:
                tally.refuse(key)
            skip(events, event)


def _listed(events: JsonEvents, tally: Tally) -> Iterator[tuple[_Head, bytes]]:
    for key, first, _ in fields(events):
        if key != "list" or first != "start_array":
            skip(events, first)
            continue
        for event, _ in events:
            if event == "end_array":
                break
            if event == "start_map":
                yield from _chat(events, _IN_LIST, tally)
            else:
                tally.damage("an entry among the chats")
                skip(events, event)


def _pass_over(events: JsonEvents, context: bytes) -> None:
    for _ in entries(events, context, lambda now, event, _: skip(now, event)):
        pass
