"""What the service needs: groups, keys, findings, webhooks.

Revision ID: 0003
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates the tables, and puts every case there is into the default group by saying nothing about it."""
    groups = op.create_table(
        "groups",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, index=True, unique=True),
        sa.Column("enabled", sa.Float, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    now = round(datetime.now(UTC).timestamp() * 1_000_000)
    op.bulk_insert(groups, [{"id": "default", "name": "PROTECTED", "enabled": 1.0, "created_at": now}])
    # Alembic adds the reference in a step of its own, which SQLite has no statement for.
    op.execute("ALTER TABLE cases ADD COLUMN bank_group TEXT REFERENCES groups (id)")
    op.create_index("ix_cases_bank_group", "cases", ["bank_group"])
    _create_contents()
    _create_openings_once()
    _create_access_keys()
    _create_findings()
    _create_webhooks()


def _create_contents() -> None:
    protection = sa.ForeignKey("protections.id", ondelete="CASCADE")
    op.create_table(
        "contents",
        sa.Column("number", _counter, primary_key=True),
        sa.Column("protection", sa.Text, protection, nullable=False, index=True, unique=True),
        sqlite_autoincrement=True,
    )


def _create_openings_once() -> None:
    op.create_table(
        "openings_once",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("case", sa.Text, sa.ForeignKey("cases.reference"), nullable=False, index=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("protections", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )


def _create_access_keys() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("scope", sa.Text),
        sa.Column("per_minute", sa.Integer),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("used_on", sa.Text),
    )


def _create_findings() -> None:
    protection = sa.ForeignKey("protections.id", ondelete="CASCADE")
    finding = sa.ForeignKey("findings.id", ondelete="CASCADE")
    op.create_table(
        "findings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("case", sa.Text, sa.ForeignKey("cases.reference"), nullable=False, index=True),
        sa.Column("protection", sa.Text, protection, nullable=False, index=True),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("reporter", sa.Text, sa.ForeignKey("access_keys.id"), nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
        sa.Column("released_at", sa.BigInteger),
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("finding", sa.Text, finding, nullable=False, index=True),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("released_at", sa.BigInteger),
    )


def _create_webhooks() -> None:
    webhook = sa.ForeignKey("webhooks.id", ondelete="CASCADE")
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("scope", sa.Text),
        sa.Column("access_key", sa.Text, sa.ForeignKey("access_keys.id")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("number", _counter, primary_key=True),
        sa.Column("webhook", sa.Text, webhook, nullable=False, index=True),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("put_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drops what `upgrade` created: keys, findings and webhooks are gone; cases stay, in one group."""
    for name in ("deliveries", "webhooks", "outcomes", "findings", "access_keys", "openings_once", "contents"):
        op.drop_table(name)
    op.drop_index("ix_cases_bank_group", "cases")
    op.drop_column("cases", "bank_group")
    op.drop_table("groups")
