"""The bank as the rest of the program sees it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NewType

import sqlalchemy as sa

from tutela.bank import keyring
from tutela.bank.acts import record
from tutela.bank.cases import kept_pin, open_case, withdraw_case
from tutela.bank.changes import ALLOWLIST, PROTECTION, note_change
from tutela.bank.codec import encode
from tutela.bank.contents import Content, content, numbers, unowned_case
from tutela.bank.errors import CaseRefused, NothingToProtect, UnknownEntry
from tutela.bank.groups import GroupId, Groups
from tutela.bank.inventory import Inventory, inventory
from tutela.bank.memory import FingerprintMemory
from tutela.bank.once import Once, new_salt
from tutela.bank.pins import hash_pin, new_pin, new_protection, tidy_case, verify_pin
from tutela.bank.replica import Replica, allowed_context
from tutela.bank.sightings import Sightings
from tutela.bank.snapshot import Snapshot
from tutela.bank.standings import Standings
from tutela.bank.status import CaseStatus, case_status
from tutela.custody import Opening
from tutela.index.rotation import Rotation
from tutela.matching.coding import coded
from tutela.model import CaseRef, CodedParts, Fingerprint, Kind, Match, Pdq, Pin, ProtectionId, Tier
from tutela.store import BackupRefused, Sealer, Store, back_up, key_source, new_key, tables
from tutela.store.engine import sqlite_path

_NOBODY = ""
"""Instead of a PIN's hash: nobody has one."""

AllowedId = NewType("AllowedId", str)
"""One entry of the allowlist."""


@dataclass(frozen=True, slots=True)
class Registration:
    """An opened case. The PIN is in here and nowhere else: show it once. `protections` as the fingerprints came."""

    case: CaseRef
    pin: Pin = field(repr=False)
    protections: tuple[ProtectionId, ...]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A protection that waits for a person's decision; only its exact tier is active."""

    protection: ProtectionId
    case: CaseRef
    since: datetime


