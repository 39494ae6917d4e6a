"""Alarms, their history, and silences."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the five tables."""
    _alarms()
    _alarm_strays()
    _alarm_entries()
    _alarm_chains()
    _silences()


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("open_key", sa.String(300), nullable=True, unique=True),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        *_moments(),
    )
    op.create_index("ix_alarms_of", "alarms", ["by", "subject", "id"])
    op.create_index("ix_alarms_state", "alarms", ["state", "rank", "since_ms"])
    op.create_index("ix_alarms_parent", "alarms", ["parent_id", "state"])
    op.create_index("ix_alarms_causes", "alarms", ["causes", "state"])
    op.create_index("ix_alarms_next_due", "alarms", ["next_due"])


def _moments() -> list[sa.Column[object]]:
    """When what happened to an alarm, and when something has to."""
    return [
        sa.Column("raised_ms", sa.BigInteger, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
        sa.Column("own_ms", sa.BigInteger, nullable=False),
        sa.Column("cleared_ms", sa.BigInteger, nullable=True),
        sa.Column("closed_ms", sa.BigInteger, nullable=True),
        sa.Column("occurrences", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("assigned", sa.String(64), nullable=False),
        sa.Column("acknowledged_by", sa.String(128), nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger, nullable=True),
        sa.Column("flapping", sa.Boolean, nullable=False),
        sa.Column(
            "parent_id", sa.Integer, sa.ForeignKey("alarms.id", ondelete="SET NULL"), nullable=True
        ),
        sa.Column("causes", sa.String(230), nullable=True),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("hold_due", sa.BigInteger, nullable=True),
        sa.Column("silence_due", sa.BigInteger, nullable=True),
        sa.Column("steady_due", sa.BigInteger, nullable=True),
        sa.Column("close_due", sa.BigInteger, nullable=True),
        sa.Column("quiet_due", sa.BigInteger, nullable=True),
        sa.Column("next_due", sa.BigInteger, nullable=True),
    ]


def _alarm_strays() -> None:
    op.create_table(
        "alarm_strays",
        sa.Column("gather", sa.String(230), primary_key=True),
        sa.Column(
            "alarm_id", sa.Integer, sa.ForeignKey("alarms.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("own_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_alarm_strays_own_ms", "alarm_strays", ["gather", "own_ms"])
    op.create_index("ix_alarm_strays_alarm_id", "alarm_strays", ["alarm_id"])


def _alarm_entries() -> None:
    op.create_table(
        "alarm_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "alarm_id", sa.Integer, sa.ForeignKey("alarms.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("key", sa.String(255), nullable=True, unique=True),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("noted_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("severity", sa.String(16), nullable=True),
        sa.Column("seen", sa.Text, nullable=False),
    )
    op.create_index("ix_alarm_entries_alarm", "alarm_entries", ["alarm_id", "id"])


def _alarm_chains() -> None:
    op.create_table(
        "alarm_chains",
        sa.Column(
            "alarm_id", sa.Integer, sa.ForeignKey("alarms.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("waits", sa.Boolean, nullable=False),
        sa.Column("step_due", sa.BigInteger, nullable=True),
    )
    op.create_index("ix_alarm_chains_step_due", "alarm_chains", ["step_due"])


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("scope", sa.String(160), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger, nullable=True),
        sa.Column("ended_by", sa.String(128), nullable=False),
    )
    op.create_index("ix_silences_end_ms", "silences", ["end_ms"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("silences", "alarm_chains", "alarm_entries", "alarm_strays", "alarms"):
        op.drop_table(table)
