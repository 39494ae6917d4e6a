"""The table of the outbox. Times are Unix milliseconds UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class OutboxRow(Base):
    """Something on its way; see `run.notices.delivery`. `error` is a JSON list of a message and
    its parameters, "" when the last try said nothing."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "due_ms"),
        Index("ix_outbox_lane", "lane", "done_ms"),
        Index("ix_outbox_person", "person", "done_ms"),
        Index("ix_outbox_bundle", "bundle"),
        Index("ix_outbox_key", "key"),
        Index("ix_outbox_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(Text)
    lane: Mapped[str] = mapped_column(String(128))
    person: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    rank: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    hold: Mapped[str] = mapped_column(String(16))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    due_ms: Mapped[int] = mapped_column(BigInteger)
    until_ms: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int]
    first_ms: Mapped[int | None] = mapped_column(BigInteger)
    done_ms: Mapped[int | None] = mapped_column(BigInteger)
    bundle: Mapped[str] = mapped_column(String(64))
    about: Mapped[str] = mapped_column(String(64))
    error: Mapped[str] = mapped_column(Text)
