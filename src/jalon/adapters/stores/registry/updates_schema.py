"""The tables of updates. Times are Unix milliseconds UTC."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jalon.adapters.stores.registry.schema import Base


class PackageRow(Base):
    """A package that was verified and kept. `id` is of its signed manifest, `sha256` of its file;
    `envelope` is the signed manifest as JSON."""

    __tablename__ = "update_packages"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    component: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    envelope: Mapped[str] = mapped_column(Text)
    added_ms: Mapped[int] = mapped_column(BigInteger)
    added_by: Mapped[str] = mapped_column(String(64))


class CampaignRow(Base):
    """A package on its way to devices. `plan` is the plan as it was when the campaign was made
    (JSON); `targets` what was asked for, in words; `stage` counts from 0."""

    __tablename__ = "update_campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    package: Mapped[str] = mapped_column(String(32))
    component: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(100))
    plan: Mapped[str] = mapped_column(Text)
    targets: Mapped[str] = mapped_column(Text)
    downgrade: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255))
    stage: Mapped[int]
    watched_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Since when the stage is over and only watched; None while it is not."""
    created_ms: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(64))
    started_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    rollback_of: Mapped[int | None]


class TargetRow(Base):
    """One device of a campaign. `begun_ms` is when it was last offered the package, `since_ms`
    when it came into its state, `next_ms` before when it is not tried again. `package` is the
    campaign's, but for a rollback: there each device goes back to its own."""

    __tablename__ = "update_targets"
    __table_args__ = (
        Index("ix_update_targets_device", "device"),
        Index("ix_update_targets_state", "campaign", "state"),
    )

    campaign: Mapped[int] = mapped_column(
        ForeignKey("update_campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    package: Mapped[str] = mapped_column(String(32))
    place: Mapped[int]
    stage: Mapped[int]
    state: Mapped[str] = mapped_column(String(24))
    detail: Mapped[str] = mapped_column(String(255))
    offset: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int]
    before: Mapped[str] = mapped_column(String(64))
    after: Mapped[str] = mapped_column(String(64))
    first_ms: Mapped[int | None] = mapped_column(BigInteger)
    begun_ms: Mapped[int | None] = mapped_column(BigInteger)
    since_ms: Mapped[int] = mapped_column(BigInteger)
    finished_ms: Mapped[int | None] = mapped_column(BigInteger)
    heard_ms: Mapped[int | None] = mapped_column(BigInteger)
    next_ms: Mapped[int] = mapped_column(BigInteger)


class OfferRow(Base):
    """What a device is to be offered now. `campaign` None: nothing any more; once that
    is `sent` the row goes. `changed` tells one wish from the next."""

    __tablename__ = "update_offers"

    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    campaign: Mapped[int | None]
    package: Mapped[str] = mapped_column(String(32))
    changed: Mapped[int] = mapped_column(BigInteger)
    sent: Mapped[bool] = mapped_column(index=True)
    next_ms: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int]


class VersionRow(Base):
    """What a device last said it runs."""

    __tablename__ = "update_versions"

    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    component: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(64))
    at_ms: Mapped[int] = mapped_column(BigInteger)


class StepRow(Base):
    """A line of a campaign's history: what happened to it, and who did it."""

    __tablename__ = "update_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[int] = mapped_column(
        ForeignKey("update_campaigns.id", ondelete="CASCADE"), index=True
    )
    at_ms: Mapped[int] = mapped_column(BigInteger)
    who: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(24))
    detail: Mapped[str] = mapped_column(String(255))
