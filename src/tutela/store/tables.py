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

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("pin_hash", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("data_key", sa.LargeBinary),
)
"""`data_key` is sealed with the bank's key; withdrawal sets it to null, and nothing of the case opens any more."""

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

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("protection", sa.Text, sa.ForeignKey("protections.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Parts of a protection that has any, coded with the bank's rotation, under the case's data key."""

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
"""What every process must look at again, in order: subject is `protection` or `allowlist`."""

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
