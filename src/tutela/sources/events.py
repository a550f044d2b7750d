"""JSON as events, so that only what is wanted is ever built; one broken entry costs that entry."""

import re
from collections import deque
from collections.abc import Callable, Container, Iterator
from typing import Any

import ijson

Event = tuple[str, Any]
Events = Iterator[Event]
JsonValue = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
JsonObject = dict[str, JsonValue]
Build = Callable[[Events, str, Any], JsonValue]

_DEEPEST = 16  # what lies deeper than this inside one entry is passed over
_OVERLAP = 256
_OPENING = ("start_map", "start_array")
_CLOSING = ("end_map", "end_array")


class JsonEvents:
    """The events of one JSON text, as an iterator; ijson.JSONError where the text is none.

    `start` matches where an entry of a list begins. The text is handed to the parser in pieces that begin there, so
    that after an error `resume` can go on with the next entry.
    """

    def __init__(self, chunks: Iterator[bytes], start: re.Pattern[bytes]) -> None:
        self._chunks = chunks
        self._start = start
        self._pieces: deque[bytes] = deque()
        self._piece = b""
        self.now = self._parse(b"")

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> Event:
        return next(self.now)

    def resume(self, context: bytes) -> bool:
        """Goes on with the next entry, read as if it came after `context`; False where none can be found.

        None is looked for behind the beginning of another list of messages: it would count for the wrong chat.
        """
        lost = self._piece[1:]
        while (found := self._start.search(lost)) is None:
            if b'"messages"' in lost or not (piece := self._next_piece()):
                return False
            lost = lost[-_OVERLAP:] + piece
        self._pieces.appendleft(lost[found.start() :])
        self.now = self._parse(context)
        return True

    def _parse(self, context: bytes) -> Events:
        ready = ijson.sendable_list()
        parser = ijson.basic_parse_coro(ready, use_float=True)
        if context:
            parser.send(context)
        while piece := self._next_piece():
            ready.clear()
            try:
                parser.send(piece)
            except ijson.JSONError:
                yield from ready  # what was understood before the error still counts
                raise
            yield from ready
        ready.clear()
        parser.close()
        yield from ready

    def _next_piece(self) -> bytes:
        if not self._pieces:
            self._pieces.extend(self._split(next(self._chunks, b"")))
        self._piece = self._pieces.popleft()
        return self._piece

    def _split(self, chunk: bytes) -> Iterator[bytes]:
        position = 0
        for match in self._start.finditer(chunk, 1):
            yield chunk[position : match.start()]
            position = match.start()
        yield chunk[position:]


def fields(events: Events) -> Iterator[tuple[str, str, Any]]:
    """Key, event and value of each field of an object that was just opened; take or `skip` each before the next."""
    for event, key in events:
        if event == "end_map":
            return
        yield (key, *next(events))


def entries(events: JsonEvents, context: bytes, build: Build) -> Iterator[JsonValue]:
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
