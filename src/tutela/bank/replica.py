"""What is searched: all active protections and the allowlist in memory, brought up to date from the table of changes.

Every process has its own. A change made by another process is seen at the next call of `refresh`, which costs one
small query where anything was written, else none (`feed.py`); on a server it never costs any, and a change is seen
within a second. A large bank is taken from a snapshot where there is one (`snapshot.py`), and leaves one behind.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from threading import Lock, Thread

import numpy as np
import sqlalchemy as sa

from tutela.bank.changes import ALLOWLIST, PROTECTION, SETTING, changed_since, latest_change
from tutela.bank.codec import decode_fingerprint, decode_parts
from tutela.bank.feed import Feed
from tutela.bank.keyring import PARTS, Keyring, case_context
from tutela.bank.snapshot import Arrays, Snapshot
from tutela.index import HammingIndex, IndexFileError
from tutela.index.hamming import SMALL
from tutela.matching import Matcher, Protected, text_words, word_texts
from tutela.model import CODE_BYTES, CaseRef, CodedParts, Fingerprint, Match, Pdq, ProtectionId
from tutela.store import KeyMissing, KeyWrong, Sealer, Store, StoreError, tables

QUICK = 2_000_000
"""Up to so many protections a search takes less than handing it to another thread."""

SNAPSHOT_FROM = 20_000
"""A bank of fewer protections is opened from the store alone, in about a second."""

SNAPSHOT_SHARE = 8
"""A snapshot is written anew when the changes since it are more than an eighth of the protections."""

SNAPSHOT_REST = 300.0
"""Seconds between two snapshots of one process: withdrawals, each of which destroys it, may come in numbers."""

_SOME = 500  # ids in one query: below every database's limit of bound values
_STREAM = {"yield_per": 2000}  # a million rows are not held at once
_ANY = Fingerprint("", 0, 0, bytes(32), bytes(16), Pdq(bytes(CODE_BYTES), 100))
_LOG = logging.getLogger(__name__)
_EARLIER = (
    "some protections hold parts that an earlier version described: altered versions of these pictures are not found. "
    "Withdraw and protect the pictures again, where they are at hand"
)


class Replica:
    """A `Matcher` with the number of the last change that it has seen.

    Any number of threads may refresh it and match. Whoever finds a change applies it, and those who come meanwhile wait
    for it; searching, compacting and writing snapshots hold nobody up.
    """

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        snapshot: Snapshot,
        changed: Callable[[Iterable[ProtectionId]], None],
    ) -> None:
        """`changed` is told which protections changed, each time that changes are applied."""
        self.matcher = Matcher(parts_key=self._parts_key)
        self._store = store
        self._keyring = keyring
        self._snapshot = snapshot
        self._changed = changed
        self._seen = -1
        self._settled = 0
        self._allowed: dict[str, int] = {}
        self._covered = 0  # the last change in the snapshot that this process knows
        self._tried = -SNAPSHOT_REST
        self._quick, self._rehearsed, self._told_of_earlier = False, False, False
        self._changing, self._keeping = Lock(), Lock()
        self._upkeep: Thread | None = None
        self._feed = Feed(store, self._follow)

    def close(self) -> None:
        """Ends the feed and waits for the upkeep that runs."""
        self._feed.close()
        if self._upkeep is not None:
            self._upkeep.join()

    def refresh(self) -> None:
        """Applies what was committed up to now (on a database that tells of changes, by others up to a second ago).

        The first call loads everything.
        """
        if self._feed.is_current(self._seen):
            return
        mark = self._store.mark  # first: what is written while we ask makes it another one
        with self._store.read() as connection:
            latest = latest_change(connection)
        if latest > self._seen:
            self._renew()
        self._feed.note(latest, mark)

    def warm_up(self) -> None:
        """Loads everything, also what is compiled, so that from now on `at_once` can tell."""
        self._quick = True
        self.refresh()
        self._rehearse()

    @property
    def seen(self) -> int:
        """The number of the last change that was applied; -1 before there is anything to search."""
        return self._seen

    @property
    def settled(self) -> int:
        """The number of a change up to `seen` since which no setting was changed."""
        return self._settled

    def at_once(self, fingerprint: Fingerprint) -> list[Match] | None:
        """What the matcher finds, as of this moment, told in a fraction of a millisecond.

        None where that cannot be told without waiting, or would take long: see `refresh` then.
        """
        most = QUICK if self._rehearsed else SMALL // 2
        quick = fingerprint.parts is None and len(self.matcher) <= most
        return self.matcher.match(fingerprint) if quick and self._feed.is_current(self._seen) else None

    def _renew(self) -> None:
        with self._changing:
            built = self._seen < 0 and not self._restore()
            with self._store.read() as connection:
                self._catch_up(connection)
            self._feed.start()
            if not built and self._needs_upkeep() and (self._upkeep is None or not self._upkeep.is_alive()):
                self._upkeep = Thread(target=self._keep_up, name="tutela-snapshot")
                self._upkeep.start()
        self._rehearse()
        if built:  # it took long enough that what follows does not matter
            self._keep_up()

    def _rehearse(self) -> None:
        """Loads what is compiled, which takes up to seconds, before the set outgrows being searched without it."""
        if not self._quick or self._rehearsed or len(self.matcher) <= SMALL // 2:
            return
        index, query = HammingIndex(), np.frombuffer(bytes(CODE_BYTES), dtype=np.uint8).reshape(1, CODE_BYTES)
        index.add(np.arange(SMALL + 1), query.repeat(SMALL + 1, axis=0))  # more than a tail holds: a segment
        index.add([SMALL + 1], query)  # a tail beside it
        index.search(query, 0)
        self.matcher.match(_ANY)  # its arrays may be of another make
        self._rehearsed = True

    def _follow(self, latest: int) -> None:
        """What the feed does. A key that is missing is for the next lookup to tell."""
        if latest > self._seen:
            with suppress(KeyMissing, KeyWrong):
                self.refresh()

    def _restore(self) -> bool:
        """Takes over the snapshot; False where there is none that can be used."""
        try:
            arrays = self._snapshot.read()
            if arrays is None:
                return False
            self._take(arrays)
        except (IndexFileError, KeyWrong) as error:
            self._warn("cannot be used", error.what, "The bank is read from its database, which takes longer this once")
            return False
        except (KeyError, ValueError):
            self._warn("cannot be used", "another version wrote it", "The bank is read from its database")
            return False
        return True

    def _take(self, arrays: Arrays) -> None:
        """Raises KeyError or ValueError where the arrays are not those that `_save` gave."""
        (seen,) = arrays["seen"].tolist()
        with self._store.read() as connection:
            if seen > latest_change(connection):
                raise ValueError("the snapshot is younger than the bank")
        matcher = Matcher.from_arrays(arrays, parts_key=self._parts_key)
        named = zip(word_texts(arrays["names"]), arrays["named"].tolist(), strict=True)
        allowed = {name: number for name, number in named if number in matcher.allowed}
        for number in matcher.allowed - set(allowed.values()):
            matcher.disallow(number)  # came when the names had been taken: the changes bring it again
        with self._store.read() as connection:
            self._load_parts(connection, matcher)
        self.matcher, self._allowed, self._seen, self._covered = matcher, allowed, seen, seen

    def _parts_key(self) -> bytes:
        with self._store.read() as connection:
            return self._keyring.secret(connection, PARTS)

    def _load_parts(self, connection: sa.Connection, matcher: Matcher) -> None:
        """Gives a matcher that came from a snapshot, where they are not, the parts of its protections."""
        row, case, parts = tables.protections, tables.cases, tables.parts
        query = sa.select(row.c.id, row.c.case, row.c.sealed, parts.c.sealed, case.c.data_key)
        query = query.join(parts, parts.c.protection == row.c.id).join(case, row.c.case == case.c.reference)
        query = query.where(row.c.quarantined_at.is_(None)).order_by(row.c.case)
        sealer_of = self._case_sealers(connection)
        for identifier, reference, sealed, described, data_key in connection.execute(query, execution_options=_STREAM):
            sealer = sealer_of(reference, data_key)
            fingerprint = decode_fingerprint(sealer.open(sealed, protection_context(identifier)))
            if (found := self._parts(sealer, identifier, described)) is not None:
                matcher.add_parts(ProtectionId(identifier), fingerprint, found)

    def _catch_up(self, connection: sa.Connection) -> None:
        latest = latest_change(connection)
        if self._seen < 0:
            self._load_protections(connection, None)
            self._load_allowed(connection, None)
        else:
            rows = changed_since(connection, self._seen, latest)
            for start in range(0, len(rows), _SOME):
                some = rows[start : start + _SOME]
                protections = [ProtectionId(name) for subject, name in some if subject == PROTECTION]
                self._load_protections(connection, protections)
                self._changed(protections)
                self._load_allowed(connection, [name for subject, name in some if subject == ALLOWLIST])
            if any(subject == SETTING for subject, _ in rows):
                self._settled = latest
        self._seen = max(self._seen, latest)

    def _load_protections(self, connection: sa.Connection, only: list[ProtectionId] | None) -> None:
        row, case, part = tables.protections, tables.cases, tables.parts
        query = sa.select(row.c.id, row.c.case, row.c.quarantined_at, row.c.sealed, case.c.data_key, part.c.sealed)
        query = query.join(case, row.c.case == case.c.reference).outerjoin(part, part.c.protection == row.c.id)
        query = query.order_by(row.c.case)
        if only is not None:
            if not only:
                return
            query = query.where(row.c.id.in_(only))
            there = set(connection.execute(sa.select(row.c.id).where(row.c.id.in_(only))).scalars())
            for gone in set(only) - there:
                self.matcher.remove(gone)
        sealer_of = self._case_sealers(connection)
        rows = connection.execute(query, execution_options=_STREAM)
        for identifier, reference, quarantined_at, sealed, data_key, described in rows:
            sealer = sealer_of(reference, data_key)
            fingerprint = decode_fingerprint(sealer.open(sealed, protection_context(identifier)))
            parts = None if described is None else self._parts(sealer, identifier, described)
            protected = Protected(CaseRef(reference), ProtectionId(identifier), fingerprint, parts)
            self.matcher.add(protected, near=quarantined_at is None)

    def _parts(self, sealer: Sealer, identifier: str, sealed: bytes) -> CodedParts | None:
        """The parts of a protection; those that an earlier version described are left out, which is said once."""
        found = decode_parts(sealer.open(sealed, parts_context(identifier)))
        if found is None and not self._told_of_earlier:
            self._told_of_earlier = True
            _LOG.warning(_EARLIER)
        return found

    def _case_sealers(self, connection: sa.Connection) -> Callable[[str, bytes], Sealer]:
        """What opens the rows of a case, by reference and data key; the last one is kept, so rows come case by case."""
        wrapping = self._keyring.sealer(connection)

        @lru_cache(maxsize=1)
        def sealer(reference: str, data_key: bytes) -> Sealer:
            return Sealer(wrapping.open(data_key, case_context(reference)))

        return sealer

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

    def _needs_upkeep(self) -> bool:
        return self.matcher.crowded or self._needs_snapshot()

    def _needs_snapshot(self) -> bool:
        if len(self.matcher) < SNAPSHOT_FROM or time.monotonic() - self._tried < SNAPSHOT_REST:
            return False
        if not self._snapshot.possible:
            return False
        with self._store.read() as connection:
            there = self._snapshot.exists(connection)
        return not there or (self._seen - self._covered) * SNAPSHOT_SHARE > len(self.matcher)

    def _keep_up(self) -> None:
        """Compacts the matcher, and writes a snapshot where one is due."""
        with self._keeping:
            self.matcher.compact()
            if not self._needs_snapshot():
                return
            self._tried = time.monotonic()
            try:
                self._save()
            except (OSError, StoreError) as error:
                reason = error.what if isinstance(error, StoreError) else error.strerror
                self._warn("cannot be written", str(reason), "The bank works without it; opening it takes longer")

    def _save(self) -> None:
        with self._changing:
            seen, allowed = self._seen, dict(self._allowed)
        arrays: Arrays = {
            "seen": np.array([seen], dtype=np.int64),
            "names": text_words(list(allowed)),
            "named": np.array(list(allowed.values()), dtype=np.int64),
            **self.matcher.arrays(),
        }
        if self._snapshot.write(arrays, seen):
            self._covered = seen

    def _warn(self, what: str, reason: str, then: str) -> None:
        _LOG.warning("%s: the snapshot of the bank %s: %s. %s", self._snapshot.path, what, reason, then)


def protection_context(identifier: str) -> str:
    """What a sealed protection is bound to."""
    return f"protections/{identifier}"


def parts_context(identifier: str) -> str:
    """What a protection's sealed parts are bound to."""
    return f"parts/{identifier}"


def allowed_context(identifier: str) -> str:
    """What a sealed entry of the allowlist is bound to."""
    return f"allowlist/{identifier}"
