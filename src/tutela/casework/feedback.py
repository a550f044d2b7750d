"""What callers tell of their matches. A lookup hands out a *claim* with each match; feedback must bring it back.

A claim is sealed and bound to the key that looked up, so nobody can speak of a match that they never had, no lookup has
to write anything down, and no answer tells whether a case exists.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from tutela.bank import EventKind, announce
from tutela.casework.errors import ClaimRefused
from tutela.model import CaseRef, Match, ProtectionId, Tier
from tutela.store import KeyWrong, Sealer, Store, tables

CLAIM_DAYS = 90
"""How long a claim can be brought back."""


class Verdict(StrEnum):
    """What came of a match: it was *blocked*, it was looked at and *not blocked*, or the match was *wrong*."""

    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"
    WRONG = "wrong"


class _Sealed(msgspec.Struct, array_like=True, frozen=True):
    case: str
    protection: str
    tier: Tier
    at: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A match as its claim tells it."""

    case: CaseRef
    protection: ProtectionId
    tier: Tier


_READER = msgspec.msgpack.Decoder(_Sealed)


class Feedback:
    """Hands out claims and takes them back. Safe for threads."""

    def __init__(self, store: Store, key: bytes) -> None:
        """`key` is `Bank.service_key`."""
        self._store = store
        self._sealer = Sealer(key)

    def claim(self, match: Match, reporter: str) -> str:
        """The claim for this match and this key: about 120 characters that tell nothing."""
        at = int(datetime.now(UTC).timestamp())
        plain = msgspec.msgpack.encode(_Sealed(match.case, match.protection, match.tier, at))
        return base64.urlsafe_b64encode(self._sealer.seal(plain, _context(reporter))).decode().rstrip("=")

    def opened(self, text: str, reporter: str) -> Claim:
        """What a claim says. Raises `ClaimRefused`."""
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            found = _READER.decode(self._sealer.open(sealed, _context(reporter)))
        except (binascii.Error, ValueError, KeyWrong):
            raise ClaimRefused from None
        if datetime.fromtimestamp(found.at, UTC) < datetime.now(UTC) - timedelta(days=CLAIM_DAYS):
            raise ClaimRefused
        return Claim(CaseRef(found.case), ProtectionId(found.protection), found.tier)

    def tell(self, claim: Claim, verdict: Verdict, reporter: str, idempotency: str) -> bool:
        """Records what came of a match; False where this was told before, or the case was withdrawn meanwhile.

        What a key tells of one protection is one finding, with each verdict at most once, however often it meets the
        picture. A second call with the same `idempotency` changes nothing, whatever else it says.
        """
        finding, outcome = _name(claim.protection, reporter), _name(reporter, idempotency)
        with self._store.write() as connection:
            now = datetime.now(UTC)
            if _there(connection, tables.outcomes, outcome) or _told(connection, finding, verdict):
                return False
            if not _there(connection, tables.protections, claim.protection):
                return False
            if not _there(connection, tables.findings, finding):
                row = {
                    "id": finding,
                    "case": claim.case,
                    "protection": claim.protection,
                    "tier": claim.tier.value,
                    "reporter": reporter,
                    "found_at": now,
                }
                connection.execute(tables.findings.insert(), row)
            row = {"id": outcome, "finding": finding, "verdict": verdict.value, "at": now}
            connection.execute(tables.outcomes.insert(), row)
            facts = {"tier": claim.tier.value, "verdict": verdict.value, "finding": finding}
            announce(connection, EventKind.FEEDBACK, claim.case, facts)
        return True


def _there(connection: sa.Connection, table: sa.Table, identifier: str) -> bool:
    return connection.execute(sa.select(sa.exists().where(table.c.id == identifier))).scalar_one()


def _told(connection: sa.Connection, finding: str, verdict: Verdict) -> bool:
    row = tables.outcomes
    told = sa.exists().where(row.c.finding == finding, row.c.verdict == verdict.value)
    return connection.execute(sa.select(told)).scalar_one()


def _name(*parts: str) -> str:
    """A short name made of its parts."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:26]


def _context(reporter: str) -> str:
    return f"claims/{reporter}"
