"""The tables of twins. Times are Unix milliseconds UTC; values are JSON."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class TwinRow(Base):
    """A twin, and how far the device has been told.

    `version` grows with every change of either side; `sent_version` is the one that the sender has
    seen to last, so a difference is work that survives a crash. `sent` is the message that the way
    to the device took in charge last, "" when it holds none. `tries` counts sendings of the same
    message, the next not before `next_ms`; `trouble` says in JSON why it did not go.
    """

    __tablename__ = "twins"
    __table_args__ = (Index("ix_twins_next_ms", "next_ms"),)

    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    desired_version: Mapped[int] = mapped_column(default=0)
    reported_version: Mapped[int] = mapped_column(default=0)
    taken_version: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    sent_version: Mapped[int] = mapped_column(BigInteger, default=0)
    sent: Mapped[str] = mapped_column(Text, default="")
    sent_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    trouble: Mapped[str] = mapped_column(Text, default="")


class TwinPropertyRow(Base):
    """A property of one side (`desired` or `reported`). `value` null: it was taken away; the row
    stays, so that what is older is known as such. `said_by` is who or what said it."""

    __tablename__ = "twin_properties"
    __table_args__ = (Index("ix_twin_properties_name", "name", "side"),)

    device: Mapped[str] = mapped_column(
        String(64), ForeignKey("twins.device", ondelete="CASCADE"), primary_key=True
    )
    side: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    at_ms: Mapped[int] = mapped_column(BigInteger)
    said_by: Mapped[str] = mapped_column(String(128))
    key: Mapped[str] = mapped_column(String(255))
