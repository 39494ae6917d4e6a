"""Updates as they are shown: by the API, by commands, by pages, and as a report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from jalon.adapters.stores.registry.updates_schema import CampaignRow, PackageRow, TargetRow
from jalon.app.spreadsheets import csv_text
from jalon.app.updates.desk import Preview, Targets
from jalon.app.updates.world import World, plan_of
from jalon.run.updates.spec import Plan
from jalon.run.updates.states import (
    BAD,
    CAMPAIGNS,
    FINISHED,
    UNDER_WAY,
    CampaignState,
    DeviceState,
)
from jalon.vocab.times import from_ms

API_PATH = "/api/v1/updates"
MOST_NAMED = 1_000


class PackageShape(BaseModel):
    """A package that is kept here. `things` are the types it is for, `upgrades` the versions from
    which a device may come."""

    id: str
    component: str
    version: str
    things: list[str]
    hardware: list[str]
    upgrades: str
    size: int
    sha256: str
    key: str
    description: str
    created: datetime
    added: datetime
    added_by: str


class CampaignShape(BaseModel):
    """A campaign. `stage` counts from 1; `counts` are devices by state. `rollback_of` is the
    campaign that it undoes."""

    id: int
    title: str
    package: str
    component: str
    version: str
    plan: str
    stage: int
    stages: int
    state: str
    reason: str
    downgrade: bool
    rollback_of: int | None
    targets: Targets
    devices: int
    done: int
    failed: int
    under_way: int
    counts: dict[str, int]
    created: datetime
    created_by: str
    started: datetime | None
    ended: datetime | None
    may: list[str]
    """What can be done with it now: start, pause, resume, abort, rollback."""


class DeviceUpdate(BaseModel):
    """One device of a campaign. `detail` says why it is so; `received` is bytes. It ran the version
    `before`, is to run `wanted`, and runs `after` since then."""

    device: str
    stage: int
    state: str
    detail: str
    received: int
    tries: int
    before: str
    wanted: str
    after: str
    first_offered: datetime | None
    since: datetime
    finished: datetime | None


class Step(BaseModel):
    """A line of a campaign's history."""

    at: datetime
    who: str
    what: str
    detail: str


class CampaignDetail(CampaignShape):
    """A campaign with its devices and its history: its report."""

    updates: list[DeviceUpdate]
    history: list[Step]


class PreviewShape(BaseModel):
    """What a campaign would do: devices by stage, and those passed over with the reason."""

    component: str
    version: str
    plan: str
    stages: list[list[str]]
    unfit: dict[str, str]

    @classmethod
    def of(cls, one: Preview) -> PreviewShape:
        """The shape of one."""
        return cls(
            component=one.manifest.component,
            version=one.manifest.version,
            plan=one.plan.id,
            stages=[list(stage) for stage in one.stages],
            unfit={device: why.value for device, why in one.unfit.items()},
        )


def packages(world: World) -> list[PackageShape]:
    """The newest first."""
    return [package(world, row) for row in world.packages.all()]


def package(world: World, row: PackageRow) -> PackageShape:
    """One package."""
    manifest = world.manifest(row.id)
    return PackageShape(
        id=row.id,
        component=row.component,
        version=row.version,
        things=list(manifest.things),
        hardware=list(manifest.hardware),
        upgrades=manifest.upgrades,
        size=row.size,
        sha256=row.sha256,
        key=world.envelope(row.id).key,
        description=manifest.description,
        created=from_ms(manifest.created),
        added=from_ms(row.added_ms),
        added_by=row.added_by,
    )


def campaigns(world: World) -> list[CampaignShape]:
    """The newest first."""
    counts = world.campaigns.counts()
    return [CampaignShape(**_fields(row, counts.get(row.id, {}))) for row in _rows(world)]


def campaign(world: World, number: int) -> CampaignDetail:
    """One with all that is known of it. Raises UsageError."""
    with world.ground.registry.look():  # of one moment
        row = world.campaign(number)
        targets = world.campaigns.targets(number)
        steps = world.campaigns.steps(number)
    counts: dict[str, int] = {}
    for target in targets:
        counts[target.state] = counts.get(target.state, 0) + 1
    return CampaignDetail(
        **_fields(row, counts),
        updates=[_target(world, one) for one in targets],
        history=[
            Step(at=from_ms(one.at_ms), who=one.who, what=one.what, detail=one.detail)
            for one in steps
        ],
    )


def plan(world: World, number: int) -> Plan:
    """The plan of a campaign. Raises UsageError."""
    return plan_of(world.campaign(number))


def report_csv(shown: CampaignDetail) -> Iterator[str]:
    """The devices of a campaign as CSV, line by line. A text that a spreadsheet would take for a
    formula begins with an apostrophe."""
    columns = list(DeviceUpdate.model_fields)
    for row in (columns, *(_cells(one) for one in shown.updates)):
        yield csv_text([row])


def _cells(one: DeviceUpdate) -> list[str]:
    found = one.model_dump(mode="json").values()
    return ["" if value is None else str(value) for value in found]


def _rows(world: World) -> list[CampaignRow]:
    return world.campaigns.all()


def _fields(row: CampaignRow, counts: dict[str, int]) -> dict[str, object]:
    written = plan_of(row)
    passed = counts.get(DeviceState.INCOMPATIBLE, 0)
    return {
        "id": row.id,
        "title": row.title,
        "package": row.package,
        "component": row.component,
        "version": row.version,
        "plan": written.id,
        "stage": row.stage + 1,
        "stages": len(written.stages),
        "state": row.state,
        "reason": row.reason,
        "downgrade": row.downgrade,
        "rollback_of": row.rollback_of,
        "targets": Targets.model_validate_json(row.targets),
        "devices": sum(counts.values()) - passed,
        "done": sum(counts.get(one, 0) for one in FINISHED) - passed,
        "failed": sum(counts.get(one, 0) for one in BAD),
        "under_way": sum(counts.get(one, 0) for one in UNDER_WAY),
        "counts": counts,
        "created": from_ms(row.created_ms),
        "created_by": row.created_by,
        "started": _moment(row.started_ms),
        "ended": _moment(row.ended_ms),
        "may": [
            event.value for event in CAMPAIGNS[CampaignState(row.state)] if event.value != "settled"
        ],
    }


def _target(world: World, row: TargetRow) -> DeviceUpdate:
    return DeviceUpdate(
        device=row.device,
        stage=row.stage + 1,
        state=row.state,
        detail=row.detail,
        received=row.offset,
        tries=row.tries,
        before=row.before,
        wanted=world.manifest(row.package).version,
        after=row.after,
        first_offered=_moment(row.first_ms),
        since=from_ms(row.since_ms),
        finished=_moment(row.finished_ms),
    )


def _moment(time_ms: int | None) -> datetime | None:
    return None if time_ms is None else from_ms(time_ms)
