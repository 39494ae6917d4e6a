"""Moves campaigns on: who is offered a package now, what is given up, when to stop.

Everything it knows is in the registry; each look at a campaign is one transaction, so it may end
at any moment and be begun again.
"""

from __future__ import annotations

from collections.abc import Sequence

from jalon.adapters.stores.registry.updates_schema import CampaignRow, TargetRow
from jalon.app.updates import rollback
from jalon.app.updates.telling import tell_end
from jalon.app.updates.world import World, plan_of
from jalon.run.calendars import OpeningHours, calendars_of
from jalon.run.journal import Kind
from jalon.run.updates import stages
from jalon.run.updates.compatible import Unfit, unfit
from jalon.run.updates.manifest import verify
from jalon.run.updates.spec import Plan
from jalon.run.updates.states import (
    FINISHED,
    UNDER_WAY,
    WRITING,
    CampaignEvent,
    CampaignState,
    DeviceEvent,
    DeviceState,
    campaign_after,
    device_after,
)
from jalon.vocab.errors import UsageError

MOVING = frozenset(
    {
        CampaignState.RUNNING,
        CampaignState.PAUSED,
        CampaignState.ABORTING,
        CampaignState.ROLLING_BACK,
    }
)
JALON = "jalon"
"""Who did what nobody asked for."""
_AGAIN_MS = 60_000
_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000


class Rollout:
    """`since_ms` is when this process began: what came meanwhile may still be on its way in, so
    nobody counts as silent for the time before."""

    def __init__(self, world: World, since_ms: int) -> None:
        self._world = world
        self._since_ms = since_ms

    def turn(self, now_ms: int) -> None:
        """Move every campaign as far as it goes now. Raises StoreError."""
        for row in reversed(self._world.campaigns.all(MOVING)):
            with self._world.ground.registry.work():
                self._advance(self._world.campaign(row.id), now_ms)

    def _advance(self, campaign: CampaignRow, now_ms: int) -> None:
        plan = plan_of(campaign)
        targets = self._world.campaigns.targets(campaign.id)
        self._give_up(campaign, plan, targets, now_ms)
        match CampaignState(campaign.state):
            case CampaignState.RUNNING:
                self._run(campaign, plan, targets, now_ms)
            case CampaignState.ABORTING | CampaignState.ROLLING_BACK:
                self._wind_down(campaign, targets, now_ms)
            case _:
                pass

    def _give_up(
        self, campaign: CampaignRow, plan: Plan, targets: Sequence[TargetRow], now_ms: int
    ) -> None:
        """Devices that say nothing any more."""
        for target in targets:
            state = DeviceState(target.state)
            if state not in UNDER_WAY:
                continue
            patience = plan.healthy_min * _MINUTE_MS
            if state not in WRITING:
                patience = plan.answer_h * _HOUR_MS
            last = max(target.since_ms, target.heard_ms or 0, self._since_ms)
            if state in WRITING:  # to be heard is not enough: it has to show its version
                last = max(target.since_ms, self._since_ms)
            if now_ms - last >= patience:
                move(self._world, campaign, target, DeviceEvent.SILENT, now_ms, "silent")

    def _run(
        self, campaign: CampaignRow, plan: Plan, targets: Sequence[TargetRow], now_ms: int
    ) -> None:
        here = [one for one in targets if one.stage == campaign.stage]
        if stages.must_stop(plan.abort, [DeviceState(one.state) for one in here]):
            event = CampaignEvent.ROLLBACK if plan.rollback else CampaignEvent.ABORT
            change(self._world, campaign, event, JALON, now_ms, "threshold")
            tell_end(self._world, campaign, plan, now_ms)
            self._wind_down(campaign, targets, now_ms)
            return
        if all(DeviceState(one.state) in FINISHED for one in here):
            self._end_stage(campaign, plan, targets, now_ms)
            return
        self._begin(campaign, plan, targets, now_ms)

    def _end_stage(
        self, campaign: CampaignRow, plan: Plan, targets: Sequence[TargetRow], now_ms: int
    ) -> None:
        """Watch for the time asked for, then go on, wait for a person, or be done."""
        if not any(one.stage > campaign.stage for one in targets):
            change(self._world, campaign, CampaignEvent.SETTLED, JALON, now_ms)
            tell_end(self._world, campaign, plan, now_ms)
            return
        stage = plan.stages[campaign.stage]
        empty = not any(one.stage == campaign.stage for one in targets)
        if campaign.watched_ms is None:
            campaign.watched_ms = now_ms
        if not empty and now_ms - campaign.watched_ms < stage.wait_min * _MINUTE_MS:
            return
        campaign.stage, campaign.watched_ms = campaign.stage + 1, None
        self._world.campaigns.tell(
            campaign.id, now_ms, JALON, "stage", f"{campaign.stage + 1}/{len(plan.stages)}"
        )
        if stage.pause and not empty:
            change(self._world, campaign, CampaignEvent.PAUSE, JALON, now_ms, "stage")
            tell_end(self._world, campaign, plan, now_ms)

    def _begin(
        self, campaign: CampaignRow, plan: Plan, targets: Sequence[TargetRow], now_ms: int
    ) -> None:
        waiting = [
            one
            for one in targets
            if one.stage == campaign.stage
            and one.state == DeviceState.PENDING
            and one.next_ms <= now_ms
        ]
        if not waiting:
            return
        begun = [one.begun_ms for one in targets if one.begun_ms is not None]
        room = stages.room(plan.stages[campaign.stage].per_minute, begun, now_ms)
        for target in waiting:
            if room is not None and room <= 0:
                return
            if self._offer(campaign, plan, target, now_ms) and room is not None:
                room -= 1

    def _offer(self, campaign: CampaignRow, plan: Plan, target: TargetRow, now_ms: int) -> bool:
        """Whether it is offered now: it may have changed since the campaign was made."""
        world = self._world
        device = world.ground.solution().device(target.device)
        why: str | None = None
        if device is None:
            why = Unfit.RETIRED
        elif not _is_open(world, plan, device.site, now_ms):
            return False
        elif _is_busy(world, target):
            target.detail, target.next_ms = Unfit.BUSY, now_ms + _AGAIN_MS
            return False
        else:
            manifest = world.manifest(target.package)
            why = unfit(manifest, device, world.runs(device.id), campaign.downgrade)
            try:
                verify(
                    world.envelope(target.package),
                    world.trusted(),
                )
            except UsageError:
                change(world, campaign, CampaignEvent.PAUSE, JALON, now_ms, "key")
                return False
        if why is not None:
            move(world, campaign, target, DeviceEvent.SKIP, now_ms, why)
            return False
        target.before = world.runs(target.device).get(manifest.component, "")
        target.tries += 1
        target.first_ms = target.first_ms or now_ms
        target.begun_ms, target.offset = now_ms, 0
        move(world, campaign, target, DeviceEvent.OFFER, now_ms)
        world.offers.want(target.device, campaign.id, target.package)
        return True

    def _wind_down(self, campaign: CampaignRow, targets: Sequence[TargetRow], now_ms: int) -> None:
        """Take back what can be taken back; once the rest has ended, it is over."""
        for target in targets:
            move(self._world, campaign, target, DeviceEvent.WITHDRAW, now_ms)
        if any(DeviceState(one.state) in UNDER_WAY for one in targets):
            return
        if campaign.state == CampaignState.ABORTING:
            change(self._world, campaign, CampaignEvent.SETTLED, JALON, now_ms)
        elif rollback.is_done(self._world, campaign, targets, now_ms):
            change(self._world, campaign, CampaignEvent.SETTLED, JALON, now_ms)
            for target in targets:
                if rollback.was_undone(self._world, campaign, target):
                    move(self._world, campaign, target, DeviceEvent.UNDO, now_ms)


