"""The tables of what leaves for other systems."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class IntegrationMark(Base):
    """How far an integration has come in the feed of the store."""

    __tablename__ = "integration_marks"

    integration: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


class ExportRun(Base):
    """One period of one export, `[start_ms, end_ms)`. `state` is `running`, `done` or `failed`;
    `place` is the name of the file where it went."""

    __tablename__ = "export_runs"
    __table_args__ = (UniqueConstraint("export", "start_ms", "end_ms", name="uq_export_runs"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    export: Mapped[str] = mapped_column(String(64))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    begun_ms: Mapped[int] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
