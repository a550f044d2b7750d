"""API keys: ``tk_`` and 62 characters, of which the first ten name the key and the rest are its secret.

The secret has 256 random bits and is kept as plain SHA-256. A slow hash such as Argon2 is for what people choose, which
can be guessed; nobody guesses 256 bits, and each lookup would have to wait for it.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import sqlalchemy as sa

from tutela.access.errors import AccessError, UnknownKey
from tutela.access.roles import Role
from tutela.bank import GroupId
from tutela.bank.acts import record
from tutela.store import Store, tables

PREFIX = "tk_"
ID_SIGNS, SECRET_SIGNS = 10, 52
TOKEN_SIGNS = len(PREFIX) + ID_SIGNS + SECRET_SIGNS
REMEMBERED_SECONDS = 1.0
"""How long a process takes a key for valid without looking again: a revoked one works for at most so long."""

_REMEMBERED = 10_000
_LABEL = 200


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `groups` are those it covers, None for all; `per_minute`, its own limit if it has one.

    `used_on` is the day of its last use (UTC).
    """

    id: str
    label: str
    role: Role
    groups: frozenset[GroupId] | None
    per_minute: int | None
    created_at: datetime
    revoked_at: datetime | None
    used_on: date | None

    def covers(self, group: GroupId) -> bool:
        """Whether the key may see the cases of this group."""
        return self.groups is None or group in self.groups


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. The token is in here and nowhere else: show it once."""

    key: Key
    token: str = field(repr=False)


class Keys:
    """The keys of one bank. Safe for threads."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, Key]] = {}

    def create(
        self,
        label: str,
        role: Role,
        *,
        groups: Iterable[GroupId] | None = None,
        per_minute: int | None = None,
    ) -> NewKey:
        """Makes a key. `label` is for people. Raises AccessError for an empty or long label, or a limit below 1."""
        if not 0 < len(label.strip()) <= _LABEL or not label.isprintable():
            raise AccessError("a key needs a label", remedy=f"Write up to {_LABEL} characters that can be printed")
        if per_minute is not None and not 1 <= per_minute <= 10_000_000:
            raise AccessError("a key's limit is from 1 to 10,000,000 calls a minute")
        identifier, secret = _random(7)[:ID_SIGNS], _random(32)
        scope = None if groups is None else frozenset(groups)
        key = Key(identifier, label.strip(), role, scope, per_minute, datetime.now(UTC), None, None)
        row = {
            "id": key.id,
            "secret_hash": _hash(secret),
            "label": key.label,
            "role": role.value,
            "scope": None if scope is None else json.dumps(sorted(scope)),
            "per_minute": per_minute,
            "created_at": key.created_at,
        }
        with self._store.write() as connection:
            connection.execute(tables.access_keys.insert(), row)
            covers = "all" if scope is None else len(scope)
            record(connection, "access_key.created", {"key": key.id, "role": role.value, "groups": covers})
        return NewKey(key, PREFIX + identifier + secret)

    def all(self) -> list[Key]:
        """Every key, revoked ones too, oldest first."""
        row = tables.access_keys
        with self._store.read() as connection:
            return [_key(each) for each in connection.execute(sa.select(row).order_by(row.c.created_at, row.c.id))]

    def revoke(self, identifier: str) -> None:
        """Ends a key and silences the webhooks that it registered; a second time does no harm. Raises `UnknownKey`."""
        row = tables.access_keys
        identifier = identifier.removeprefix(PREFIX)[:ID_SIGNS]
        with self._store.write() as connection:
            if not connection.execute(sa.select(sa.exists().where(row.c.id == identifier))).scalar_one():
                raise UnknownKey("no key has this id", remedy="See `tutela key list`")
            ended = row.update().where(row.c.id == identifier, row.c.revoked_at.is_(None))
            if connection.execute(ended.values(revoked_at=datetime.now(UTC))).rowcount:
                record(connection, "access_key.revoked", {"key": identifier})
        self._remembered.clear()

    def remembered(self, token: str) -> Key | None:
        """The key of a token that was found less than a second ago: takes no look at the database."""
        kept = self._remembered.get(_hash(token))
        return kept[1] if kept is not None and self._clock() < kept[0] else None

    def find(self, token: str) -> Key | None:
        """The key of this token; None where it is none, or was revoked."""
        if len(token) != TOKEN_SIGNS or not token.startswith(PREFIX) or not token.isascii():
            return None
        identifier = token[len(PREFIX) : len(PREFIX) + ID_SIGNS]
        row = tables.access_keys
        until = self._clock() + REMEMBERED_SECONDS
        with self._store.read() as connection:
            found = connection.execute(sa.select(row).where(row.c.id == identifier)).one_or_none()
        given = _hash(token[len(PREFIX) + ID_SIGNS :])
        if not hmac.compare_digest(given, found.secret_hash if found else bytes(32)) or found is None:
            return None
        key = _key(found)
        if key.revoked_at is not None:
            return None
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[_hash(token)] = (until, key)
        return key

    def note_use(self, identifiers: Iterable[str], day: date) -> None:
        """Notes that these keys were used on this day."""
        row, given = tables.access_keys, list(identifiers)
        if given:
            with self._store.write() as connection:
                connection.execute(row.update().where(row.c.id.in_(given)).values(used_on=day.isoformat()))


def _key(row: sa.Row[tuple[object, ...]]) -> Key:
    return Key(
        row.id,
        row.label,
        Role(row.role),
        None if row.scope is None else frozenset(json.loads(row.scope)),
        row.per_minute,
        row.created_at,
        row.revoked_at,
        None if row.used_on is None else date.fromisoformat(row.used_on),
    )


def _random(size: int) -> str:
    """`size` random bytes in small letters and digits."""
    return base64.b32encode(secrets.token_bytes(size)).decode().rstrip("=").lower()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
