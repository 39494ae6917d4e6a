"""Scopes of tokens, and how far what leaves for other systems has come."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tokens made so far may do what they could: read, and export."""
    op.add_column(
        "api_tokens",
        sa.Column("scopes", sa.String(255), nullable=False, server_default="read export"),
    )
    op.add_column("api_tokens", sa.Column("expires_ms", sa.BigInteger, nullable=True))
    op.create_table(
        "integration_marks",
        sa.Column("integration", sa.String(64), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "export_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("export", sa.String(64), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("begun_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger, nullable=True),
        sa.UniqueConstraint("export", "start_ms", "end_ms", name="uq_export_runs"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("export_runs")
    op.drop_table("integration_marks")
    with op.batch_alter_table("api_tokens") as batch:
        batch.drop_column("expires_ms")
        batch.drop_column("scopes")
