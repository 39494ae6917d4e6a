"""The tables of alarms: how each is now, what ever became of it, who is still to be told, and
silences. Times are Unix milliseconds UTC.

A column that ends in `_due` says when something has to happen; the thread of the alarms sleeps
until the next of them, so that no timer is lost with the process.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class AlarmRow(Base):
    """An alarm. `open_key` is `by|subject` while it is open: there is one of each.

    `causes` is `group|subject` when it is a cause. `words`, `seen`, `tags` and `told` are JSON.
    `own_ms` is since when it is on its own.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        Index("ix_alarms_of", "by", "subject", "id"),
        Index("ix_alarms_state", "state", "rank", "since_ms"),
        Index("ix_alarms_parent", "parent_id", "state"),
        Index("ix_alarms_causes", "causes", "state"),
        Index("ix_alarms_next_due", "next_due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    open_key: Mapped[str | None] = mapped_column(String(300), unique=True)
    by: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str] = mapped_column(String(160))
    site: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(16))
    rank: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    seen: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    raised_ms: Mapped[int] = mapped_column(BigInteger)
    since_ms: Mapped[int] = mapped_column(BigInteger)
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    own_ms: Mapped[int] = mapped_column(BigInteger)
    cleared_ms: Mapped[int | None] = mapped_column(BigInteger)
    closed_ms: Mapped[int | None] = mapped_column(BigInteger)
    occurrences: Mapped[int]
    version: Mapped[int]
    assigned: Mapped[str] = mapped_column(String(64))
    acknowledged_by: Mapped[str] = mapped_column(String(128))
    acknowledged_ms: Mapped[int | None] = mapped_column(BigInteger)
    flapping: Mapped[bool]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("alarms.id", ondelete="SET NULL"))
    causes: Mapped[str | None] = mapped_column(String(230))
    told: Mapped[str] = mapped_column(Text)
    hold_due: Mapped[int | None] = mapped_column(BigInteger)
    silence_due: Mapped[int | None] = mapped_column(BigInteger)
    steady_due: Mapped[int | None] = mapped_column(BigInteger)
    close_due: Mapped[int | None] = mapped_column(BigInteger)
    quiet_due: Mapped[int | None] = mapped_column(BigInteger)
    next_due: Mapped[int | None] = mapped_column(BigInteger)


class AlarmStrayRow(Base):
    """An alarm that holds, on its own since `own_ms`, and may be a consequence: `gather` is
    `group|subject`. It is here as often as there are such groups."""

    __tablename__ = "alarm_strays"
    __table_args__ = (
        Index("ix_alarm_strays_own_ms", "gather", "own_ms"),
        Index("ix_alarm_strays_alarm_id", "alarm_id"),
    )

    gather: Mapped[str] = mapped_column(String(230), primary_key=True)
    alarm_id: Mapped[int] = mapped_column(
        ForeignKey("alarms.id", ondelete="CASCADE"), primary_key=True
    )
    own_ms: Mapped[int] = mapped_column(BigInteger)


class AlarmEntryRow(Base):
    """A line of the history, never changed. `key` is that of the decision it comes from."""

    __tablename__ = "alarm_entries"
    __table_args__ = (Index("ix_alarm_entries_alarm", "alarm_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarms.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(String(255), unique=True)
    what: Mapped[str] = mapped_column(String(16))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    noted_ms: Mapped[int] = mapped_column(BigInteger)
    who: Mapped[str] = mapped_column(String(128))
    comment: Mapped[str] = mapped_column(Text)
    severity: Mapped[str | None] = mapped_column(String(16))
    seen: Mapped[str] = mapped_column(Text)


class AlarmChainRow(Base):
    """How far a chain of `alarms.yaml` has come for an alarm. `step` is the next one, `round` how
    often it began again, `sent` counts its messages; `waits` says that `step_due` is the end of a
    silence or the beginning of hours, which may come earlier."""

    __tablename__ = "alarm_chains"
    __table_args__ = (Index("ix_alarm_chains_step_due", "step_due"),)

    alarm_id: Mapped[int] = mapped_column(
        ForeignKey("alarms.id", ondelete="CASCADE"), primary_key=True
    )
    chain: Mapped[str] = mapped_column(String(64), primary_key=True)
    step: Mapped[int]
    round: Mapped[int]
    sent: Mapped[int]
    waits: Mapped[bool]
    step_due: Mapped[int | None] = mapped_column(BigInteger)


class SilenceRow(Base):
    """A silence that somebody ordered. One that was ended early keeps its `end_ms`."""

    __tablename__ = "silences"
    __table_args__ = (Index("ix_silences_end_ms", "end_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    scope: Mapped[str] = mapped_column(String(160))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    who: Mapped[str] = mapped_column(String(128))
    why: Mapped[str] = mapped_column(Text)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[str] = mapped_column(String(128))
