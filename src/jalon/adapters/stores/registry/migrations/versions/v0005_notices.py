"""Notices and calls on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("lane", sa.String(128), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("hold", sa.String(16), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=True),
        sa.Column("done_ms", sa.BigInteger, nullable=True),
        sa.Column("bundle", sa.String(64), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "due_ms"])
    op.create_index("ix_outbox_lane", "outbox", ["lane", "done_ms"])
    op.create_index("ix_outbox_person", "outbox", ["person", "done_ms"])
    op.create_index("ix_outbox_bundle", "outbox", ["bundle"])
    op.create_index("ix_outbox_key", "outbox", ["key"])
    op.create_index("ix_outbox_about", "outbox", ["about"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("outbox")
