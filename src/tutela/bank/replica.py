"""What is searched: all active protections and the allowlist in memory, brought up to date from the table of changes.

Every process has its own. A change made by another process is seen at the next call of `refresh`, which costs one
small query where nothing changed.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from tutela.bank.codec import decode_fingerprint
from tutela.bank.keyring import Keyring, case_context
from tutela.matching import Matcher, Protected
from tutela.model import CaseRef, ProtectionId
from tutela.store import Sealer, tables

PROTECTION, ALLOWLIST = "protection", "allowlist"
"""Subjects in the table of changes."""

_SOME = 500  # ids in one query: below every database's limit of bound values


class Replica:
    """A `Matcher` with the number of the last change that it has seen."""

    def __init__(self, keyring: Keyring) -> None:
        self.matcher = Matcher()
        self._keyring = keyring
        self._seen = -1
        self._allowed: dict[str, int] = {}

    def refresh(self, connection: sa.Connection) -> None:
        """Applies what changed since the last call; the first call loads everything."""
        change = tables.changes
        latest = connection.execute(sa.select(sa.func.max(change.c.number))).scalar() or 0
        if latest == self._seen:
            return
        if self._seen < 0:
            self._load_protections(connection, None)
            self._load_allowed(connection, None)
        else:
            self._apply(connection, latest)
        self._seen = latest

    def _apply(self, connection: sa.Connection, latest: int) -> None:
        change = tables.changes
        recent = sa.select(change.c.subject, change.c.identifier).distinct()
        rows = connection.execute(recent.where(change.c.number > self._seen, change.c.number <= latest)).all()
        for start in range(0, len(rows), _SOME):
            some = rows[start : start + _SOME]
            self._load_protections(connection, [name for subject, name in some if subject == PROTECTION])
            self._load_allowed(connection, [name for subject, name in some if subject == ALLOWLIST])

    def _load_protections(self, connection: sa.Connection, only: list[str] | None) -> None:
        row, case = tables.protections, tables.cases
        query = sa.select(row.c.id, row.c.case, row.c.quarantined_at, row.c.sealed, case.c.data_key)
        query = query.join(case, row.c.case == case.c.reference).order_by(row.c.case)
        for gone in only or ():
            self.matcher.remove(ProtectionId(gone))
        if only is not None:
            query = query.where(row.c.id.in_(only))
        wrapping = self._keyring.sealer(connection)
        opened_case, sealer = "", wrapping
        for identifier, reference, quarantined_at, sealed, data_key in connection.execute(query):
            if reference != opened_case:
                opened_case = reference
                sealer = Sealer(wrapping.open(data_key, case_context(reference)))
            fingerprint = decode_fingerprint(sealer.open(sealed, protection_context(identifier)))
            protected = Protected(CaseRef(reference), ProtectionId(identifier), fingerprint)
            self.matcher.add(protected, near=quarantined_at is None)

    def _load_allowed(self, connection: sa.Connection, only: Iterable[str] | None) -> None:
        row = tables.allowlist
        query = sa.select(row.c.id, row.c.sealed)
        if only is not None:
            only = list(only)
            if not only:
                return
            query = query.where(row.c.id.in_(only))
        for gone in only or ():
            if gone in self._allowed:
                self.matcher.disallow(self._allowed.pop(gone))
        sealer = self._keyring.shared(connection)
        for identifier, sealed in connection.execute(query):
            fingerprint = decode_fingerprint(sealer.open(sealed, allowed_context(identifier)))
            self._allowed[identifier] = self.matcher.allow(fingerprint)


def protection_context(identifier: str) -> str:
    """What a sealed protection is bound to."""
    return f"protections/{identifier}"


def allowed_context(identifier: str) -> str:
    """What a sealed entry of the allowlist is bound to."""
    return f"allowlist/{identifier}"


def note_change(connection: sa.Connection, subject: str, identifiers: Iterable[str]) -> None:
    """Tells every process, this one too, to look again at these protections or allowed pictures."""
    rows = [{"subject": subject, "identifier": identifier} for identifier in identifiers]
    if rows:
        connection.execute(tables.changes.insert(), rows)
