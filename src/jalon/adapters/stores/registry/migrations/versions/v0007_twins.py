"""Twins: what devices are to be and what they say they are."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "twins",
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("desired_version", sa.Integer, nullable=False),
        sa.Column("reported_version", sa.Integer, nullable=False),
        sa.Column("taken_version", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("sent_version", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("sent_ms", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_ms", sa.BigInteger, nullable=True),
        sa.Column("trouble", sa.Text, nullable=False),
    )
    op.create_index("ix_twins_next_ms", "twins", ["next_ms"])
    owner = sa.ForeignKey("twins.device", ondelete="CASCADE")
    op.create_table(
        "twin_properties",
        sa.Column("device", sa.String(64), owner, primary_key=True),
        sa.Column("side", sa.String(8), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("said_by", sa.String(128), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
    )
    op.create_index("ix_twin_properties_name", "twin_properties", ["name", "side"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("twin_properties")
    op.drop_table("twins")
