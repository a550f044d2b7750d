"""The tables. Whatever tells something of a person or a picture is sealed; the rest is what a transaction needs.

`context` in `Sealer.seal` is written ``table/primary key`` throughout.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(column_0_label)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, kept as microseconds since 1970: the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Datetime → microseconds. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Microseconds → datetime."""
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


_Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

bank = sa.Table(
    "bank",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
"""One row. `key_id` names the key that wraps everything else."""

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Keys of the bank itself (pseudonyms, custody, cache), sealed with the bank's key."""

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True, unique=True),
    sa.Column("enabled", sa.Float, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
"""What cases are grouped by: a helpline, a hash list. `enabled` is the share of lookups that see it, 0 to 1.

The group `DEFAULT_GROUP` is always there; a case without a group belongs to it.
"""

DEFAULT_GROUP = "default"

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("pin_hash", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("data_key", sa.LargeBinary),
    sa.Column("bank_group", sa.Text, sa.ForeignKey("groups.id"), index=True),
)
"""`data_key` is sealed with the bank's key; withdrawal sets it to null, and nothing of the case opens any more.

`pin_hash` is empty for a case that a program filled, which nobody has a PIN for.
"""

protections = sa.Table(
    "protections",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.reference"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("registered_at", Instant, nullable=False),
    sa.Column("quarantined_at", Instant),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""`sealed` is the fingerprint, under the case's data key."""

openings_once = sa.Table(
    "openings_once",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.reference"), nullable=False, index=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("protections", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
)
"""Cases that can be asked for again for a day: keyed hashes of the caller's key and of what was asked, and what the PIN
is made from together with that key. `body` is null once the case is withdrawn; `protections` is a JSON list.
"""

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("protection", sa.Text, sa.ForeignKey("protections.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Parts of a protection that has any, coded with the bank's rotation, under the case's data key."""

contents = sa.Table(
    "contents",
    metadata,
    sa.Column("number", _Counter, primary_key=True),
    sa.Column(
        "protection",
        sa.Text,
        sa.ForeignKey("protections.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        unique=True,
    ),
    sqlite_autoincrement=True,
)
"""The number of a protection where other programs know it by one; it gets it when it is first asked for."""

sightings = sa.Table(
    "sightings",
    metadata,
    sa.Column("id", _Counter, primary_key=True),
    sa.Column("protection", sa.Text, sa.ForeignKey("protections.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Unrelated pictures that a protection matched (for quarantine), under the case's data key."""

allowlist = sa.Table(
    "allowlist",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Pictures that must never match, under the bank's key for shared material."""

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("number", _Counter, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("identifier", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What every process must look at again, in order: subject is `protection`, `allowlist` or `setting`."""

acts = sa.Table(
    "acts",
    metadata,
    sa.Column("number", _Counter, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What was done to the bank, written in the transaction that did it. `facts` is JSON without personal data."""

memory = sa.Table(
    "memory",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("remembered_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Fingerprints of files that a scan has already read, so that it need not read them again."""

openings = sa.Table(
    "openings",
    metadata,
    sa.Column("commitment", sa.LargeBinary, primary_key=True),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""What opens the commitments of custody logs (salt and detail), under the bank's key for shared material."""

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scope", sa.Text),
    sa.Column("per_minute", sa.Integer),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("used_on", sa.Text),
)
"""Who may call the service. `id` is the visible part of the key, `secret_hash` SHA-256 of the rest.

`scope` is a JSON list of groups, null for all of them; `used_on` a day, as ISO 8601 writes it.
"""

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case", sa.Text, sa.ForeignKey("cases.reference"), nullable=False, index=True),
    sa.Column("protection", sa.Text, sa.ForeignKey("protections.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("reporter", sa.Text, sa.ForeignKey("access_keys.id"), nullable=False),
    sa.Column("found_at", Instant, nullable=False),
    sa.Column("released_at", Instant),
)
"""A match that somebody told about. The person sees it once staff have released it. A withdrawal takes it away."""

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("finding", sa.Text, sa.ForeignKey("findings.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("released_at", Instant),
)
"""What came of a finding, each verdict once. `id` is made of the reporter and its idempotency key.

The person sees those that were there when staff released the finding, or released it again.
"""

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("scope", sa.Text),
    sa.Column("access_key", sa.Text, sa.ForeignKey("access_keys.id")),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Whom to tell of what: `events` and `scope` are JSON lists; `sealed` is what signs, under the bank's shared key.

`access_key` is the key that registered it, if one did: once that is revoked, nobody is told any more.
"""

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("number", _Counter, primary_key=True),
    sa.Column("webhook", sa.Text, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("put_at", Instant, nullable=False, index=True),
    sa.Column("due_at", Instant, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""The outbox: events that a webhook has yet to be told, written in the transaction that they speak of."""
