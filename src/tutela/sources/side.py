"""The side files next to a source: what no export holds.

`channels.json` has member counts, states and handles of channels, `reports.json` when channels were reported.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tutela.model import Channel, ChannelKind, ChannelReading, ChannelState, Report
from tutela.sources.account import Tally
from tutela.sources.errors import SourceError
from tutela.sources.pseudonyms import Pseudonymiser

CHANNELS_FILE = "channels.json"
REPORTS_FILE = "reports.json"

SideItem = Channel | ChannelReading | Report
"""What a side file yields."""

Number = Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Handle = Annotated[str, msgspec.Meta(pattern=r"^@?[A-Za-z][A-Za-z0-9_]{0,31}\Z")]
Addressee = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_-]{0,31}\Z")]


class _Channel(msgspec.Struct, forbid_unknown_fields=True):
    id: str | Number
    members: Count | None = None
    at: Instant | None = None
    state: ChannelState = ChannelState.UNKNOWN
    username: Handle | None = None


class _Report(msgspec.Struct, forbid_unknown_fields=True):
    id: str | Number
    at: Instant
    to: Addressee | None = None


def side_items(paths: Sequence[Path], pseudonyms: Pseudonymiser, tally: Tally) -> Iterator[SideItem]:
    """What side files tell; an entry that is none counts as damage. Raises SourceError for an unreadable file."""
    for path in paths:
        read = _KINDS[path.name]
        for number, entry in enumerate(_entries(path), 1):
            try:
                items = read(entry, pseudonyms)
            except (msgspec.DecodeError, UnicodeDecodeError, OverflowError):
                tally.damage(f"{path.name}, entry {number}")
            else:
                yield from items


def _entries(path: Path) -> Sequence[bytes]:
    try:
        return [bytes(entry) for entry in msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [b""]  # counts as one damaged entry
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise SourceError(reason, where=path.name, remedy="Check its permissions") from error


def _readings(text: bytes, pseudonyms: Pseudonymiser) -> list[SideItem]:
    entry = msgspec.json.decode(text, type=_Channel)
    ref = pseudonyms.channel(str(entry.id))
    at = None if entry.at is None else entry.at.astimezone(UTC)
    reading = ChannelReading(ref, at, entry.members, entry.state)
    if entry.username is None:
        return [reading]
    alias = pseudonyms.channel(f"@{entry.username.removeprefix('@')}")
    return [Channel(ref, ChannelKind.UNKNOWN, (alias,)), reading]


def _reports(text: bytes, pseudonyms: Pseudonymiser) -> list[SideItem]:
    entry = msgspec.json.decode(text, type=_Report)
    return [Report(pseudonyms.channel(str(entry.id)), entry.at.astimezone(UTC))]


_KINDS: dict[str, Callable[[bytes, Pseudonymiser], list[SideItem]]] = {
    CHANNELS_FILE: _readings,
    REPORTS_FILE: _reports,
}
SIDE_FILES = frozenset(_KINDS)
"""Their names."""
