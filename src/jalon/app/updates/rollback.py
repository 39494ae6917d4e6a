"""Brings the devices of a campaign back to what each ran before, by a campaign of its own."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.adapters.stores.registry.updates_schema import CampaignRow, TargetRow
from jalon.app.updates.world import World, plan_of
from jalon.run.updates.compatible import Unfit
from jalon.run.updates.spec import Abort, Stage
from jalon.run.updates.states import CampaignState, DeviceState
from jalon.run.updates.versions import same

_OVER = frozenset({CampaignState.COMPLETED, CampaignState.ABORTED, CampaignState.ROLLED_BACK})
_NEVER = Abort(failures=None, percent=None)
"""A rollback goes on, whatever some of the devices do."""


def is_done(world: World, campaign: CampaignRow, targets: Sequence[TargetRow], now_ms: int) -> bool:
    """Whether the way back is over; it is begun when there is none yet. A part of the
    transaction it is called in."""
    back = _way_back(world, campaign)
    if back is not None:
        return CampaignState(back.state) in _OVER
    updated = [one for one in targets if one.state == DeviceState.UPDATED]
    if not updated:
        return True
    _begin(world, campaign, updated, now_ms)
    return False


def was_undone(world: World, campaign: CampaignRow, target: TargetRow) -> bool:
    """Whether the device runs again what it ran before."""
    back = _way_back(world, campaign)
    found = world.campaigns.target(back.id, target.device) if back is not None else None
    return found is not None and found.state == DeviceState.UPDATED


def _way_back(world: World, campaign: CampaignRow) -> CampaignRow | None:
    return next((one for one in world.campaigns.all() if one.rollback_of == campaign.id), None)


def _begin(world: World, campaign: CampaignRow, updated: Sequence[TargetRow], now_ms: int) -> None:
    plan = plan_of(campaign)
    pace = plan.stages[-1].per_minute
    all_at_once = plan.model_copy(
        update={
            "stages": [Stage(percent=100, per_minute=pace)],
            "abort": _NEVER,
            "rollback": False,
            "calendar": None,
        }
    )
    row = CampaignRow(
        package=campaign.package,
        component=campaign.component,
        version=campaign.version,
        title=campaign.title,
        plan=all_at_once.model_dump_json(),
        targets=campaign.targets,
        downgrade=True,
        state=CampaignState.RUNNING,
        reason="",
        stage=0,
        created_ms=now_ms,
        created_by=campaign.created_by,
        started_ms=now_ms,
        rollback_of=campaign.id,
    )
    back = [_target(world, campaign, one, now_ms) for one in updated]
    number = world.campaigns.add(row, back)
    world.campaigns.tell(number, now_ms, "jalon", "running", f"rollback of {campaign.id}")
    world.campaigns.tell(campaign.id, now_ms, "jalon", "rollback", str(number))


def _target(world: World, campaign: CampaignRow, done: TargetRow, now_ms: int) -> TargetRow:
    package = _package_before(world, campaign, done)
    state = DeviceState.PENDING if package else DeviceState.INCOMPATIBLE
    return TargetRow(
        device=done.device,
        package=package or campaign.package,
        place=done.place,
        stage=0,
        state=state,
        detail="" if package else Unfit.NO_PACKAGE,
        offset=0,
        tries=0,
        before=done.after,
        after="",
        since_ms=now_ms,
        finished_ms=None if package else now_ms,
        next_ms=0,
    )


def _package_before(world: World, campaign: CampaignRow, done: TargetRow) -> str | None:
    """The kept package of what the device ran before, for its type."""
    manifest = world.manifest(campaign.package)
    device = world.ground.solution().device(done.device)
    if device is None or not done.before:
        return None
    for row in world.packages.all():
        fits = row.component == manifest.component and same(row.version, done.before)
        if fits and device.thing in world.manifest(row.id).things:
            return row.id
    return None
