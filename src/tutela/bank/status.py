"""What a person sees of their own case: what is protected, and what staff have released of what was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from tutela.bank.codec import decode_fingerprint, decode_parts
from tutela.bank.groups import share
from tutela.bank.keyring import Keyring, case_context
from tutela.bank.replica import parts_context, protection_context
from tutela.model import CaseRef, Kind, ProtectionId, Tier
from tutela.store import Sealer, tables


class ProtectionStatus(NamedTuple):
    """One protection. `has` names what it is found by; in quarantine only exact copies are."""

    id: ProtectionId
    kind: Kind
    registered_at: datetime
    quarantined: bool
    has: tuple[str, ...]


class ReleasedMatch(NamedTuple):
    """A match that staff have released to the person. It never says where, or how close."""

    protection: ProtectionId
    tier: Tier
    found_at: datetime


class CaseOutcome(NamedTuple):
    """What came of a released match, released with it: *blocked*, *not_blocked* or *wrong*."""

    protection: ProtectionId
    verdict: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A case as its owner may see it; of a withdrawn one only the two times are left. `paused`: whoever keeps its group
    has switched that off, so that for now no lookup of the service finds any of it."""

    case: CaseRef
    opened_at: datetime
    withdrawn_at: datetime | None
    protections: tuple[ProtectionStatus, ...]
    matches: tuple[ReleasedMatch, ...]
    outcomes: tuple[CaseOutcome, ...]
    paused: bool = False


def case_status(connection: sa.Connection, keyring: Keyring, case: CaseRef) -> CaseStatus:
    """The status of a case that is there."""
    row = tables.cases
    query = sa.select(row.c.opened_at, row.c.withdrawn_at, row.c.data_key).where(row.c.reference == case)
    opened_at, withdrawn_at, data_key = connection.execute(query).one()
    paused = data_key is not None and share(connection, case) == 0
    protections: tuple[ProtectionStatus, ...] = ()
    if data_key is not None:
        sealer = Sealer(keyring.sealer(connection).open(data_key, case_context(case)))
        protections = _protections(connection, sealer, case)
    return CaseStatus(
        case, opened_at, withdrawn_at, protections, _released(connection, case), _outcomes(connection, case), paused
    )


def _protections(connection: sa.Connection, sealer: Sealer, case: CaseRef) -> tuple[ProtectionStatus, ...]:
    row, part = tables.protections, tables.parts
    query = sa.select(row, part.c.sealed.label("parts"))
    query = query.outerjoin(part, part.c.protection == row.c.id).where(row.c.case == case)
    found = []
    for each in connection.execute(query.order_by(row.c.registered_at, row.c.id)):
        fingerprint = decode_fingerprint(sealer.open(each.sealed, protection_context(each.id)))
        described = each.parts is not None and decode_parts(sealer.open(each.parts, parts_context(each.id))) is not None
        has = ("sha256", "md5", *(["pdq"] if fingerprint.pdq else []), *(["parts"] if described else []))
        quarantined = each.quarantined_at is not None
        found.append(ProtectionStatus(ProtectionId(each.id), Kind(each.kind), each.registered_at, quarantined, has))
    return tuple(found)


def _released(connection: sa.Connection, case: CaseRef) -> tuple[ReleasedMatch, ...]:
    row = tables.findings
    query = sa.select(row.c.protection, row.c.tier, row.c.found_at)
    query = query.where(row.c.case == case, row.c.released_at.is_not(None)).order_by(row.c.found_at, row.c.id)
    return tuple(ReleasedMatch(ProtectionId(name), Tier(tier), at) for name, tier, at in connection.execute(query))


def _outcomes(connection: sa.Connection, case: CaseRef) -> tuple[CaseOutcome, ...]:
    finding, row = tables.findings, tables.outcomes
    query = sa.select(finding.c.protection, row.c.verdict, row.c.at).join(finding, finding.c.id == row.c.finding)
    query = query.where(finding.c.case == case, row.c.released_at.is_not(None)).order_by(row.c.at, row.c.id)
    return tuple(CaseOutcome(ProtectionId(name), verdict, at) for name, verdict, at in connection.execute(query))
