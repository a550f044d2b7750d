"""JSON as events, so that only what is wanted is ever built; one broken entry costs that entry."""

import re
from collections.abc import Callable, Container, Iterator
from io import BytesIO
from operator import length_hint
from typing import Any, TypeVar

import ijson
import msgspec

Event = tuple[str, Any]
Events = Iterator[Event]
JsonValue = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
JsonObject = dict[str, JsonValue]
Entry = TypeVar("Entry")
Build = Callable[[Events, str, Any], Entry]

sound = msgspec.json.Decoder(msgspec.Raw).decode
"""Takes one JSON value and builds nothing of it; msgspec.MsgspecError or ValueError where the text is none."""

_DEEPEST = 16  # what lies deeper than this inside one entry is passed over
_OVERLAP = 256
_MOST = 1 << 18  # bytes that the parser is given at a time
_LONGEST = 1 << 22  # bytes without any event: no exporter writes a string or a gap like that
_NO_JSON = (ijson.JSONError, UnicodeDecodeError)  # the second for half of a character, written as an escape
_OPENING = ("start_map", "start_array")
_CLOSING = ("end_map", "end_array")
_LIST = rb'"messages"\s{0,64}:\s{0,64}\['
_BETWEEN = re.compile(rb"(?:\[|\}\s{0,64},)\s{0,64}\Z")


class JsonEvents:
    """The events of one JSON text, as an iterator; ijson.JSONError where the text is none.

    `start` matches where an entry of a list begins. The text is handed to the parser in pieces that begin there, so
    that after an error `resume` can go on with the next entry.
    """

    def __init__(self, chunks: Iterator[bytes], start: re.Pattern[bytes]) -> None:
        self._chunks = chunks
        self._start = start
        self._border = re.compile(_LIST + b"|(?=" + start.pattern + b")")
        self._chunk = self._piece = b""
        self._at = 0
        self._ready: Events = iter(())
        self._broken = False
        self.now = self._parse(b"")

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> Event:
        return next(self.now)

    @property
    def between(self) -> bool:
        """Whether everything that the parser was given is used up, and an entry of a list may come next."""
        place = _BETWEEN.search(self._piece[-_OVERLAP:])
        if self._broken or length_hint(self._ready) or place is None:
            return False
        if place[0].startswith(b"[") or not self._piece.startswith(b"{"):
            return True
        return _is_sound(self._piece.rstrip()[:-1])

    def take_back(self) -> bytes:
        """The text that was not given to the parser yet, to be read in another way until `go_on`."""
        rest, self._chunk, self._at = self._chunk[self._at :], b"", 0
        return rest

    def go_on(self, context: bytes) -> None:
        """Reads on from `chunks`, as if what comes next came after `context`."""
        self._broken = False
        self.now = self._parse(context)

    def resume(self, context: bytes) -> bool:
        """Goes on with the next entry, read as if it came after `context`; False where none can be found.

        None is looked for behind the beginning of another list of messages: it would count for the wrong chat.
        """
        lost = self._piece[1:]
        while (found := self._start.search(lost)) is None:
            if b'"messages"' in lost or not (piece := self._next_piece()):
                return False
            lost = lost[-_OVERLAP:] + piece
        self._chunk, self._at = lost[found.start() :] + self.take_back(), 0
        self._piece, self._ready = b"[", iter(())
        self.go_on(context)
        return True

    def _parse(self, context: bytes) -> Events:
        ready = ijson.sendable_list()
        parser = ijson.basic_parse_coro(ready, use_float=True)
        if context:
            parser.send(context)
        waiting = 0
        # With each piece the parser reads a string from its beginning again: a long one must come in few pieces.
        while piece := self._next_piece(min(waiting, _MOST)):
            ready.clear()
            try:
                parser.send(piece)
            except _NO_JSON as error:
                self._broken = True
                yield from ready  # what was understood before the error still counts
                raise ijson.JSONError("no JSON") from error
            waiting = 0 if ready else waiting + len(piece)
            if waiting > _LONGEST:
                self._broken = True
                raise ijson.JSONError("a string that is too long")
            self._ready = iter(ready)
            yield from self._ready
        ready.clear()
        parser.close()
        yield from ready

    def _next_piece(self, size: int = 0) -> bytes:
        """The text up to where an entry may begin, else at least `size` bytes of it; empty at the end."""
        while len(self._chunk) - self._at <= size and (more := next(self._chunks, b"")):
            self._chunk = self.take_back() + more
        border = self._border.search(self._chunk, self._at + 1)
        end = border.end() if border else len(self._chunk)
        self._piece, self._at = self._chunk[self._at : end], end
        return self._piece


def _is_sound(text: bytes) -> bool:
    """Whether the text is one JSON value: where it is broken, what looks like its end may stand inside of a string."""
    try:
        sound(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


def fields(events: Events) -> Iterator[tuple[str, str, Any]]:
    """Key, event and value of each field of an object that was just opened; take or `skip` each before the next."""
    for event, key in events:
        if event == "end_map":
            return
        yield (key, *next(events))


def entries(events: JsonEvents, context: bytes, build: Build[Entry]) -> Iterator[Entry | None]:
    """Each entry of a list that was just opened, as `build` makes it; None where one was broken.

    `context` is what `JsonEvents.resume` needs. Raises ijson.JSONError where no entry can be found any more.
    """
    while True:
        try:
            event, value = next(events.now)
            if event == "end_array":
                return
            entry = build(events.now, event, value)
        except ijson.JSONError:
            if not events.resume(context):
                raise
            entry = None
        yield entry


def single(text: bytes, build: Build[Entry]) -> Entry:
    """What `build` makes of a text that is one value and nothing else; ijson.JSONError where it is not.

    It is read as the only entry of a list: by itself, a value may be followed by half a string unnoticed (yajl).
    """
    events = ijson.basic_parse(BytesIO(b"[%b]" % text), buf_size=_MOST, use_float=True)
    try:
        _, (event, value) = next(events), next(events)
        if event == "end_array":
            raise ijson.JSONError("no value")
        entry = build(events, event, value)
        if next(events)[0] != "end_array":
            raise ijson.JSONError("more than one value")
        for _ in events:  # only to learn whether anything stands behind the list
            pass
    except _NO_JSON as error:
        raise ijson.JSONError("no JSON") from error
    return entry


def skip(events: Events, event: str) -> None:
    """Passes over a value whose first event is `event` without building it."""
    depth = int(event in _OPENING)
    while depth:
        event, _ = next(events)
        depth += (event in _OPENING) - (event in _CLOSING)


def build(events: Events, event: str, value: Any, unwanted: Container[str] = (), depth: int = _DEEPEST) -> JsonValue:
    """A value as plain Python, without any field whose key is in `unwanted`."""
    if event not in _OPENING:
        return value  # type: ignore[no-any-return]
    if not depth:
        skip(events, event)
        return None
    if event == "start_array":
        return list(_elements(events, unwanted, depth))
    built: JsonObject = {}
    for key, first, content in fields(events):
        if key in unwanted:
            skip(events, first)
        else:
            built[key] = build(events, first, content, unwanted, depth - 1)
    return built


def _elements(events: Events, unwanted: Container[str], depth: int) -> Iterator[JsonValue]:
    for event, value in events:
        if event == "end_array":
            return
        yield build(events, event, value, unwanted, depth - 1)
