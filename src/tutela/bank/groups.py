"""Groups of cases: a helpline's, a hash list's. What a key may see, and whether lookups see it, is said of a group."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NewType

import sqlalchemy as sa

from tutela.bank.acts import record
from tutela.bank.changes import SETTING, note_change
from tutela.bank.errors import GroupRefused, NameTaken, UnknownEntry
from tutela.model import CaseRef
from tutela.store import Store, tables

GroupId = NewType("GroupId", str)
"""What a group is called inside; its name may change."""

DEFAULT = GroupId(tables.DEFAULT_GROUP)
"""The group of every case that was put into no other: the public page's, the commands'."""

NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Group:
    """A group. `enabled` is the share of lookups that see its cases, 0 to 1."""

    id: GroupId
    name: str
    enabled: float


class Groups:
    """The groups of one bank. Safe for threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Group]:
        """Every group, by name."""
        row = tables.groups
        with self._store.read() as connection:
            return [_group(each) for each in connection.execute(sa.select(row).order_by(row.c.name))]

    def named(self, name: str) -> Group:
        """The group of this name. Raises `UnknownEntry`."""
        with self._store.read() as connection:
            return _named(connection, name)

    def create(self, name: str, enabled: float = 1.0, *, by: str | None = None) -> Group:
        """Makes a group; `by` is the id of the key that asked. Raises `GroupRefused` for a bad name or share,
        `NameTaken` where there is one."""
        made = Group(GroupId(secrets.token_hex(8)), _good_name(name), _good_share(enabled))
        row = {"id": made.id, "name": made.name, "enabled": made.enabled, "created_at": datetime.now(UTC)}
        with self._store.write() as connection:
            _refuse_taken(connection, made)
            connection.execute(tables.groups.insert(), row)
            record(connection, "group.created", {"group": made.id, "enabled": made.enabled}, by)
        return made

    def change(
        self, name: str, *, new_name: str | None = None, enabled: float | None = None, by: str | None = None
    ) -> Group:
        """Renames a group or says how many lookups see it; `by` is the id of the key that asked. Raises `UnknownEntry`
        or `GroupRefused`."""
        row = tables.groups
        with self._store.write() as connection:
            old = _named(connection, name)
            new = Group(
                old.id,
                old.name if new_name is None else _good_name(new_name),
                old.enabled if enabled is None else _good_share(enabled),
            )
            _refuse_taken(connection, new)
            values = {"name": new.name, "enabled": new.enabled}
            connection.execute(row.update().where(row.c.id == old.id).values(**values))
            if new.name != old.name:
                record(connection, "group.renamed", {"group": old.id}, by)
            note_change(connection, SETTING, [old.id])
            if new.enabled != old.enabled:
                record(connection, "group.enabled", {"group": old.id, "from": old.enabled, "to": new.enabled}, by)
        return new

    def delete(self, name: str, *, by: str | None = None) -> None:
        """Deletes a group that holds no active case; those withdrawn fall to the default group. `by` is the id of the
        key that asked.

        Raises `UnknownEntry`, or `GroupRefused` for the default group and one that still protects somebody.
        """
        row, case = tables.groups, tables.cases
        with self._store.write() as connection:
            group = _named(connection, name)
            if group.id == DEFAULT:
                raise GroupRefused("the default group stays", remedy="Rename it, or set its share to 0")
            mine = case.c.bank_group == group.id
            if connection.execute(sa.select(sa.exists().where(mine, case.c.withdrawn_at.is_(None)))).scalar_one():
                raise GroupRefused(
                    "the group still holds cases", remedy="Delete its content first, or set its share to 0"
                )
            connection.execute(case.update().where(mine).values(bank_group=None))
            connection.execute(row.delete().where(row.c.id == group.id))
            record(connection, "group.deleted", {"group": group.id}, by)

    def of(self, case: CaseRef) -> Group | None:
        """The group of a case; None for an unknown one."""
        row, cases = tables.groups, tables.cases
        query = sa.select(row).join(cases, row.c.id == sa.func.coalesce(cases.c.bank_group, DEFAULT))
        with self._store.read() as connection:
            found = connection.execute(query.where(cases.c.reference == case)).one_or_none()
        return None if found is None else _group(found)


def group_of(connection: sa.Connection, case: str) -> GroupId:
    """The group of a case; that of an unknown one is the default."""
    row = tables.cases
    found = connection.execute(sa.select(row.c.bank_group).where(row.c.reference == case)).scalar_one_or_none()
    return DEFAULT if found is None else GroupId(found)


def share(connection: sa.Connection, case: str) -> float:
    """The share of lookups that see a case, 0 to 1: that of its group."""
    row = tables.groups
    query = sa.select(row.c.enabled).where(row.c.id == group_of(connection, case))
    return float(connection.execute(query).scalar_one())


def existing_group(connection: sa.Connection, group: GroupId | None) -> str | None:
    """What to write into a case for this group. Raises `UnknownEntry` where it is gone."""
    if group is None or group == DEFAULT:
        return None
    if not connection.execute(sa.select(sa.exists().where(tables.groups.c.id == group))).scalar_one():
        raise _unknown()
    return group


def _named(connection: sa.Connection, name: str) -> Group:
    row = connection.execute(sa.select(tables.groups).where(tables.groups.c.name == name)).one_or_none()
    if row is None:
        raise _unknown()
    return _group(row)


def _group(row: sa.Row[tuple[object, ...]]) -> Group:
    return Group(GroupId(row.id), row.name, row.enabled)


def _good_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise GroupRefused(
            "this is no name for a group", remedy="Write capitals, digits and _, up to 64, not a digit first"
        )
    return name


def _good_share(enabled: float) -> float:
    if not 0 <= enabled <= 1:
        raise GroupRefused("a share runs from 0 to 1")
    return float(enabled)


def _refuse_taken(connection: sa.Connection, group: Group) -> None:
    row = tables.groups
    taken = sa.exists().where(row.c.name == group.name, row.c.id != group.id)
    if connection.execute(sa.select(taken)).scalar_one():
        raise NameTaken("there is a group of this name already", remedy="Take another name")


def _unknown() -> UnknownEntry:
    return UnknownEntry("no group has this name", remedy="Ask its operator for the names")
