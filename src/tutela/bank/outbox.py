"""Events that webhooks are told of, put into the outbox by the transaction that they speak of."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa

from tutela.bank.groups import group_of
from tutela.store import tables


class EventKind(StrEnum):
    """What a webhook can be told of."""

    MATCH = "match"
    WITHDRAWAL = "withdrawal"
    FEEDBACK = "feedback"


def wanted(connection: sa.Connection, kind: EventKind) -> bool:
    """Whether any webhook wants to be told of such events."""
    return bool(_wanting(connection, kind))


def speaking() -> sa.ColumnElement[bool]:
    """What holds for a webhook that is told of events: the key that registered it, if one did, was not revoked."""
    hook, key = tables.webhooks, tables.access_keys
    return ~sa.exists().where(key.c.id == hook.c.access_key, key.c.revoked_at.is_not(None))


def new_event() -> str:
    """The name of one event, which whoever is told twice knows it by."""
    return f"ev_{secrets.token_hex(16)}"


def announce(
    connection: sa.Connection,
    kind: EventKind,
    case: str,
    facts: Mapping[str, str],
    *,
    event: str = "",
    at: datetime | None = None,
) -> None:
    """Puts an event about `case` into the outbox, for every webhook that wants it and may see the case's group.

    `facts` hold references and codes: never a fingerprint, a distance or a PIN. `event` and `at` are its name and time,
    by default a new one and now.
    """
    wanting = _wanting(connection, kind)
    if not wanting:
        return
    now, group = datetime.now(UTC), group_of(connection, case)
    event = event or new_event()
    body = json.dumps({"id": event, "type": kind.value, "at": (at or now).isoformat(), "case": case, **facts})
    told = [
        {"webhook": name, "event": event, "body": body, "put_at": now, "due_at": now, "attempts": 0}
        for name, scope in wanting
        if scope is None or group in json.loads(scope)
    ]
    if told:
        connection.execute(tables.deliveries.insert(), told)


def _wanting(connection: sa.Connection, kind: EventKind) -> list[tuple[str, str | None]]:
    """The webhooks that want such events, with what each may see: id and scope."""
    hook = tables.webhooks
    rows = connection.execute(sa.select(hook.c.id, hook.c.events, hook.c.scope).where(speaking()))
    return [(name, scope) for name, events, scope in rows if kind.value in json.loads(events)]
