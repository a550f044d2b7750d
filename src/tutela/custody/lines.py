"""The two kinds of line: what they hold, their one canonical form, and reading them without trust."""

import json
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tutela.custody.errors import CustodyError

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""Anything that JSON can say."""

MAX_LINE = 65_536
"""Longest line in bytes, its line end included."""

_EXACT = 2**53 - 1  # beyond it, readers that hold numbers as doubles would disagree
_Count = Annotated[int, Meta(ge=0, le=_EXACT)]
_Instant = Annotated[datetime, Meta(tz=True)]
_Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9._-]{0,63}\Z")]
_Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{128}\Z")]
_Fact = Annotated[int, Meta(ge=-_EXACT, le=_EXACT)] | Annotated[str, Meta(max_length=200)]


class Event(Struct, frozen=True, tag_field="type", tag="event", forbid_unknown_fields=True):
    """One act: the leaf of the tree is this line without its line end.

    `seq` counts events from 0. `act` and the names of facts are 1 to 64 of ``a-z 0-9 . _ -``, a letter first.
    Facts are whole numbers within ±(2⁵³ − 1) or texts of at most 200 characters. `commitment` is 64 hex digits.
    """

    seq: _Count
    at: _Instant
    act: _Word
    facts: dict[_Word, _Fact]
    commitment: _Hex32 | None


class Checkpoint(Struct, frozen=True, tag_field="type", tag="checkpoint", forbid_unknown_fields=True):
    """The signer's word that the first `size` events have the tree hash `root`.

    `number` counts the checkpoints of a log from 0, so that none can be taken out. `root` and the public `key` are
    64 hex digits, `signature` is 128. The last checkpoint of a log, and no other, is `closed`.
    """

    number: _Count
    size: _Count
    root: _Hex32
    at: _Instant
    key: _Hex32
    closed: bool
    signature: _Hex64


_FACTS = "Facts are whole numbers and texts of at most 200 characters"
_reader = msgspec.json.Decoder(Event | Checkpoint)


def canonical_json(value: object) -> bytes:
    """The one way to write `value`: compact, keys sorted, ASCII. Raises TypeError or ValueError if JSON cannot."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def fields(entry: Event | Checkpoint) -> dict[str, object]:
    """What the line of `entry` says, ready for `canonical_json`; `at` in UTC with microseconds and a final Z."""
    at = entry.at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    return {**msgspec.structs.asdict(entry), "type": entry.__struct_config__.tag, "at": at}


def write_line(entry: Event | Checkpoint) -> bytes:
    """The canonical line without its line end, read back once: what is written is what the verifier accepts."""
    try:
        raw = canonical_json(fields(entry))
        parse_line(raw)
    except (TypeError, ValueError) as error:
        raise CustodyError(f"cannot be recorded ({error})", remedy=_FACTS) from error
    except CustodyError as error:
        raise CustodyError(f"cannot be recorded: it {error.what}", remedy=_FACTS) from error
    return raw


def parse_line(raw: bytes) -> Event | Checkpoint:
    """Reads one line without its line end. Raises CustodyError unless it is exactly what Tutela would write."""
    if len(raw) >= MAX_LINE:
        raise CustodyError(f"is longer than {MAX_LINE} bytes")
    try:
        entry: Event | Checkpoint = _reader.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CustodyError(f"is not a line of a custody log ({error})") from error
    if canonical_json(fields(entry)) != raw:
        raise CustodyError("is not in canonical form")
    return entry
