"""What is said of a match beside the match itself: whose it is, by which number, and who else waits to hear of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

import sqlalchemy as sa

from tutela.bank.groups import DEFAULT, Group, GroupId
from tutela.bank.outbox import EventKind, wanted
from tutela.bank.replica import Replica
from tutela.model import ProtectionId
from tutela.store import Store, tables

_MOST = 50_000
"""Protections that are remembered: some 15 MB."""

_SOME = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A protection's group, and the number that other programs call it by, where it has one yet."""

    group: Group
    number: int | None


@dataclass(frozen=True, slots=True)
class Context:
    """The standing of each protection (one that is gone is left out), and whether any webhook waits for matches."""

    standings: dict[ProtectionId, Standing]
    awaited: bool


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was read when the process had seen change `since`, and later."""

    since: int
    awaited: bool
    known: dict[ProtectionId, Standing] = field(default_factory=dict)


class Standings:
    """Reads the context of matches, and remembers it until a group or a webhook is changed. Safe for threads.

    It relies on the replica to have seen such a change, as its lookups do with a withdrawal.
    """

    def __init__(self, store: Store, replica: Replica) -> None:
        self._store = store
        self._replica = replica
        self._memory = _Memory(-1, False)
        self._keeping = Lock()

    def read(self, protections: Iterable[ProtectionId]) -> Context:
        """The context of these protections, from the database: it takes one look there whether or not there are any."""
        asked, seen = list(dict.fromkeys(protections)), self._replica.seen
        with self._store.read() as connection:
            standings: dict[ProtectionId, Standing] = {}
            for start in range(0, max(1, len(asked)), _SOME):
                standings |= _standings(connection, asked[start : start + _SOME])
            context = Context(standings, wanted(connection, EventKind.MATCH))
        self._remember(context, seen)
        return context

    def remembered(self, protections: Iterable[ProtectionId]) -> Context | None:
        """The same without waiting, as of what the replica has seen; None where any of it is not known."""
        memory = self._memory
        if memory.since < self._replica.settled:
            return None
        standings: dict[ProtectionId, Standing] = {}
        for protection in protections:
            if (standing := memory.known.get(protection)) is None:
                return None
            standings[protection] = standing
        return Context(standings, memory.awaited)

    def _remember(self, context: Context, seen: int) -> None:
        with self._keeping:
            settled, memory = self._replica.settled, self._memory
            if seen < settled:
                return  # something changed meanwhile
            if memory.since < settled or len(memory.known) > _MOST:
                self._memory = memory = _Memory(seen, context.awaited)
            memory.known.update(context.standings)


_PROTECTION, _CASE, _GROUP, _NUMBER = tables.protections, tables.cases, tables.groups, tables.contents
_QUERY = (
    sa.select(_PROTECTION.c.id, _NUMBER.c.number, _GROUP.c.id.label("group"), _GROUP.c.name, _GROUP.c.enabled)
    .join(_CASE, _CASE.c.reference == _PROTECTION.c.case)
    .join(_GROUP, _GROUP.c.id == sa.func.coalesce(_CASE.c.bank_group, DEFAULT))
    .outerjoin(_NUMBER, _NUMBER.c.protection == _PROTECTION.c.id)
    .where(_PROTECTION.c.id.in_(sa.bindparam("asked", expanding=True)))
)


def _standings(connection: sa.Connection, asked: list[ProtectionId]) -> dict[ProtectionId, Standing]:
    rows = connection.execute(_QUERY, {"asked": asked})
    return {
        ProtectionId(each.id): Standing(Group(GroupId(each.group), each.name, each.enabled), each.number)
        for each in rows
    }
