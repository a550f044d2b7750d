"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates all tables."""
    op.create_table(
        "bank",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("pin_hash", sa.Text, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
        sa.Column("data_key", sa.LargeBinary),
    )
    op.create_table(
        "protections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("case", sa.Text, sa.ForeignKey("cases.reference"), nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("registered_at", sa.BigInteger, nullable=False),
        sa.Column("quarantined_at", sa.BigInteger),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sightings",
        sa.Column("id", _counter, primary_key=True),
        sa.Column(
            "protection", sa.Text, sa.ForeignKey("protections.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "allowlist",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("number", _counter, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("identifier", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "acts",
        sa.Column("number", _counter, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("remembered_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "openings",
        sa.Column("commitment", sa.LargeBinary, primary_key=True),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Drops all tables."""
    for name in (
        *("openings", "memory", "acts", "changes", "allowlist", "sightings"),
        *("protections", "cases", "secrets", "bank"),
    ):
        op.drop_table(name)
