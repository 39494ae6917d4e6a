"""Packages, campaigns and how each device goes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "update_packages",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("component", sa.String(16), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("added_ms", sa.BigInteger, nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
    )
    _campaigns()
    _targets()
    op.create_table(
        "update_offers",
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("campaign", sa.Integer, nullable=True),
        sa.Column("package", sa.String(32), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
        sa.Column("next_ms", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index("ix_update_offers_sent", "update_offers", ["sent"])
    op.create_table(
        "update_versions",
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("component", sa.String(64), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )


def _campaigns() -> None:
    op.create_table(
        "update_campaigns",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("package", sa.String(32), nullable=False),
        sa.Column("component", sa.String(16), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("targets", sa.Text, nullable=False),
        sa.Column("downgrade", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("watched_ms", sa.BigInteger, nullable=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("started_ms", sa.BigInteger, nullable=True),
        sa.Column("ended_ms", sa.BigInteger, nullable=True),
        sa.Column("rollback_of", sa.Integer, nullable=True),
    )
    campaign = ("campaign", sa.Integer, sa.ForeignKey("update_campaigns.id", ondelete="CASCADE"))
    op.create_table(
        "update_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(*campaign, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("detail", sa.String(255), nullable=False),
    )
    op.create_index("ix_update_steps_campaign", "update_steps", ["campaign"])


def _targets() -> None:
    campaign = ("campaign", sa.Integer, sa.ForeignKey("update_campaigns.id", ondelete="CASCADE"))
    op.create_table(
        "update_targets",
        sa.Column(*campaign, primary_key=True),
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("package", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("detail", sa.String(255), nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=True),
        sa.Column("begun_ms", sa.BigInteger, nullable=True),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("finished_ms", sa.BigInteger, nullable=True),
        sa.Column("heard_ms", sa.BigInteger, nullable=True),
        sa.Column("next_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_update_targets_device", "update_targets", ["device"])
    op.create_index("ix_update_targets_state", "update_targets", ["campaign", "state"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("versions", "offers", "targets", "steps", "campaigns", "packages"):
        op.drop_table(f"update_{table}")
