"""How much a bank holds."""

from dataclasses import dataclass

import sqlalchemy as sa

from tutela.store import tables


@dataclass(frozen=True, slots=True)
class Inventory:
    """How much the bank holds."""

    cases: int
    withdrawn: int
    protections: int
    quarantined: int
    allowed: int
    remembered: int


def inventory(connection: sa.Connection) -> Inventory:
    """How much there is, as this connection sees it."""
    case, row = tables.cases, tables.protections

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()

    return Inventory(
        cases=count(case, case.c.withdrawn_at.is_(None)),
        withdrawn=count(case, case.c.withdrawn_at.is_not(None)),
        protections=count(row),
        quarantined=count(row, row.c.quarantined_at.is_not(None)),
        allowed=count(tables.allowlist),
        remembered=count(tables.memory),
    )