class Bank:
    """Cases, protections and what they match, in one database. Safe for threads; a context manager that closes."""

    def __init__(self, store: Store, keys: keyring.Keyring) -> None:
        self._store = store
        self._keys = keys
        self._snapshot = Snapshot(store, keys)
        self._sightings = Sightings(keys)
        self._replica = Replica(store, keys, self._snapshot, self._sightings.look_again)
        self._rotation: Rotation | None = None
        self.groups = Groups(store)
        self.standings = Standings(store, self._replica)

    @classmethod
    def open(cls, url: str, *, create: bool = False) -> "Bank":
        """Opens the bank at ``sqlite:///PATH`` or ``postgresql://…``; with `create`, makes one where there is none.

        Raises `BankMissing`, `BankUnusable`, `KeyMissing` or `KeyWrong` (all `StoreError`). An existing bank whose
        key is wrong or missing is never replaced by a new one.
        """
        keys = keyring.Keyring(key_source(sqlite_path(url)))
        store = Store.open(url, create=keys.found if create else None)
        bank = cls(store, keys)
        try:
            bank._secret(keyring.SHARED)  # a key that opens nothing is found now, not in the middle of the work
            bank._complete()
        except BaseException:
            store.close()
            raise
        return bank

    def _complete(self) -> None:
        """Gives a bank from before parts, or from before the service, the secrets that they need."""
        with self._store.read() as connection:
            if all(self._keys.has(connection, name) for name in keyring.LATER):
                return
        with self._store.write() as connection:
            for name in keyring.LATER:
                if not self._keys.has(connection, name):
                    self._keys.keep(connection, name, new_key())

    def close(self) -> None:
        """Closes the database, when a snapshot that is being written is done."""
        self._replica.close()
        self._store.close()

    def __enter__(self) -> "Bank":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def protect(
        self, fingerprints: Iterable[Fingerprint], *, kind: Kind | str, parts: bool | None = None
    ) -> tuple[CaseRef, Pin]:
        """Opens a case; its reference and its PIN, which is shown once and kept only as a hash. See `register`."""
        registration = self.register(fingerprints, kind=kind, parts=parts)
        return registration.case, registration.pin

    def register(
        self,
        fingerprints: Iterable[Fingerprint],
        *,
        kind: Kind | str,
        parts: bool | None = None,
        group: GroupId | None = None,
        once: Once | None = None,
    ) -> Registration:
        """Opens a case with one protection for each fingerprint. When it returns, the case is on disk.

        `parts` says whether to keep what altered versions are found by, where the fingerprints have it. By default that
        is so for *ordinary* pictures only: a rough picture can be made from parts (`docs/privacy.md`), so for an
        *intimate* one somebody must have been told that and have agreed. Without a `group` it is the default one.

        With `once`, what was opened under its key within a day is told again, its PIN too.

        Raises `NothingToProtect` for none, ValueError for another `kind` than *intimate* or *ordinary*, `UnknownEntry`
        for a group that is gone, and what `Once.found` raises.
        """
        kind, given = Kind(kind), tuple(fingerprints)
        if not given:
            raise NothingToProtect("a case needs at least one fingerprint", remedy="Name a picture that can be read")
        keep = kind is Kind.ORDINARY if parts is None else parts
        described = [self._coded(each) if keep else None for each in given]
        salt = new_salt()
        pin = new_pin() if once is None else once.pin(salt)
        pin_hash = hash_pin(pin)
        with self._store.write(landed=lambda later: kept_pin(later, opened.case) is not None) as connection:
            found = None if once is None else once.found(connection)
            opened, pin = found or (open_case(connection, self._keys, given, described, kind, pin_hash, group), pin)
            if once is not None and found is None:
                once.keep(connection, opened, salt)
        return Registration(opened.case, pin, opened.protections)

    def enrol(self, fingerprint: Fingerprint, group: GroupId) -> int:
        """Adds one item of a hash list, without parts; the number that `expel` takes. Raises `UnknownEntry`."""
        with self._store.write(landed=lambda later: kept_pin(later, opened.case) is not None) as connection:
            opened = open_case(connection, self._keys, [fingerprint], [None], Kind.INTIMATE, _NOBODY, group)
        return self.numbers(opened.protections)[opened.protections[0]]

    def expel(self, number: int, group: GroupId) -> int:
        """Withdraws what `enrol` added; how many ended, 0 or 1. Raises `PersonsCase` for what a person protects."""
        with self._store.write() as connection:
            case = unowned_case(connection, number, group)
            if case is None:
                return 0
            ended = withdraw_case(connection, case)
            self._snapshot.destroy(connection)
        self._store.scrub()
        return ended

    def numbers(self, protections: Iterable[ProtectionId]) -> dict[ProtectionId, int]:
        """What other programs call these protections, by numbers that never come again."""
        return numbers(self._store, protections)

    def content(self, number: int) -> Content | None:
        """The protection that has this number."""
        with self._store.read() as connection:
            return content(connection, number)

    def status(self, case: str, pin: str) -> CaseStatus:
        """The case as its owner may see it. Raises `CaseRefused`."""
        reference = self._proved(case, pin)
        with self._store.read() as connection:
            return case_status(connection, self._keys, reference)

    def withdraw(self, case: str, pin: str) -> int:
        """Withdraws a case and destroys its data key; the number of protections that ended, 0 if it was done before.

        When it returns, nothing of the case matches, and nothing that is left on disk decrypts to any of it: in
        a file that nobody else is reading, or else within a second of their end (`Store.scrub`); what a server keeps of
        deleted rows needs the bank's key as it now is (`docs/postgresql.md`). Raises `CaseRefused`.
        """
        reference = self._proved(case, pin)
        with self._store.write() as connection:
            ended = withdraw_case(connection, reference)
            if ended:
                self._snapshot.destroy(connection)
        self._store.scrub()
        return ended

    def match(self, fingerprint: Fingerprint, *, watch: bool = True) -> list[Match]:
        """Every active protection that reappears in the media, surest first: as of this moment, or on a
        server, where another process changed something within the last half second, as of just before.

        Altered versions are found where the fingerprint has all its parts (`Detail.LOOKUP`).
        """
        self._replica.refresh()
        matches = self._replica.matcher.match(fingerprint)
        if watch:
            self.watch(matches, fingerprint.pdq)
        return matches

    def watch(self, matches: Iterable[Match], pdq: Pdq | None) -> None:
        """Notes that protections were near to this picture: one that is near to much unrelated material is quarantined.

        `match` does so itself, unless it was told not to because this may have to wait for the bank's writer.
        """
        if pdq is not None:
            self._sightings.watch(self._store, [match.protection for match in matches if match.tier is Tier.NEAR], pdq)

    def at_once(self, fingerprint: Fingerprint) -> list[Match] | None:
        """What `match` finds, told in a fraction of a millisecond and without waiting; nothing is noted (see `watch`).

        None where it cannot be told so soon.
        """
        return self._replica.at_once(fingerprint)

    def wants_parts(self) -> bool:
        """Whether any protection has parts: whether looking up needs those of the picture that is looked up."""
        return self.parts_state() > 0

    def parts_state(self) -> int:
        """A number that rises whenever a protection with parts comes to the bank; 0 where there is none."""
        change, part = tables.changes, tables.parts
        query = sa.select(sa.func.max(change.c.number)).where(change.c.identifier.in_(sa.select(part.c.protection)))
        with self._store.read() as connection:
            return connection.execute(query).scalar() or 0

    def allow(self, fingerprint: Fingerprint) -> AllowedId:
        """Puts a picture on the allowlist: what is closer to it than to a protection does not match."""
        identifier = new_protection()
        with self._store.write() as connection:
            sealer = self._keys.shared(connection)
            sealed = sealer.seal(encode(fingerprint), allowed_context(identifier))
            row = {"id": identifier, "added_at": datetime.now(UTC), "sealed": sealed}
            connection.execute(tables.allowlist.insert(), row)
            note_change(connection, ALLOWLIST, [identifier])
            record(connection, "allowlist.added", {"entry": identifier})
        return AllowedId(identifier)

    def disallow(self, identifier: AllowedId) -> None:
        """Takes a picture off the allowlist. Raises `UnknownEntry`."""
        with self._store.write() as connection:
            gone = connection.execute(tables.allowlist.delete().where(tables.allowlist.c.id == identifier)).rowcount
            if not gone:
                raise UnknownEntry("no picture on the allowlist has this id", remedy="See `tutela bank allowed`")
            self._snapshot.destroy(connection)
            note_change(connection, ALLOWLIST, [identifier])
            record(connection, "allowlist.removed", {"entry": identifier})

    def allowed(self) -> list[tuple[AllowedId, datetime]]:
        """The allowlist's entries with the time of each, oldest first."""
        row = tables.allowlist
        with self._store.read() as connection:
            rows = connection.execute(sa.select(row.c.id, row.c.added_at).order_by(row.c.added_at, row.c.id)).all()
        return [(AllowedId(identifier), at) for identifier, at in rows]

    def quarantined(self) -> list[Quarantined]:
        """Protections that wait for a decision, longest waiting first."""
        row = tables.protections
        query = sa.select(row.c.id, row.c.case, row.c.quarantined_at).where(row.c.quarantined_at.is_not(None))
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(row.c.quarantined_at, row.c.id)).all()
        return [Quarantined(ProtectionId(name), CaseRef(case), since) for name, case, since in rows]

    def release(self, protection: ProtectionId) -> None:
        """Ends a quarantine and starts the watch anew. Raises `UnknownEntry`."""
        row = tables.protections
        with self._store.write() as connection:
            waiting = row.update().where(row.c.id == protection, row.c.quarantined_at.is_not(None))
            if not connection.execute(waiting.values(quarantined_at=None)).rowcount:
                raise UnknownEntry("no protection in quarantine has this id", remedy="See `tutela bank quarantine`")
            self._sightings.forget(connection, protection)
            note_change(connection, PROTECTION, [protection])
            record(connection, "protection.released", {"protection": protection})

    def rotate_key(self) -> None:
        """Replaces the bank's key. Killed at any moment, the bank opens with the key file as it then is.

        Raises `KeyMissing` where the key comes from the environment and that holds no new one yet.
        """
        with self._store.write() as connection:
            self._snapshot.destroy(connection)  # a copy of its row would open it with the old key
            new = self._keys.begin_rotation(connection)
            self._keys.rewrap(connection, new)
            record(connection, "key.rotated", {})
        self._store.scrub()
        with self._store.write() as connection:
            self._keys.end_rotation(connection)

    def back_up(self, target: Path) -> None:
        """Copies an SQLite bank to a new file, as of one moment, while it is in use. Its key is not part of it.

        Raises `BackupRefused` where the copy cannot be put there, and for a bank on a server, which has tools of its
        own for that; `BankUnusable` where the bank cannot be read.
        """
        if self._store.path is None:
            raise BackupRefused("a bank on a server is not a file", remedy="Use pg_dump, or the server's own backup")
        back_up(self._store.path, target)

    def inventory(self) -> Inventory:
        """How much the bank holds at this moment."""
        with self._store.read() as connection:
            return inventory(connection)

    def pseudonym_key(self) -> bytes:
        """32 bytes that name people and channels; two banks give the same person different names."""
        return self._secret(keyring.PSEUDONYMS)

    def custody_key(self) -> bytes:
        """32 bytes: the Ed25519 private key that signs custody logs."""
        return self._secret(keyring.CUSTODY)

    def memory(self, algorithm: str) -> FingerprintMemory:
        """What earlier scans have read; `algorithm` names how fingerprints are computed now."""
        return FingerprintMemory(self._store, self._secret(keyring.MEMORY), algorithm)

    def keep_openings(self, openings: Sequence[Opening]) -> None:
        """Keeps, sealed, what opens commitments of a custody log."""
        now = datetime.now(UTC)
        with self._store.write() as connection:
            sealer = self._keys.shared(connection)
            rows = [
                {
                    "commitment": o.commitment,
                    "kept_at": now,
                    "sealed": sealer.seal(o.salt + o.detail, _kept(o.commitment)),
                }
                for o in openings
            ]
            if rows:
                connection.execute(tables.openings.insert(), rows)

    def opening(self, commitment: bytes) -> Opening | None:
        """What opens this commitment, if this bank kept it."""
        row = tables.openings
        with self._store.read() as connection:
            query = sa.select(row.c.sealed).where(row.c.commitment == commitment)
            sealed = connection.execute(query).scalar_one_or_none()
            if sealed is None:
                return None
            plain = self._keys.shared(connection).open(sealed, _kept(commitment))
        return Opening(commitment, plain[:32], plain[32:])

    @property
    def store(self) -> Store:
        """The database, for the rooms that keep tables of their own beside the bank's."""
        return self._store

    def shared_sealer(self) -> Sealer:
        """Seals what belongs to no case."""
        with self._store.read() as connection:
            return self._keys.shared(connection)

    def service_key(self) -> bytes:
        """32 bytes: what the service seals for its callers."""
        return self._secret(keyring.SERVICE)

    def warm_up(self) -> None:
        """Loads what is searched, and how, so that the first lookup need not, and `at_once` can tell."""
        self._replica.warm_up()

    def _proved(self, case: str, pin: str) -> CaseRef:
        """The case, where the PIN is its own. Takes as long where there is no such case. Raises `CaseRefused`."""
        reference = tidy_case(case)
        with self._store.read() as connection:
            kept = kept_pin(connection, reference)
        if not verify_pin(kept, pin):
            raise CaseRefused
        return reference

    def _coded(self, fingerprint: Fingerprint) -> CodedParts | None:
        if fingerprint.parts is None:
            return None
        if self._rotation is None:
            self._rotation = Rotation(self._secret(keyring.PARTS))
        return coded(fingerprint.parts, fingerprint.width, fingerprint.height, self._rotation)

    def _secret(self, name: str) -> bytes:
        with self._store.read() as connection:
            return self._keys.secret(connection, name)


def _kept(commitment: bytes) -> str:
    return f"openings/{commitment.hex()}"
