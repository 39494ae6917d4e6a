"""Reads and writes packages, campaigns and how each device goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select

from jalon.adapters.stores.registry.registry import Registry
from jalon.adapters.stores.registry.updates_schema import (
    CampaignRow,
    OfferRow,
    PackageRow,
    StepRow,
    TargetRow,
    VersionRow,
)


class PackageTable:
    """Verified packages."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, package: str) -> PackageRow | None:
        """The package of that id."""
        with self._registry.look() as db:
            return db.get(PackageRow, package)

    def all(self) -> list[PackageRow]:
        """The newest first."""
        with self._registry.look() as db:
            ordered = select(PackageRow).order_by(PackageRow.added_ms.desc(), PackageRow.id)
            return list(db.scalars(ordered))

    def add(self, row: PackageRow) -> None:
        """Keep it; one that is there already stays."""
        with self._registry.work() as db:
            if db.get(PackageRow, row.id) is None:
                db.add(row)

    def drop(self, package: str) -> None:
        """Forget it."""
        with self._registry.work() as db:
            db.execute(delete(PackageRow).where(PackageRow.id == package))


class CampaignTable:
    """Campaigns with their devices and their history. Inside `registry.work()` rows stay attached:
    what is changed in them is stored."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, campaign: int) -> CampaignRow | None:
        """The campaign of that id."""
        with self._registry.look() as db:
            return db.get(CampaignRow, campaign)

    def all(self, states: Collection[str] = ()) -> list[CampaignRow]:
        """The newest first; only those in one of these states, when some are given."""
        wanted = select(CampaignRow).order_by(CampaignRow.id.desc())
        if states:
            wanted = wanted.where(CampaignRow.state.in_(states))
        with self._registry.look() as db:
            return list(db.scalars(wanted))

    def add(self, row: CampaignRow, targets: Sequence[TargetRow]) -> int:
        """Store a new campaign with its devices; its id."""
        with self._registry.work() as db:
            db.add(row)
            db.flush()
            for target in targets:
                target.campaign = row.id
            db.add_all(targets)
            return row.id

    def targets(self, campaign: int) -> list[TargetRow]:
        """Its devices in their order."""
        wanted = select(TargetRow).where(TargetRow.campaign == campaign).order_by(TargetRow.place)
        with self._registry.look() as db:
            return list(db.scalars(wanted))

    def target(self, campaign: int, device: str) -> TargetRow | None:
        """One device of it."""
        with self._registry.look() as db:
            return db.get(TargetRow, (campaign, device))

    def of_device(self, device: str) -> list[TargetRow]:
        """Every campaign the device was in, the newest first."""
        wanted = select(TargetRow).where(TargetRow.device == device)
        with self._registry.look() as db:
            return list(db.scalars(wanted.order_by(TargetRow.campaign.desc())))

    def counts(self) -> dict[int, dict[str, int]]:
        """How many devices are in each state, by campaign."""
        wanted = select(TargetRow.campaign, TargetRow.state, func.count()).group_by(
            TargetRow.campaign, TargetRow.state
        )
        found: dict[int, dict[str, int]] = {}
        with self._registry.look() as db:
            for campaign, state, count in db.execute(wanted):
                found.setdefault(campaign, {})[state] = count
        return found

    def packages_used(self, states: Collection[str]) -> set[str]:
        """Packages that a campaign in one of these states needs."""
        wanted = (
            select(TargetRow.package)
            .join(CampaignRow, CampaignRow.id == TargetRow.campaign)
            .where(CampaignRow.state.in_(states))
        )
        with self._registry.look() as db:
            return set(db.scalars(wanted))

    def tell(self, campaign: int, at_ms: int, who: str, what: str, detail: str = "") -> None:
        """Add a line to its history."""
        with self._registry.work() as db:
            db.add(StepRow(campaign=campaign, at_ms=at_ms, who=who, what=what, detail=detail[:255]))

    def steps(self, campaign: int) -> list[StepRow]:
        """Its history, the oldest first."""
        with self._registry.look() as db:
            wanted = select(StepRow).where(StepRow.campaign == campaign).order_by(StepRow.id)
            return list(db.scalars(wanted))


class OfferTable:
    """What devices are to be offered, and whether they were told."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, device: str) -> OfferRow | None:
        """What the device is to be offered now."""
        with self._registry.look() as db:
            return db.get(OfferRow, device)

    def want(self, device: str, campaign: int | None, package: str) -> None:
        """Change what it is to be offered; `campaign` None takes it back."""
        with self._registry.work() as db:
            row = db.get(OfferRow, device)
            changed = row.changed + 1 if row is not None else 1
            db.merge(
                OfferRow(
                    device=device,
                    campaign=campaign,
                    package=package,
                    changed=changed,
                    sent=False,
                    next_ms=0,
                    failures=0,
                )
            )

    def unsent(self, now_ms: int, limit: int = 100) -> list[OfferRow]:
        """Those that are to be told now."""
        wanted = select(OfferRow).where(OfferRow.sent.is_(False), OfferRow.next_ms <= now_ms)
        with self._registry.look() as db:
            return list(db.scalars(wanted.order_by(OfferRow.next_ms).limit(limit)))

    def told(self, row: OfferRow) -> None:
        """It was told so, unless something else is wanted by now."""
        with self._registry.work() as db:
            now = db.get(OfferRow, row.device)
            if now is None or now.changed != row.changed:
                return
            if now.campaign is None:
                db.delete(now)
            else:
                now.sent = True

    def failed(self, row: OfferRow, next_ms: int) -> None:
        """It could not be told; try again then."""
        with self._registry.work() as db:
            now = db.get(OfferRow, row.device)
            if now is not None and now.changed == row.changed:
                now.next_ms, now.failures = next_ms, now.failures + 1


class VersionTable:
    """What devices run."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def put(self, device: str, versions: dict[str, str], at_ms: int) -> None:
        """What a device says of itself at that time; what it said later stands."""
        with self._registry.work() as db:
            for component, version in versions.items():
                row = db.get(VersionRow, (device, component))
                if row is None or row.at_ms <= at_ms:
                    db.merge(
                        VersionRow(device=device, component=component, version=version, at_ms=at_ms)
                    )

    def of(self, device: str) -> list[VersionRow]:
        """By component."""
        wanted = select(VersionRow).where(VersionRow.device == device)
        with self._registry.look() as db:
            return list(db.scalars(wanted.order_by(VersionRow.component)))

    def all(self) -> dict[str, dict[str, str]]:
        """Of every device: version by component."""
        found: dict[str, dict[str, str]] = {}
        with self._registry.look() as db:
            for row in db.scalars(select(VersionRow)):
                found.setdefault(row.device, {})[row.component] = row.version
        return found
