"""Protections as programs fill and count them: hash lists, whose items have numbers and no person with a PIN."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from tutela.bank.errors import PersonsCase
from tutela.bank.groups import GroupId, group_of
from tutela.model import CaseRef, ProtectionId
from tutela.store import Store, tables


@dataclass(frozen=True, slots=True)
class Content:
    """A protection under its number. `personal` where a person holds the PIN of its case."""

    number: int
    protection: ProtectionId
    case: CaseRef
    group: GroupId
    personal: bool


def numbers(store: Store, protections: Iterable[ProtectionId]) -> dict[ProtectionId, int]:
    """The number of each protection, given now where it has none; one that is gone is left out."""
    wanted = list(dict.fromkeys(protections))
    with store.read() as connection:
        found = _known(connection, wanted)
    if len(found) == len(wanted):
        return found
    with store.write() as connection:
        found = _known(connection, wanted)
        there = sa.select(tables.protections.c.id).where(tables.protections.c.id.in_(wanted))
        rows = [{"protection": name} for name in connection.execute(there).scalars() if name not in found]
        if rows:
            connection.execute(tables.contents.insert(), rows)
        return _known(connection, wanted)


def content(connection: sa.Connection, number: int) -> Content | None:
    """What has this number; None where nothing has, or no longer."""
    row, protection, case = tables.contents, tables.protections, tables.cases
    query = sa.select(protection.c.id, protection.c.case, case.c.pin_hash)
    query = query.join(row, row.c.protection == protection.c.id).join(case, case.c.reference == protection.c.case)
    found = connection.execute(query.where(row.c.number == number)).one_or_none()
    if found is None:
        return None
    reference = CaseRef(found.case)
    group = group_of(connection, reference)
    return Content(number, ProtectionId(found.id), reference, group, bool(found.pin_hash))


def unowned_case(connection: sa.Connection, number: int, group: GroupId) -> CaseRef | None:
    """The case of a content of this group, which no person has; None where there is no such content.

    Raises `PersonsCase`.
    """
    found = content(connection, number)
    if found is None or found.group != group:
        return None
    if found.personal:
        raise PersonsCase
    return found.case


def _known(connection: sa.Connection, wanted: list[ProtectionId]) -> dict[ProtectionId, int]:
    row = tables.contents
    query = sa.select(row.c.protection, row.c.number).where(row.c.protection.in_(wanted))
    return {ProtectionId(name): number for name, number in connection.execute(query)}
