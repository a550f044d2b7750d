"""What was done to the bank, for whoever must answer for it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from tutela.store import tables


def record(connection: sa.Connection, act: str, facts: Mapping[str, int | float | str], by: str | None = None) -> None:
    """Writes an act in the transaction that does it. `facts` hold counts, codes and ids: no personal data, no secret.

    `by` is the id of the key that asked, None where nobody's key did: a command, a person with a PIN.
    """
    told = dict(facts) if by is None else {**facts, "by": by}
    values = {"at": datetime.now(UTC), "act": act, "facts": json.dumps(told, sort_keys=True)}
    connection.execute(tables.acts.insert(), values)
