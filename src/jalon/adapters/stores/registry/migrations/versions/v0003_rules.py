"""What rules decided."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "rule_firings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.String(160), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("severity", sa.String(16), nullable=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("dry", sa.Boolean, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("silenced", sa.Boolean, nullable=False),
    )
    op.create_index("ix_rule_firings_rule_at_ms", "rule_firings", ["rule", "at_ms"])
    op.create_index("ix_rule_firings_subject_at_ms", "rule_firings", ["subject", "at_ms"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("rule_firings")
