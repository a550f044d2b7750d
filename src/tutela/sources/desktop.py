"""Telegram Desktop's `result.json`: one chat, or a whole account of which only channels and groups are read."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import ijson
import msgspec

from tutela.model import Channel, ChannelKind, Post, Pseudonym
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

    def _parts(self, file: MendedFile, tally: Tally, shelves: Shelves | None, *, defer: bool) -> Iterator[Part]:
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
                yield from self._runs(channel.ref, batches.read(context), place, tally, defer=defer)
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
        taken = _Messages(channel, self._posts(channel).post)
        for text in texts:
            taken.add(text, messages(b"[%b]" % text))
        (run,) = taken.run()
        return run

    def _runs(
        self, channel: Pseudonym, batches: Iterator[Batch[Message]], place: str, tally: Tally, *, defer: bool
    ) -> Iterator[Part]:
        taken, number = _Messages(channel, self._posts(channel).post, defer=defer), 0
        try:
            for batch in batches:
                if batch.known is not None:
                    yield from taken.run()
                    yield batch.known
                    number += len(batch.known)
                    continue
                found = [message for message in batch.entries if is_post(message)]
                sound = bool(batch.text) and len(found) == len(batch.entries)
                if sound is not taken.sound or taken.is_long:
                    yield from taken.run()
                    taken.sound = sound
                taken.add(batch.text, found)
                if len(found) < len(batch.entries):
                    for at, message in enumerate(batch.entries, number + 1):
                        if not is_post(message):
                            tally.damage(f"{place}, message {at}")
                number += len(batch.entries)
        except ijson.JSONError:
            yield from taken.run()
            raise
        yield from taken.run()


class _Messages:
    """Messages of one channel that become a run, all of them sound or not; of sound ones posts may be deferred.

    Posts are made of a few messages at a time: what these lie in is still in the processor's cache, and used again.
    """

    def __init__(self, channel: Pseudonym, make: Callable[[Message], Post], *, defer: bool = False) -> None:
        self.sound = True
        self._channel = channel
        self._make = make
        self._defer = defer
        self._clear()

    @property
    def is_long(self) -> bool:
        """Whether the run should end."""
        return self._size >= LONGEST or self._length >= _MOST

    def add(self, text: bytes, found: Sequence[Message]) -> None:
        """Takes in messages that become posts (`is_post`), and what they were read from."""
        self._size += len(text)
        self._length += len(found)
        self._texts.append(text)
        if self.sound and self._defer:
            return
        for message in found:
            post = self._make(message)
            if post.attachments:
                self._names[len(self._posts)] = attached(message)
            self._posts.append(post)

    def run(self) -> Iterator[Run]:
        """The run, unless it is empty, and begins another."""
        names = self._names
        if self._length:
            texts = self._texts if self.sound else ()
            yield Run(self._channel, self._length, self._posts, texts, lambda row, position: names[row][position])
        self._clear()

    def _clear(self) -> None:
        self._size = self._length = 0
        self._texts: list[bytes] = []
        self._names: dict[int, list[str]] = {}
        self._posts: list[Post] = []


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
