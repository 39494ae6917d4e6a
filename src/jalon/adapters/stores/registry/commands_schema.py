"""The tables of commands. Times are Unix milliseconds UTC; inputs and outputs are JSON."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class CommandRow(Base):
    """A command. `id` goes to the device; `key` is unique for ever: what asks twice with it means
    the same command, which `digest` (of device, action and input) holds to.

    `next_ms` is when something is to be done about it, None when nothing is; `expires_ms` until
    when it may begin. `sure` says that telling it again harms nothing.
    """

    __tablename__ = "commands"
    __table_args__ = (
        Index("ix_commands_state_next", "state", "next_ms"),
        Index("ix_commands_device", "device", "number"),
        Index("ix_commands_bulk", "bulk"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(80))
    input: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20))
    sure: Mapped[bool] = mapped_column(Boolean)
    parallel: Mapped[bool] = mapped_column(Boolean)
    answers: Mapped[bool] = mapped_column(Boolean)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    timeout_ms: Mapped[int] = mapped_column(BigInteger)
    next_ms: Mapped[int | None] = mapped_column(BigInteger)
    retries: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    approver: Mapped[str] = mapped_column(String(100))
    bulk: Mapped[int | None] = mapped_column(ForeignKey("command_bulks.id"))
    output: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class CommandStepRow(Base):
    """Something that happened to a command, by whom, and why (a text with its parameters)."""

    __tablename__ = "command_steps"
    __table_args__ = (Index("ix_command_steps_command", "command"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    command: Mapped[int] = mapped_column(ForeignKey("commands.number", ondelete="CASCADE"))
    at_ms: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)


class BulkRow(Base):
    """The same command to many devices. `stopped` says why the rest was stopped, "" while not."""

    __tablename__ = "command_bulks"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(80))
    input: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    rate: Mapped[float] = mapped_column(Float)
    concurrency: Mapped[int] = mapped_column(Integer)
    stop_at: Mapped[float] = mapped_column(Float)
    stopped: Mapped[str] = mapped_column(Text)


class ScheduleRow(Base):
    """Up to when a schedule has been looked after."""

    __tablename__ = "command_schedules"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_ms: Mapped[int] = mapped_column(BigInteger)
