"""The keys of one open bank: the bank's own, and those that it wraps."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa

from tutela.store import KeyMissing, KeySource, KeyWrong, Sealer, new_key, tables
from tutela.store.keys import key_id

PSEUDONYMS, CUSTODY, MEMORY, SHARED = "pseudonyms", "custody", "memory", "shared"
PARTS = "parts"
SNAPSHOT = "snapshot"
SERVICE = "service"
"""Names of the bank's secrets: what names people and channels, signs custody logs, seals the memory of scans, and seals
material that belongs to no case; what rotates the descriptions of key points; what opens the file of `snapshot.py`;
what the service seals for its callers."""

_SECRETS = (PSEUDONYMS, CUSTODY, MEMORY, SHARED, PARTS, SERVICE)
LATER = (PARTS, SERVICE)
"""Secrets that a bank of an earlier version has yet to get."""


class Keyring:
    """Finds the key that the database asks for, also when another process replaces it meanwhile."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._key_id = ""
        self._sealer: Sealer | None = None

    def sealer(self, connection: sa.Connection) -> Sealer:
        """The sealer of the bank's key as the transaction sees it. Raises `KeyMissing` or `KeyWrong`."""
        wanted = connection.execute(sa.select(tables.bank.c.key_id)).scalar_one_or_none()
        if wanted is None:
            raise KeyWrong("the bank does not say which key it has", remedy="Restore it from a backup")
        if self._sealer is None or wanted != self._key_id:
            self._sealer, self._key_id = Sealer(self._find(wanted)), wanted
        return self._sealer

    def secret(self, connection: sa.Connection, name: str) -> bytes:
        """One of the bank's own secrets, 32 bytes."""
        held = self.held(connection, name)
        if held is None:
            raise KeyWrong(f"the bank has lost its {name} key", remedy="Restore it from a backup")
        return held

    def held(self, connection: sa.Connection, name: str) -> bytes | None:
        """A secret that may not be there."""
        secret = tables.secrets
        sealed = connection.execute(sa.select(secret.c.sealed).where(secret.c.name == name)).scalar_one_or_none()
        return None if sealed is None else self.sealer(connection).open(sealed, _secret(name))

    def has(self, connection: sa.Connection, name: str) -> bool:
        """Whether there is such a secret."""
        return connection.execute(sa.select(sa.exists().where(tables.secrets.c.name == name))).scalar_one()

    def keep(self, connection: sa.Connection, name: str, value: bytes) -> None:
        """Keeps a secret; one of the same name is destroyed."""
        self.forget(connection, name)
        sealed = self.sealer(connection).seal(value, _secret(name))
        connection.execute(tables.secrets.insert(), {"name": name, "sealed": sealed})

    def forget(self, connection: sa.Connection, name: str) -> None:
        """Destroys a secret, if it is there."""
        connection.execute(tables.secrets.delete().where(tables.secrets.c.name == name))

    def shared(self, connection: sa.Connection) -> Sealer:
        """The sealer of material that belongs to no case."""
        return Sealer(self.secret(connection, SHARED))

    def found(self, connection: sa.Connection) -> None:
        """Gives a new bank its first rows: a key that exists already is taken, otherwise one is made."""
        keys = self._source.keys()
        key = keys[0] if keys else self._source.create()
        sealer = Sealer(key)
        connection.execute(
            tables.bank.insert(),
            {"id": 1, "reference": secrets.token_hex(8), "key_id": key_id(key), "created_at": datetime.now(UTC)},
        )
        rows = [{"name": name, "sealed": sealer.seal(new_key(), _secret(name))} for name in _SECRETS]
        connection.execute(tables.secrets.insert(), rows)

    def begin_rotation(self, connection: sa.Connection) -> bytes:
        """Makes the next key, kept durably beside the current one."""
        wanted = connection.execute(sa.select(tables.bank.c.key_id)).scalar_one()
        current = self._find(wanted)
        waiting = self._source.keys()[0]  # where the operator, or an interrupted rotation, has put a newer one
        new = new_key() if waiting == current else waiting
        self._source.replace([new, current])
        return new

    def rewrap(self, connection: sa.Connection, new: bytes) -> None:
        """Seals everything that the bank's key seals with `new`; the caller's transaction makes it one step."""
        old, fresh = self.sealer(connection), Sealer(new)
        for name, sealed in connection.execute(sa.select(tables.secrets.c.name, tables.secrets.c.sealed)).all():
            value = fresh.seal(old.open(sealed, _secret(name)), _secret(name))
            connection.execute(tables.secrets.update().where(tables.secrets.c.name == name).values(sealed=value))
        case = tables.cases
        held = sa.select(case.c.reference, case.c.data_key).where(case.c.data_key.is_not(None))
        for reference, sealed in connection.execute(held).all():
            value = fresh.seal(old.open(sealed, case_context(reference)), case_context(reference))
            connection.execute(case.update().where(case.c.reference == reference).values(data_key=value))
        connection.execute(tables.bank.update().values(key_id=key_id(new)))

    def end_rotation(self, connection: sa.Connection) -> None:
        """Forgets every key but the one in use. Inside a transaction, or another rotation's new key could go too."""
        wanted = connection.execute(sa.select(tables.bank.c.key_id)).scalar_one()
        self._source.replace([self._find(wanted)])

    def _find(self, wanted: str) -> bytes:
        keys = self._source.keys()
        for key in keys:
            if key_id(key) == wanted:
                return key
        if not keys:
            raise KeyMissing(
                "the bank is there, but its key is not",
                where=self._source.where,
                remedy="Put the key back where it was; without it nothing in the bank can be read",
            )
        raise KeyWrong(
            "this key does not belong to this bank",
            where=self._source.where,
            remedy="Use the bank's own key, or restore bank and key from the same backup",
        )


def case_context(reference: str) -> str:
    """What a case's data key is bound to."""
    return f"cases/{reference}"


def _secret(name: str) -> str:
    return f"secrets/{name}"
