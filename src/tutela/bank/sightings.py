"""Notes unrelated pictures that one protection matches, and puts it in quarantine when they are too many."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from threading import Lock

import sqlalchemy as sa

from tutela.bank.acts import record
from tutela.bank.cases import case_sealer
from tutela.bank.changes import PROTECTION, note_change
from tutela.bank.keyring import Keyring
from tutela.matching import THRESHOLDS, Watch
from tutela.model import Pdq, ProtectionId
from tutela.store import BankUnusable, Sealer, Store, tables

NOTED_AT_ONCE = 8
"""Protections whose near match is noted at one lookup: the others, copies of one picture mostly, at the next ones."""

_LOG = logging.getLogger(__name__)


class Sightings:
    """The watch over each protection that matched something, as this process last saw it."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._watches: dict[ProtectionId, Watch] = {}
        self._watching = Lock()

    def watch(self, store: Store, near: Iterable[ProtectionId], pdq: Pdq) -> None:
        """Notes near matches of one picture, in a transaction of its own where there is anything new in them."""
        news = list(islice((each for each in near if self.is_news(each, pdq)), NOTED_AT_ONCE))
        if not news:
            return
        try:
            with self._watching:
                watches = self._watches  # others by now where a protection changed: what was read may be older
                with store.write() as connection:
                    after = {protection: self.note(connection, protection, pdq) for protection in news}
                watches.update((protection, watch) for protection, watch in after.items() if watch is not None)
        except BankUnusable as error:  # whoever looks up needs the answer; the next near match is noted
            _LOG.error("%s. A near match was not noted", error)

    def is_news(self, protection: ProtectionId, pdq: Pdq) -> bool:
        """Whether a near match with this picture must be noted; False for a copy of one that was noted before."""
        watch = self._watches.get(protection)
        return watch is None or watch.note(pdq, datetime.now(UTC)) is not watch

    def note(self, connection: sa.Connection, protection: ProtectionId, pdq: Pdq) -> Watch | None:
        """Notes a near match in the database; with one unrelated picture too many, quarantines the protection.

        The watch as it is once the transaction ends; None where the protection is gone.
        """
        sealer = case_sealer(connection, self._keyring, protection)
        if sealer is None:
            return None
        now = datetime.now(UTC)
        before = self._read(connection, sealer, protection, now)
        after = before.note(pdq, now)
        if after is not before:
            sealed = sealer.seal(pdq.code, _context(protection))
            row = {"protection": protection, "seen_at": now, "sealed": sealed}
            connection.execute(tables.sightings.insert(), row)
            if after.alarming(now):
                _quarantine(connection, protection, len(after.seen), now)
        return after

    def forget(self, connection: sa.Connection, protection: ProtectionId) -> None:
        """Starts the watch over this protection anew, in every process that is told of the change."""
        connection.execute(tables.sightings.delete().where(tables.sightings.c.protection == protection))

    def look_again(self, changed: Iterable[ProtectionId]) -> None:
        """Drops what this process saw of protections that changed: released, quarantined or withdrawn, by whomever."""
        watches = self._watches.copy()
        for protection in changed:
            watches.pop(protection, None)
        self._watches = watches

    def _read(self, connection: sa.Connection, sealer: Sealer, protection: ProtectionId, now: datetime) -> Watch:
        row = tables.sightings
        mine = row.c.protection == protection
        connection.execute(row.delete().where(mine, row.c.seen_at < now - THRESHOLDS.quarantine_window))
        rows = connection.execute(sa.select(row.c.sealed, row.c.seen_at).where(mine).order_by(row.c.id)).all()
        return Watch(tuple((sealer.open(sealed, _context(protection)), at) for sealed, at in rows))


def _quarantine(connection: sa.Connection, protection: ProtectionId, unrelated: int, now: datetime) -> None:
    row = tables.protections
    waiting = row.update().where(row.c.id == protection, row.c.quarantined_at.is_(None))
    if connection.execute(waiting.values(quarantined_at=now)).rowcount:
        note_change(connection, PROTECTION, [protection])
        record(connection, "protection.quarantined", {"protection": protection, "unrelated": unrelated})


def _context(protection: ProtectionId) -> str:
    return f"sightings/{protection}"
