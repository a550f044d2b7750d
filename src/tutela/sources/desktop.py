"""Telegram Desktop's `result.json`: one chat, or a whole account of which only channels and groups are read."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import ijson
import msgspec

from tutela.model import Channel, ChannelKind, Pseudonym
from tutela.sources.account import Part, Tally
from tutela.sources.batches import Batch, Batches
from tutela.sources.desktop_message import Message, attached, messages, salvaged_message, wanted_message
from tutela.sources.desktop_posts import DesktopPosts, is_post
from tutela.sources.events import JsonEvents, fields, skip, sound
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.reading import FileSource
from tutela.sources.runs import LONGEST, Run, Shelves
from tutela.sources.streams import MendedFile
from tutela.sources.values import integer, string

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
_MESSAGE = re.compile(rb'\{\s{0,64}"id":\s?-?[0-9]{1,19},\s{0,64}"type":\s?"(?:message|service|unsupported)"')
_passed_over = msgspec.json.Decoder(list[msgspec.defstruct("Passed", [])]).decode  # type: ignore[misc]
_MOST = 1 << 12  # messages in a run
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

    def __init__(self, path: Path, pseudonyms: Pseudonymiser, side_files: Sequence[Path] = ()) -> None:
        super().__init__(path, pseudonyms, side_files)
        self._posts = lru_cache(1)(lambda channel: DesktopPosts(channel, pseudonyms, self._files))

    def _parts(self, file: MendedFile, tally: Tally, shelves: Shelves | None) -> Iterator[Part]:
        events = JsonEvents(file, _MESSAGE)
        late: list[_Head] | None = None
        for number, (head, context) in enumerate(_chats(events, tally)):
            if head.type is None or head.id is None:
                late = late or self._heads()
                head = late[number] if number < len(late) else head
            place = f"chat {number + 1}"
            if channel := self._channel(head, place, tally):
                yield channel
                shelf = shelves(channel.ref) if shelves else None
                batches = Batches(file, events, messages, salvaged_message, wanted_message, shelf=shelf)
                yield from self._runs(channel.ref, batches.read(context), place, tally)
            else:
                _pass_over(file, events, context)

    def _heads(self) -> list[_Head]:
        """The head of each chat, from a pass of its own over the file."""
        heads = []
        with MendedFile(self.path) as file, suppress(ijson.JSONError):
            events = JsonEvents(file, _MESSAGE)
            for head, context in _chats(events, Tally(self.kind)):
                heads.append(head)
                _pass_over(file, events, context)
        return heads

    def _channel(self, head: _Head, place: str, tally: Tally) -> Channel | None:
        """None where the chat may not or cannot be read."""
        kind = _KINDS.get(string(head.type))
        if kind is None:
            tally.refuse(string(head.type) if head.type in _REFUSED else "unknown_type")
        elif integer(head.id) is None:
            tally.damage(f"{place}: no id")
        else:
            return Channel(self._pseudonyms.channel(str(head.id)), kind)
        return None

    def run(self, channel: Pseudonym, texts: Sequence[bytes]) -> Run:
        """See `Source`."""
        return self._run(channel, [message for text in texts for message in messages(b"[%b]" % text)], texts)

    def _run(self, channel: Pseudonym, found: Sequence[Message], texts: Sequence[bytes]) -> Run:
        make = self._posts(channel).post
        return Run(
            channel,
            len(found),
            texts,
            lambda: [make(message) for message in found],
            lambda row, position: attached(found[row])[position],
        )

    def _runs(self, channel: Pseudonym, batches: Iterator[Batch[Message]], place: str, tally: Tally) -> Iterator[Part]:
        taken, number = _Messages(), 0
        make = partial(self._run, channel)
        try:
            for batch in batches:
                if batch.known is not None:
                    yield from taken.run(make)
                    yield batch.known
                    number += len(batch.known)
                    continue
                are_posts = [is_post(message) for message in batch.entries]
                sound = bool(batch.text) and all(are_posts)
                if sound is not taken.sound or taken.is_long:
                    yield from taken.run(make)
                    taken.sound = sound
                taken.add(batch)
                for at, known in enumerate(are_posts, number + 1):
                    if not known:
                        tally.damage(f"{place}, message {at}")
                number += len(are_posts)
        except ijson.JSONError:
            yield from taken.run(make)
            raise
        yield from taken.run(make)


class _Messages:
    """Messages that become a run, all of them sound or not."""

    def __init__(self) -> None:
        self.sound = True
        self._clear()

    @property
    def is_long(self) -> bool:
        """Whether the run should end."""
        return self._size >= LONGEST or len(self._found) >= _MOST

    def add(self, batch: Batch[Message]) -> None:
        """Takes in those of a batch that become posts."""
        self._size += len(batch.text)
        self._texts.append(batch.text)
        self._found += filter(is_post, batch.entries)

    def run(self, make: Callable[[Sequence[Message], Sequence[bytes]], Run]) -> Iterator[Run]:
        """The run, unless it is empty, and begins another."""
        if self._found:
            yield make(self._found, self._texts if self.sound else ())
        self._clear()

    def _clear(self) -> None:
        self._size = 0
        self._texts: list[bytes] = []
        self._found: list[Message] = []


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


def _passed_by(text: bytes) -> None:
    sound(text)  # what a refused chat holds is never built, whatever is wrong with it


def _pass_over(file: MendedFile, events: JsonEvents, context: bytes) -> None:
    passed = Batches(file, events, _passed_over, _passed_by, lambda now, event, _: skip(now, event))
    for _ in passed.read(context):
        pass
