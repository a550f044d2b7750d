"""Opening and withdrawing cases inside a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from tutela.bank.acts import record
from tutela.bank.changes import PROTECTION, note_change
from tutela.bank.codec import encode, encode_parts
from tutela.bank.groups import GroupId, existing_group
from tutela.bank.keyring import Keyring, case_context
from tutela.bank.outbox import EventKind, announce
from tutela.bank.pins import new_case, new_protection
from tutela.bank.replica import parts_context, protection_context
from tutela.model import CaseRef, CodedParts, Fingerprint, Kind, ProtectionId
from tutela.store import Sealer, new_key, tables


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case as it was just written, without its PIN; `protections` in the order of the fingerprints."""

    case: CaseRef
    protections: tuple[ProtectionId, ...]


def open_case(
    connection: sa.Connection,
    keyring: Keyring,
    fingerprints: Sequence[Fingerprint],
    parts: Sequence[CodedParts | None],
    kind: Kind,
    pin_hash: str,
    group: GroupId | None = None,
) -> OpenedCase:
    """Writes a new case with a data key of its own and one protection for each fingerprint, with its parts if any.

    Raises `UnknownEntry` where there is no such group.
    """
    case, data_key, now = _unused(connection), new_key(), datetime.now(UTC)
    wrapped = keyring.sealer(connection).seal(data_key, case_context(case))
    row = {"reference": case, "pin_hash": pin_hash, "opened_at": now, "data_key": wrapped}
    connection.execute(tables.cases.insert(), row | {"bank_group": existing_group(connection, group)})
    sealer = Sealer(data_key)
    protections = tuple(new_protection() for _ in fingerprints)
    rows = [
        {
            "id": identifier,
            "case": case,
            "kind": kind.value,
            "registered_at": now,
            "sealed": sealer.seal(encode(fingerprint), protection_context(identifier)),
        }
        for identifier, fingerprint in zip(protections, fingerprints, strict=True)
    ]
    connection.execute(tables.protections.insert(), rows)
    described = [
        {"protection": identifier, "sealed": sealer.seal(encode_parts(some), parts_context(identifier))}
        for identifier, some in zip(protections, parts, strict=True)
        if some is not None
    ]
    if described:
        connection.execute(tables.parts.insert(), described)
    note_change(connection, PROTECTION, protections)
    record(connection, "case.opened", {"protections": len(protections), "parts": len(described), "kind": kind.value})
    return OpenedCase(case, protections)


def kept_pin(connection: sa.Connection, case: CaseRef) -> str | None:
    """The Argon2id hash of a case's PIN; None where there is no such case."""
    query = sa.select(tables.cases.c.pin_hash).where(tables.cases.c.reference == case)
    return connection.execute(query).scalar_one_or_none()


def withdraw_case(connection: sa.Connection, case: CaseRef) -> int:
    """Deletes a case's protections and destroys its data key; the number of protections that ended.

    A second time, after an answer that was lost on its way, it does nothing and records nothing.
    """
    row, table = tables.protections, tables.cases
    ended = table.update().where(table.c.reference == case, table.c.withdrawn_at.is_(None))
    if not connection.execute(ended.values(withdrawn_at=datetime.now(UTC), data_key=None)).rowcount:
        return 0
    active = list(connection.execute(sa.select(row.c.id).where(row.c.case == case)).scalars())
    connection.execute(row.delete().where(row.c.case == case))
    note_change(connection, PROTECTION, active)
    once = tables.openings_once
    connection.execute(once.update().where(once.c.case == case).values(body=None, protections="[]"))
    record(connection, "case.withdrawn", {"protections": len(active)})
    if active:
        announce(connection, EventKind.WITHDRAWAL, case, {})
    return len(active)


def case_sealer(connection: sa.Connection, keyring: Keyring, protection: ProtectionId) -> Sealer | None:
    """The sealer of the case that a protection belongs to; None where it was withdrawn meanwhile."""
    row, case = tables.protections, tables.cases
    query = sa.select(case.c.reference, case.c.data_key).join(row, row.c.case == case.c.reference)
    found = connection.execute(query.where(row.c.id == protection)).one_or_none()
    if found is None:
        return None
    return Sealer(keyring.sealer(connection).open(found.data_key, case_context(found.reference)))


def _unused(connection: sa.Connection) -> CaseRef:
    while kept_pin(connection, case := new_case()) is not None:
        pass
    return case
