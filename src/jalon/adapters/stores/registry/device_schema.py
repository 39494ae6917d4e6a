"""The tables about devices: what proves who they are, how they came, what happened to them.

Times are Unix milliseconds UTC; secrets appear only as keyed hashes.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class CredentialRow(Base):
    """What a device or an account proves itself with.

    `digest` is HMAC-SHA-256 of a secret, or SHA-256 of a whole certificate. `hint` is the first
    characters of the secret or of the serial number. `origin` says how it came: issued, imported
    or claimed.
    """

    __tablename__ = "credentials"
    __table_args__ = (Index("ix_credentials_identity", "identity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    serial: Mapped[str | None] = mapped_column(String(64))
    issuer: Mapped[str | None] = mapped_column(String(64))
    hint: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int | None] = mapped_column(BigInteger)
    revoked_ms: Mapped[int | None] = mapped_column(BigInteger)
    used_ms: Mapped[int | None] = mapped_column(BigInteger)


class ClientIdRow(Base):
    """An MQTT client id and whose it is: the first who used it."""

    __tablename__ = "client_ids"
    __table_args__ = (Index("ix_client_ids_identity", "identity"),)

    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    identity: Mapped[str] = mapped_column(String(64))
    used_ms: Mapped[int] = mapped_column(BigInteger)


class ClaimKeyRow(Base):
    """A provisioning key: whoever shows it becomes a device, `left` more times until
    `expires_ms`."""

    __tablename__ = "claim_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(100))
    uses: Mapped[int]
    left: Mapped[int]
    thing: Mapped[str] = mapped_column(String(64))
    site: Mapped[str] = mapped_column(String(64))
    room: Mapped[str | None] = mapped_column(String(64))
    pattern: Mapped[str] = mapped_column(String(100))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    revoked_ms: Mapped[int | None] = mapped_column(BigInteger)


class ClaimRow(Base):
    """A piece of hardware that was claimed, and the device it became; `device` is empty until the
    claim is complete."""

    __tablename__ = "claims"

    hardware: Mapped[str] = mapped_column(String(128), primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("claim_keys.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[int | None]
    at_ms: Mapped[int] = mapped_column(BigInteger)


class WaitingRow(Base):
    """Somebody who announced themselves or knocked. `content` is the announcement as JSON."""

    __tablename__ = "waiting"
    __table_args__ = (UniqueConstraint("source", "unique_id", name="uq_waiting"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    unique_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    device: Mapped[str | None] = mapped_column(String(64))
    first_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(Text)


class NoteRow(Base):
    """A line of the journal. `detail` is a JSON object of texts."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_device", "device", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    last_ms: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]
    device: Mapped[str | None] = mapped_column(String(64))
    who: Mapped[str] = mapped_column(String(128))
    address: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
