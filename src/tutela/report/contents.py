"""What a report is made of. Nothing here holds a name, a path, a text or a fingerprint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tutela.measures import Table
from tutela.model import Match, Measure, Pseudonym, SkipCode


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source that was read, and how well.

    `label` stands for it ("Source 1"), `kind` is its format ("telegram-desktop"). `repairs` counts what was read after
    a repair, `damaged` what could not be read at all; `refused` says how many parts were left out, by reason.
    """

    label: str
    kind: str
    posts: int
    images: int
    repairs: int
    damaged: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One match and where it was seen: attachment number `attachment` (from 0) of a post in a channel."""

    channel: Pseudonym
    post: Pseudonym
    attachment: int
    match: Match


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """How many items went without a fingerprint for one reason."""

    code: SkipCode
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that one report says.

    `generated` is aware; `version` is Tutela's own; `cases` is how many cases the bank held, so that the page can say
    what was looked for; `evidence` holds the tables behind the measures. `lang` is the language of the page (one of
    `catalogue.LANGUAGES`). Lists keep their order.
    """

    generated: datetime
    version: str
    title: str
    sources: tuple[SourceLine, ...]
    measures: tuple[Measure, ...]
    matches: tuple[MatchLine, ...]
    skipped: tuple[SkippedLine, ...]
    cases: int
    evidence: Mapping[str, Table] = field(default_factory=dict)
    lang: str = "en"
