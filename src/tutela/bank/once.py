"""A case that is asked for again is opened once: whoever got no answer sends the same key, and gets the same case.

The PIN must then be told a second time, and only its Argon2id hash is kept. So it is made from what the caller's key
says, with a secret of the bank's: whoever has that key can be told again for a day, and whoever has the database, or
the bank's key too, cannot make the PIN without it. The row holds the key and what was asked as keyed hashes, and it is
written in the transaction that opens the case.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tutela.bank.cases import OpenedCase
from tutela.bank.errors import AskedOtherwise, WithdrawnSince
from tutela.bank.pins import PIN_DIGITS
from tutela.model import CaseRef, Pin, ProtectionId
from tutela.store import tables

REMEMBERED = timedelta(days=1)
"""How long a key stands for what was asked with it."""


@dataclass(frozen=True, slots=True)
class Once:
    """One wish, under the key that its caller gave it. See `asked`."""

    name: str
    _body: bytes = field(repr=False)
    _secret: bytes = field(repr=False)

    @classmethod
    def asked(cls, secret: bytes, scope: str, key: str, body: bytes) -> "Once":
        """`secret` is the bank's, `scope` says whose keys these are, `body` all that was asked, written one way."""
        own = _mac(secret, f"once/{scope}/{key}".encode())
        return cls(_mac(own, b"name").hex(), _mac(own, b"body" + body), _mac(own, b"pin"))

    def found(self, connection: sa.Connection) -> tuple[OpenedCase, Pin] | None:
        """What was opened under this key within a day.

        Raises `AskedOtherwise` where that was something else, `WithdrawnSince` where it is no longer there.
        """
        row = tables.openings_once
        query = sa.select(row).where(row.c.name == self.name, row.c.at > datetime.now(UTC) - REMEMBERED)
        kept = connection.execute(query).one_or_none()
        if kept is None:
            return None
        if kept.body is None:
            raise WithdrawnSince
        if not hmac.compare_digest(kept.body, self._body):
            raise AskedOtherwise
        opened = OpenedCase(CaseRef(kept.case), tuple(map(ProtectionId, json.loads(kept.protections))))
        return opened, self.pin(kept.salt)

    def pin(self, salt: bytes) -> Pin:
        """The PIN that goes with this salt: ten digits, each case its own."""
        number = int.from_bytes(_mac(self._secret, salt))
        return Pin(f"{number % 10**PIN_DIGITS:0{PIN_DIGITS}}")

    def keep(self, connection: sa.Connection, opened: OpenedCase, salt: bytes) -> None:
        """Remembers what was opened, and forgets what is older than a day."""
        row, now = tables.openings_once, datetime.now(UTC)
        connection.execute(row.delete().where(sa.or_(row.c.at <= now - REMEMBERED, row.c.name == self.name)))
        protections = json.dumps(opened.protections)
        values = {"name": self.name, "case": opened.case, "salt": salt, "body": self._body, "at": now}
        connection.execute(row.insert(), values | {"protections": protections})


def new_salt() -> bytes:
    """For `Once.pin`, another for each case."""
    return secrets.token_bytes(16)


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
