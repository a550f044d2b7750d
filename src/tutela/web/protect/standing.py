"""How a case stands, as its person is told: what is protected, what staff released, what became of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import msgspec

from tutela.bank import CaseStatus, ProtectionStatus


class Protected(msgspec.Struct, frozen=True):
    """Protections of one kind. `waiting` are in quarantine: only exact copies of them are found for now."""

    kind: str
    pictures: int
    with_parts: bool
    waiting: int


class Found(msgspec.Struct, frozen=True):
    """A match that staff released. It says neither where nor how close: whoever has the PIN need not be the person."""

    tier: str
    at: datetime


class Outcome(msgspec.Struct, frozen=True):
    """What became of a released match."""

    verdict: str
    at: datetime


class Standing(msgspec.Struct, frozen=True):
    """A case as the page shows it. Ids and fingerprints are not part of it. `paused`: nothing is looked for now."""

    case: str
    opened: datetime
    withdrawn: datetime | None
    paused: bool
    protected: list[Protected]
    matches: list[Found]
    outcomes: list[Outcome]


def standing(status: CaseStatus) -> Standing:
    """What the page shows of a status."""
    return Standing(
        case=status.case,
        opened=status.opened_at,
        withdrawn=status.withdrawn_at,
        paused=status.paused,
        protected=_grouped(status.protections),
        matches=[Found(each.tier.value, each.found_at) for each in status.matches],
        outcomes=[Outcome(each.verdict, each.at) for each in status.outcomes],
    )


def _grouped(protections: Iterable[ProtectionStatus]) -> list[Protected]:
    groups: dict[str, list[ProtectionStatus]] = defaultdict(list)
    for each in protections:
        groups[each.kind.value].append(each)
    return [
        Protected(
            kind,
            pictures=len(some),
            with_parts=any("parts" in each.has for each in some),
            waiting=sum(each.quarantined for each in some),
        )
        for kind, some in sorted(groups.items())
    ]
