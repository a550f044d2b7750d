"""The table of changes: what every process must look at again."""

from collections.abc import Iterable

import sqlalchemy as sa

from tutela.store import tables
from tutela.store.postgres import wake

PROTECTION, ALLOWLIST, SETTING = "protection", "allowlist", "setting"
"""Subjects in the table of changes. A setting is a group or a webhook, whatever of it was changed."""

_HOLDS = {PROTECTION: tables.protections, ALLOWLIST: tables.allowlist}


def note_change(connection: sa.Connection, subject: str, identifiers: Iterable[str]) -> None:
    """Tells every process, this one too, to look again at these protections, allowed pictures or settings."""
    rows = [{"subject": subject, "identifier": identifier} for identifier in identifiers]
    if rows:
        connection.execute(tables.changes.insert(), rows)
        wake(connection)


def latest_change(connection: sa.Connection) -> int:
    """The number of the last change; 0 where there was none. Whoever has seen it has seen all below it: writers take
    turns."""
    return connection.execute(sa.select(sa.func.max(tables.changes.c.number))).scalar() or 0


def changed_since(connection: sa.Connection, number: int, latest: int) -> list[tuple[str, str]]:
    """Subject and identifier of what changed after `number` and up to `latest`, each once."""
    change = tables.changes
    query = sa.select(change.c.subject, change.c.identifier).distinct()
    rows = connection.execute(query.where(change.c.number > number, change.c.number <= latest)).all()
    return [(subject, identifier) for subject, identifier in rows]


def removed_since(connection: sa.Connection, number: int) -> bool:
    """Whether anything that changed after `number` is no longer in the bank: it was withdrawn, or disallowed."""
    change = tables.changes
    gone = [
        sa.and_(change.c.subject == subject, change.c.identifier.not_in(sa.select(table.c.id)))
        for subject, table in _HOLDS.items()
    ]
    return connection.execute(sa.select(sa.exists().where(change.c.number > number, sa.or_(*gone)))).scalar_one()
