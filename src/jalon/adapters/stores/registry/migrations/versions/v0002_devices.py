"""Devices: credentials, client ids, claims, the waiting room and the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the six tables."""
    op.create_table(
        "credentials",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(64), nullable=True),
        sa.Column("issuer", sa.String(64), nullable=True),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=True),
        sa.Column("revoked_ms", sa.BigInteger, nullable=True),
        sa.Column("used_ms", sa.BigInteger, nullable=True),
    )
    op.create_index("ix_credentials_identity", "credentials", ["identity"])
    op.create_table(
        "client_ids",
        sa.Column("client_id", sa.String(255), primary_key=True),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("used_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_client_ids_identity", "client_ids", ["identity"])
    _claims()
    _waiting()
    _notes()


def _claims() -> None:
    op.create_table(
        "claim_keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
        sa.Column("thing", sa.String(64), nullable=False),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("room", sa.String(64), nullable=True),
        sa.Column("pattern", sa.String(100), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger, nullable=True),
    )
    key = ("key_id", sa.Integer, sa.ForeignKey("claim_keys.id", ondelete="CASCADE"))
    op.create_table(
        "claims",
        sa.Column("hardware", sa.String(128), primary_key=True),
        sa.Column(*key, nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("credential_id", sa.Integer, nullable=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )


def _waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("unique_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("device", sa.String(64), nullable=True),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("source", "unique_id", name="uq_waiting"),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("device", sa.String(64), nullable=True),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("ix_notes_device", "notes", ["device", "id"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("notes", "waiting", "claims", "claim_keys", "client_ids", "credentials"):
        op.drop_table(table)