def _is_busy(world: World, target: TargetRow) -> bool:
    offer = world.offers.get(target.device)
    return offer is not None and offer.campaign not in (None, target.campaign)


def _is_open(world: World, plan: Plan, site: str, now_ms: int) -> bool:
    if plan.calendar is None:
        return True
    solution = world.ground.solution()
    written = calendars_of(solution.control.calendars).get(plan.calendar)
    # A calendar that is gone is never open: better late than at the wrong hour.
    return written is not None and OpeningHours(written, solution.site(site).tz).is_open(now_ms)


def change(
    world: World,
    campaign: CampaignRow,
    event: CampaignEvent,
    who: str,
    now_ms: int,
    why: str = "",
) -> bool:
    """Move a campaign (attached to the transaction); False when that cannot be now."""
    target = campaign_after(CampaignState(campaign.state), event)
    if target is None:
        return False
    campaign.state = target
    if event in (CampaignEvent.ABORT, CampaignEvent.ROLLBACK, CampaignEvent.PAUSE):
        campaign.reason = why
    if target in (CampaignState.COMPLETED, CampaignState.ABORTED, CampaignState.ROLLED_BACK):
        campaign.ended_ms = now_ms
    world.campaigns.tell(campaign.id, now_ms, who, target.value, why)
    return True


def move(
    world: World,
    campaign: CampaignRow,
    target: TargetRow,
    event: DeviceEvent,
    at_ms: int,
    detail: str = "",
) -> bool:
    """Move a device of a campaign (both attached); False when that means nothing now."""
    before = DeviceState(target.state)
    after = device_after(before, event)
    if after is None:
        return False
    if after is not before:
        target.since_ms = at_ms
        target.detail = ""
    target.state = after
    if detail:
        target.detail = detail[:255]
    if after in FINISHED:
        target.finished_ms = at_ms
    if after is DeviceState.UPDATED:
        target.after = world.manifest(target.package).version
    offer = world.offers.get(target.device)
    if after not in UNDER_WAY and offer is not None and offer.campaign == campaign.id:
        world.offers.want(target.device, None, "")
    _note(world, campaign, target, after)
    return True


def _note(world: World, campaign: CampaignRow, target: TargetRow, after: DeviceState) -> None:
    kinds = {
        DeviceState.UPDATED: Kind.UPDATED,
        DeviceState.FAILED: Kind.UPDATE_FAILED,
        DeviceState.REFUSED: Kind.UPDATE_FAILED,
        DeviceState.ROLLED_BACK: Kind.UPDATE_FAILED,
    }
    if after in kinds:
        manifest = world.manifest(target.package)
        said = {"campaign": str(campaign.id), "reason": target.detail}
        version = f"{manifest.component} {manifest.version}"
        known = {name: text for name, text in said.items() if text}
        world.ground.journal.note(kinds[after], target.device, version=version, **known)
