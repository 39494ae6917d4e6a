"""The memory of rules."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class FiringRow(Base):
    """A rule changed its mind about a subject; when no level is `active` it is all clear."""

    __tablename__ = "rule_firings"
    __table_args__ = (
        Index("ix_rule_firings_rule_at_ms", "rule", "at_ms"),
        Index("ix_rule_firings_subject_at_ms", "subject", "at_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    rule: Mapped[str] = mapped_column(String(160))
    subject: Mapped[str] = mapped_column(String(160))
    severity: Mapped[str | None] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(Boolean)
    seen: Mapped[str] = mapped_column(Text)
    """JSON: the values by the name they have in the rule."""
    dry: Mapped[bool] = mapped_column(Boolean)
    late: Mapped[bool] = mapped_column(Boolean)
    silenced: Mapped[bool] = mapped_column(Boolean)
