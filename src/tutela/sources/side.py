"""The side file `channels.json`: member counts and states of channels, which no export holds."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tutela.model import ChannelReading, ChannelState
from tutela.sources.account import Tally
from tutela.sources.errors import SourceError
from tutela.sources.pseudonyms import Pseudonymiser

SIDE_FILE = "channels.json"
"""Its name, next to a source."""

Number = Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    id: str | Number
    members: Count | None = None
    at: Instant | None = None
    state: ChannelState = ChannelState.UNKNOWN


def readings(paths: Sequence[Path], pseudonyms: Pseudonymiser, tally: Tally) -> Iterator[ChannelReading]:
    """The readings in side files; what is none counts as damage. Raises SourceError for an unreadable file."""
    for path in paths:
        for number, entry in enumerate(_entries(path), 1):
            try:
                yield _reading(msgspec.json.decode(entry, type=_Entry), pseudonyms)
            except (msgspec.DecodeError, OverflowError):
                tally.damage(f"{SIDE_FILE}, entry {number}")


def _entries(path: Path) -> Sequence[bytes]:
    try:
        return [bytes(entry) for entry in msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [b""]  # counts as one damaged entry
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise SourceError(reason, where=SIDE_FILE, remedy="Check its permissions") from error


def _reading(entry: _Entry, pseudonyms: Pseudonymiser) -> ChannelReading:
    at = None if entry.at is None else entry.at.astimezone(UTC)
    return ChannelReading(pseudonyms.channel(str(entry.id)), at, entry.members, entry.state)
