"""Entries of a list of objects, many at a time: from the text itself, without an event for each of its words.

A place where one entry ends and the next begins is only *guessed*. What lies between two places is then decoded as a
list. Where that succeeds the guess was right, whatever the layout and whatever the strings hold: reading a list, a
parser that has taken in a whole number of values can be in one state only. Where it fails, entries are read one by
one, and one that cannot be read in this way is left to `tutela.sources.events`.
"""

import re
from collections.abc import Callable, Iterator, Sequence, Sized
from itertools import islice
from typing import Generic, NamedTuple

import ijson
import msgspec

from tutela.sources.events import Build, Entry, JsonEvents, single
from tutela.sources.mending import mended
from tutela.sources.runs import HEAD, Shelf
from tutela.sources.streams import MendedFile

Decode = Callable[[bytes], Sequence[Entry]]
"""Makes the entries of a JSON array; msgspec.MsgspecError or ValueError where one is not as expected."""

Salvage = Callable[[bytes], Entry | None]
"""Makes what can be made of one JSON value; raises the same where the text is none."""

FIRST_KEY = re.compile(rb'\s{0,64}\{\s{0,64}"[^"\\]{1,64}"')
"""How an entry begins, up to what all entries of a list have in common."""

_CLOSING = re.compile(rb"\}\s{0,64}\]")
_TRIES = 64  # so many closing brackets inside of a last entry are looked at before it is given up
_MANY = 1 << 14  # bytes that are decoded at a time: they and what is made of them stay in the processor's cache
_FOLLOWS = re.compile(rb"\s{0,64}(?:,(?=\s{0,64}\{)|(?=\]))")  # what can stand behind the last entry of a run
_ELSEWHERE = b'"messages"'
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


class Batch(NamedTuple, Generic[Entry]):
    """Entries of a list, None for one that was broken, or what is `known` of them from another time.

    `text` is what they were made of, where it was sound; the comma between it and what follows left out.
    """

    entries: Sequence[Entry | None]
    text: bytes = b""
    known: Sized | None = None


