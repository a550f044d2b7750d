"""What keys told of matches, for staff to look at, and to release to the person whose picture it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from tutela.bank.acts import record
from tutela.casework.errors import UnknownFinding
from tutela.model import CaseRef, ProtectionId, Tier
from tutela.store import Store, tables


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a finding: *blocked*, *not_blocked* or *wrong*; `released` where the person may see it."""

    verdict: str
    at: datetime
    released: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A match that the key `reporter` told about; `released` where the person may see it."""

    id: str
    case: CaseRef
    protection: ProtectionId
    tier: Tier
    reporter: str
    found_at: datetime
    released: bool
    outcomes: tuple[Outcome, ...]

    @property
    def waiting(self) -> bool:
        """Whether there is anything in it that staff have not released."""
        return not (self.released and all(each.released for each in self.outcomes))


class Findings:
    """The findings of one bank. Safe for threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Finding]:
        """Every finding of a case that was not withdrawn, oldest first."""
        row, outcome = tables.findings, tables.outcomes
        with self._store.read() as connection:
            found = connection.execute(sa.select(row).order_by(row.c.found_at, row.c.id)).all()
            told = connection.execute(sa.select(outcome).order_by(outcome.c.at, outcome.c.id)).all()
        outcomes: dict[str, list[Outcome]] = {}
        for each in told:
            outcomes.setdefault(each.finding, []).append(_outcome(each))
        return [_finding(each, outcomes.get(each.id, ())) for each in found]

    def release(self, identifier: str) -> Finding:
        """Shows a finding to the person with the outcomes that it has now; one that comes later has to be released too.

        Returns what the person may now see. Raises `UnknownFinding`.
        """
        row, outcome = tables.findings, tables.outcomes
        with self._store.write() as connection:
            now = datetime.now(UTC)
            if not connection.execute(row.update().where(row.c.id == identifier).values(released_at=now)).rowcount:
                raise UnknownFinding(
                    "there is no such finding, or its case was withdrawn", remedy="See `tutela case findings`"
                )
            mine = outcome.c.finding == identifier
            connection.execute(outcome.update().where(mine, outcome.c.released_at.is_(None)).values(released_at=now))
            found = connection.execute(sa.select(row).where(row.c.id == identifier)).one()
            outcomes = connection.execute(sa.select(outcome).where(mine).order_by(outcome.c.at, outcome.c.id)).all()
            record(connection, "finding.released", {"finding": identifier, "outcomes": len(outcomes)})
        return _finding(found, map(_outcome, outcomes))


def _outcome(row: sa.Row[tuple[object, ...]]) -> Outcome:
    return Outcome(row.verdict, row.at, row.released_at is not None)


def _finding(row: sa.Row[tuple[object, ...]], outcomes: Iterable[Outcome]) -> Finding:
    return Finding(
        row.id,
        CaseRef(row.case),
        ProtectionId(row.protection),
        Tier(row.tier),
        row.reporter,
        row.found_at,
        row.released_at is not None,
        tuple(outcomes),
    )
