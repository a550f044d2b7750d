"""What a source is, and what the reading of one came to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tutela.model import Attachment, AttachmentKind, Channel, ChannelReading, Post, Pseudonym, Report
from tutela.sources.runs import Run, Shelves

Item = Channel | ChannelReading | Report | Post
"""What a source yields."""

Part = Item | Run | Sized
"""What it yields where many posts may come at once: `Sized` is what was kept of a run."""

_NAMED = 100


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """What the reading came to.

    `sha256` is that of the file's original bytes, in hex, before any repair; None for a folder of media and until the
    file was read to its end. `refused` counts by reason what is never read. `damaged` counts entries that could not be
    read; `places` names the first hundred of them by position, never by content.
    """

    kind: str
    sha256: str | None
    posts: int
    repairs: int
    refused: Mapping[str, int]
    damaged: int
    places: tuple[str, ...] = ()


class Source(Protocol):
    """Where posts come from. `read` streams and may be called again; a channel comes before its posts."""

    @property
    def kind(self) -> str:
        """``telegram-desktop``, ``telethon``, ``ndjson`` or ``folder``."""

    @property
    def path(self) -> Path:
        """The file that is read, or the folder of media."""

    @property
    def account(self) -> SourceAccount:
        """What the latest reading came to, or has come to so far."""

    def read(self) -> Iterator[Item]:
        """Everything in the source, in its order. Raises SourceError where the file cannot be read any more."""

    def parts(self, shelves: Shelves | None = None, *, defer: bool = False) -> Iterator[Part]:
        """The same, posts one by one or as runs; runs that are on the `shelves` are taken from there.

        With `defer` posts of runs that have texts are not made yet.
        """

    def run(self, channel: Pseudonym, texts: Sequence[bytes]) -> Run:
        """The run that has these `texts`, with its posts."""

    def attachment(self, kind: AttachmentKind, name: str) -> Attachment:
        """The file that a post in a run calls `name`, as it is now."""


class Repaired(Protocol):
    """Whatever counts repairs."""

    @property
    def repairs(self) -> int:
        """How many there were so far."""


@dataclass(slots=True)
class Tally:
    """Counts along with one reading; `mended` counts the repairs of the file that is read."""

    kind: str
    sha256: str | None = None
    posts: int = 0
    mended: Repaired | None = None
    refused: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    places: list[str] = field(default_factory=list)

    def refuse(self, reason: str) -> None:
        """One part of the source was passed over on purpose."""
        self.refused[reason] += 1

    def damage(self, place: str) -> None:
        """One entry could not be read."""
        self.damaged += 1
        if len(self.places) < _NAMED:
            self.places.append(place)

    def close(self) -> SourceAccount:
        """The counts as they stand."""
        repairs = 0 if self.mended is None else self.mended.repairs
        return SourceAccount(
            self.kind, self.sha256, self.posts, repairs, dict(self.refused), self.damaged, tuple(self.places)
        )