class Batches(Generic[Entry]):
    """Reads lists of one file; what is on the `shelf` is taken from there.

    Entries are made by `decode` from sound text that is as expected, by `salvage` from other sound text, and by `build`
    from events. `opening` matches how an entry begins, with the white space before it, as far as others begin likewise.
    """

    def __init__(
        self,
        file: MendedFile,
        events: JsonEvents,
        decode: Decode[Entry],
        salvage: Salvage[Entry],
        build: Build[Entry | None],
        opening: re.Pattern[bytes] = FIRST_KEY,
        shelf: Shelf | None = None,
    ) -> None:
        self._file = file
        self._events = events
        self._decode = decode
        self._salvage = salvage
        self._build = build
        self._opening = opening
        self._shelf = shelf or None
        self._text = b""
        self._at = 0
        self._joint = b""

    def read(self, context: bytes) -> Iterator[Batch[Entry]]:
        """The entries of a list that was just opened, some at a time.

        `context` is what `JsonEvents.resume` needs. Raises ijson.JSONError where no entry can be found any more.
        """
        events = self._events
        while True:
            if events.between:
                yield from self._many(context)
            try:
                event, value = next(events.now)
                if event == "end_array":
                    return
                entry = self._build(events.now, event, value)
            except ijson.JSONError:
                if not events.resume(context):
                    raise
                yield Batch((None,))
            else:
                yield Batch((entry,))

    def _many(self, context: bytes) -> Iterator[Batch[Entry]]:
        """The entries up to one that has to be read from events, or up to the list's end."""
        self._text, self._at = self._events.take_back() + self._file.take_back(), 0
        while (batch := self._batch()) is not None:
            yield batch
        self._file.put_back(self._text[self._at :])
        self._text = b""
        self._events.go_on(context)

    def _batch(self) -> Batch[Entry] | None:
        """The next entries; None where there are none, or none that can be read in this way."""
        self._fill(_MANY + HEAD)
        if self._text[self._at : self._at + 64].lstrip().startswith(b"]"):
            return None
        if self._shelf and (known := self._known(self._shelf)) is not None:
            return Batch((), known=known)
        end = self._last_joint(self._at + _MANY)
        if self._shelf:
            end = self._first_known(self._shelf, end)
        text = self._text[self._at : end]
        if end > self._at and (found := self._decoded(text)) is not None:
            self._at = end + 1
            return Batch(found, text)
        if found := self._singly(max(end, self._next_joint())):
            return Batch(found)
        return self._last()

    def _fill(self, size: int) -> None:
        parts, held = [self._text[self._at :]], len(self._text) - self._at
        while held < size and (more := self._file.original()):
            parts.append(more)
            held += len(more)
        if len(parts) > 1:
            self._text, self._at = b"".join(parts), 0

    def _known(self, shelf: Shelf) -> Sized | None:
        """What is kept of the run that begins here."""
        kept = shelf.find(self._text[self._at : self._at + HEAD])
        if kept is None:
            return None
        self._fill(kept.length + HEAD)
        end = self._at + kept.length
        follows = _FOLLOWS.match(self._text, end)
        known = kept.of(memoryview(self._text)[self._at : end]) if follows else None
        if follows and known is not None:
            self._at = follows.end()
        return known

    def _first_known(self, shelf: Shelf, end: int) -> int:
        """The first joint before `end` at which a run begins that may be kept; else `end`."""
        place = self._next_joint()
        while 0 <= place < end:
            if shelf.has(self._text[place + 1 : place + 1 + HEAD]):
                return place
            place = self._text.find(self._joint, place + 1)
        return end

    def _last_joint(self, end: int) -> int:
        """Where the comma between two entries seems to be, the last one before `end`; not beyond `_at` for none."""
        if self._next_joint() < 0:
            self._learn()
        return self._text.rfind(self._joint, self._at, end) if self._joint else -1

    def _next_joint(self) -> int:
        return self._text.find(self._joint, self._at + 1) if self._joint else -1

    def _learn(self) -> None:
        """The next entries probably begin as this one does."""
        if opening := self._opening.match(self._text, self._at):
            between = re.compile(rb"(?<=\})\s{0,64}(,\s{0,64}%b)" % re.escape(opening[0].lstrip()))
            if found := between.search(self._text, self._at):
                self._joint = found[1]

    def _decoded(self, text: bytes) -> Sequence[Entry | None] | None:
        try:
            return self._decode(b"[%b]" % text)
        except _UNREADABLE:
            return None

    def _singly(self, last: int) -> list[Entry | None]:
        """The entries before the joint at `last`, each by itself, as far as they can be read."""
        found: list[Entry | None] = []
        while self._at < (end := self._next_joint()) <= last:
            text = self._text[self._at : end]
            entries = self._decoded(text) or self._salvaged(text) or self._mended(text)
            if entries is None:
                break
            found += entries
            self._at = end + 1
        return found

    def _salvaged(self, text: bytes) -> Sequence[Entry | None] | None:
        try:
            return [self._salvage(text)]
        except _UNREADABLE:
            return None

    def _mended(self, text: bytes) -> Sequence[Entry | None] | None:
        if _ELSEWHERE in text:
            return None  # the end of one list and the beginning of another
        text, repairs = mended(text)
        entries = self._decoded(text) or self._salvaged(text)
        if entries is None:
            try:
                entries = [single(text, self._build)]
            except ijson.JSONError:
                return None
        self._file.repaired += repairs
        return entries

    def _last(self) -> Batch[Entry] | None:
        """What is left of a list; it ends with one of the next closing brackets."""
        joint = self._next_joint()
        end = len(self._text) if joint < 0 else joint  # a joint behind the list's end is one of another list
        for closing in islice(_CLOSING.finditer(self._text, self._at, end), _TRIES):
            text = self._text[self._at : closing.start() + 1]
            if (found := self._decoded(text)) is not None:
                self._at = closing.start() + 1
                return Batch(found, text)
        return None
