"""Commands, approvals and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "command_bulks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("rate", sa.Float, nullable=False),
        sa.Column("concurrency", sa.Integer, nullable=False),
        sa.Column("stop_at", sa.Float, nullable=False),
        sa.Column("stopped", sa.Text, nullable=False),
    )
    _commands()
    op.create_table(
        "command_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "command",
            sa.Integer,
            sa.ForeignKey("commands.number", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ix_command_steps_command", "command_steps", ["command"])
    op.create_table(
        "command_schedules",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
    )


def _commands() -> None:
    op.create_table(
        "commands",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("key", sa.String(255), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("sure", sa.Boolean, nullable=False),
        sa.Column("parallel", sa.Boolean, nullable=False),
        sa.Column("answers", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("timeout_ms", sa.BigInteger, nullable=False),
        sa.Column("next_ms", sa.BigInteger, nullable=True),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("approver", sa.String(100), nullable=False),
        sa.Column("bulk", sa.Integer, sa.ForeignKey("command_bulks.id"), nullable=True),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ix_commands_state_next", "commands", ["state", "next_ms"])
    op.create_index("ix_commands_device", "commands", ["device", "number"])
    op.create_index("ix_commands_bulk", "commands", ["bulk"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("command_schedules", "command_steps", "commands", "command_bulks"):
        op.drop_table(table)
