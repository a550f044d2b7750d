"""A Telethon dump: what `to_dict` or `to_json` gave, as one JSON array or one object a line."""

import re
from collections.abc import Iterator
from typing import Any

import ijson
import msgspec

from tutela.model import Channel, ChannelKind, ChannelReading, ChannelState, Pseudonym
from tutela.sources.account import Item, Tally
from tutela.sources.batches import Batches, Decode
from tutela.sources.events import Events, JsonEvents, JsonObject, JsonValue, build, single
from tutela.sources.files import Files
from tutela.sources.mending import mended
from tutela.sources.people import chat_number, once, user_number
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.reading import FileSource
from tutela.sources.streams import MendedFile
from tutela.sources.telethon_posts import TelethonPosts
from tutela.sources.values import count, integer, obj, objects, string

# Pixels first of all: stripped, cached and path thumbnails are bytes inside the dump.
_UNWANTED = """
bytes thumb thumbs video_thumbs stripped_thumb file_reference webpage cached_page data recent_voters recent_repliers
top_reactors solution
"""
_UNWANTED_KEYS = frozenset(_UNWANTED.split())
_ENTRY = re.compile(rb'\{\s{0,64}"_":\s{0,64}"Message(?:Service|Empty)?"')
_MESSAGE = re.compile(rb'\s{0,64}\{\s{0,64}"_":\s{0,64}"Message"')  # whole: lists inside begin with `"MessageEntity…`
_array: Decode[Any] = msgspec.json.Decoder(list[dict[str, Any]]).decode
_value = msgspec.json.Decoder().decode
_object = msgspec.json.Decoder(dict[str, Any]).decode


def wanted_entry(events: Events, event: str, value: object) -> JsonValue:
    """One entry of a dump without people, link previews or anything that could hold pixels."""
    return build(events, event, value, _UNWANTED_KEYS)


class TelethonSource(FileSource):
    """`path` is the dump; files that its messages name are looked for in its folder."""

    kind = "telethon"

    def _items(self, file: MendedFile, tally: Tally) -> Iterator[Item]:
        dump = _Dump(self._pseudonyms, self._files, tally)
        for number, entry in enumerate(_entries(file), 1):
            yield from dump.items(obj(entry), f"entry {number}")


def _entries(file: MendedFile) -> Iterator[JsonValue]:
    """Each entry of the array, or of each line; None for what is broken."""
    if file.first_byte() != b"[":
        yield from (_line(line, file) for line in file.lines() if line is None or line.strip())
        return
    events = JsonEvents(file, _ENTRY)
    next(events)
    for batch in Batches(file, events, _array, lambda text: obj(_value(text)), wanted_entry, _MESSAGE).read(b"["):
        yield from batch.entries
    for _ in events:  # only to learn whether anything stands behind the array
        pass


def _line(line: bytes | None, file: MendedFile) -> JsonValue:
    try:
        return _object(line or b"")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    text, repairs = mended(line or b"")
    try:
        entry = single(text, wanted_entry)
    except (ijson.JSONError, StopIteration):
        return None
    file.repaired += repairs
    return entry


class _Dump:
    """Sorts the entries of one dump by what they are."""

    def __init__(self, pseudonyms: Pseudonymiser, files: Files, tally: Tally) -> None:
        self._pseudonyms = pseudonyms
        self._posts = TelethonPosts(pseudonyms, files)
        self._tally = tally
        self._told: dict[Pseudonym, Channel] = {}
        self._people: set[int] = set()

    def items(self, entry: JsonObject, place: str) -> Iterator[Item]:
        """What one entry comes to; answers of the server that hold several things give each of them."""
        parts = [*objects(entry.get("chats")), *objects(entry.get("messages")), obj(entry.get("full_chat"))]
        for part in [part for part in parts if not _UNWANTED_KEYS.issuperset(part)] or [entry]:  # that says anything
            yield from self._item(part, place)

    def _item(self, entry: JsonObject, place: str) -> Iterator[Item]:
        name = string(entry.get("_"))
        match name[:1].upper() + name[1:]:
            case "Message" | "MessageService":
                yield from self._message(entry, place)
            case "Channel" | "Chat" | "ChannelFull" | "ChatFull" | "ChannelForbidden" | "ChatForbidden" as of:
                yield from self._front(entry, of, place)
            case "User" | "UserFull" | "UserEmpty":
                self._tally.refuse("person")
            case "MessageEmpty" | "ChatEmpty":
                pass
            case _:
                self._tally.damage(place)

    def _message(self, entry: JsonObject, place: str) -> Iterator[Item]:
        peer = entry.get("peer_id") or entry.get("to_id")
        chat, person = chat_number(peer), user_number(peer)
        if chat is not None:
            ref = self._pseudonyms.channel(str(chat))
            if post := self._posts.post(ref, entry):
                if ref not in self._told:
                    yield from self._channel(Channel(ref, ChannelKind.UNKNOWN))
                yield post
                return
        elif person is not None:
            if person not in self._people:
                self._people.add(person)
                self._tally.refuse("personal_chat")
            return
        self._tally.damage(place)

    def _channel(self, seen: Channel) -> Iterator[Channel]:
        """The channel where it is new, and again once its kind or one more of its handles is known."""
        told = self._told.get(seen.ref)
        if told is not None:
            kind = seen.kind if told.kind is ChannelKind.UNKNOWN else told.kind
            seen = Channel(seen.ref, kind, once((*told.aliases, *seen.aliases)))
        if seen != told:
            self._told[seen.ref] = seen
            yield seen

    def _front(self, entry: JsonObject, of: str, place: str) -> Iterator[Channel | ChannelReading]:
        number = integer(entry.get("id"))
        if number is None:
            self._tally.damage(place)
            return
        ref, members, state = self._pseudonyms.channel(str(number)), _members(entry), _state(entry, of)
        aliases = once(self._pseudonyms.channel(f"@{name}") for name in _usernames(entry))
        yield from self._channel(Channel(ref, _kind(entry, of), aliases))
        if members is not None or state is not ChannelState.ACCESSIBLE or of.endswith("Full"):
            yield ChannelReading(ref, None, members, state)


def _members(entry: JsonObject) -> int | None:
    listed = obj(entry.get("participants")).get("participants")  # a basic group has a roster and no count
    number = count(entry.get("participants_count"))
    return len(listed) if number is None and isinstance(listed, list) else number


def _state(entry: JsonObject, of: str) -> ChannelState:
    if of.endswith("Forbidden"):
        return ChannelState.FORBIDDEN
    return ChannelState.RESTRICTED if any(objects(entry.get("restriction_reason"))) else ChannelState.ACCESSIBLE


def _usernames(entry: JsonObject) -> Iterator[str]:
    for name in (entry.get("username"), *(each.get("username") for each in objects(entry.get("usernames")))):
        if isinstance(name, str) and name:
            yield name


def _kind(entry: JsonObject, of: str) -> ChannelKind:
    public = bool(entry.get("username") or entry.get("usernames"))
    if of == "Channel" and entry.get("broadcast"):
        return ChannelKind.PUBLIC_CHANNEL if public else ChannelKind.PRIVATE_CHANNEL
    if of in ("Channel", "Chat"):
        return ChannelKind.PUBLIC_GROUP if public else ChannelKind.PRIVATE_GROUP
    return ChannelKind.UNKNOWN
