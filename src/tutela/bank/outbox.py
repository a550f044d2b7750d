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
    rows = connection.execute(sa.select(tables.webhooks.c.events)).scalars()
    return any(kind.value in json.loads(events) for events in rows)


def announce(connection: sa.Connection, kind: EventKind, case: str, facts: Mapping[str, str]) -> None:
    """Puts an event about `case` into the outbox, for every webhook that wants it and may see the case's group.

    `facts` hold references and codes: never a fingerprint, a distance or a PIN.
    """
    hook = tables.webhooks
    rows = connection.execute(sa.select(hook.c.id, hook.c.events, hook.c.scope)).all()
    wanting = [(name, scope) for name, events, scope in rows if kind.value in json.loads(events)]
    if not wanting:
        return
    now, group = datetime.now(UTC), group_of(connection, case)
    event = f"ev_{secrets.token_hex(16)}"
    body = json.dumps({"id": event, "type": kind.value, "at": now.isoformat(), "case": case, **facts})
    told = [
        {"webhook": name, "event": event, "body": body, "due_at": now, "attempts": 0}
        for name, scope in wanting
        if scope is None or group in json.loads(scope)
    ]
    if told:
        connection.execute(tables.deliveries.insert(), told)
