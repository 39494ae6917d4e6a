"""Takes in what devices say of their update."""

from __future__ import annotations

from jalon.adapters.stores.registry.updates_schema import TargetRow
from jalon.app.updates.rollout import move
from jalon.app.updates.world import World, plan_of
from jalon.run.control import ProgressHeard, Subject
from jalon.run.updates.manifest import Manifest
from jalon.run.updates.states import (
    SAID,
    UNDER_WAY,
    WRITING,
    CampaignState,
    DeviceEvent,
    DeviceState,
)
from jalon.run.updates.versions import same

_MOST_COMPONENTS = 20
_LATE = frozenset({DeviceState.FAILED, DeviceState.WITHDRAWN, DeviceState.PENDING})
_RETRY_MS = 30_000
_GOES_ON = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})


def take_in(world: World, due: ProgressHeard) -> None:
    """Remember its versions and move it on; a part of the transaction it is called in."""
    device = Subject.parse(due.subject).id
    said = list(due.versions.items())[:_MOST_COMPONENTS]
    versions = {name[:64]: version[:64] for name, version in said}
    world.versions.put(device, versions, due.at_ms)
    target = _meant(world, device, due.package)
    if target is None:
        return
    target.heard_ms = max(due.at_ms, target.heard_ms or 0)
    manifest = world.manifest(target.package)
    runs = versions.get(manifest.component, "")
    if not target.before and not same(runs, manifest.version):
        target.before = runs  # it had not said so before it was offered the package
    event = _event(due, DeviceState(target.state), manifest)
    # What was said before the device was offered it this time belongs to the last try.
    if event is None or (event is not DeviceEvent.RUNS_NEW and due.at_ms < (target.begun_ms or 0)):
        return
    if event is DeviceEvent.DOWNLOADING:
        target.offset = max(0, due.offset)
    campaign = world.campaign(target.campaign)
    goes_on = campaign.state in _GOES_ON and target.tries < plan_of(campaign).tries
    if event is DeviceEvent.FAILED and goes_on:
        event, target.next_ms = DeviceEvent.RETRY, due.at_ms + _RETRY_MS
    move(world, campaign, target, event, due.at_ms, due.error[:200])


def _meant(world: World, device: str, package: str) -> TargetRow | None:
    """Which of the device's updates it speaks of: the one under way, else the newest that may
    still turn out well."""
    found = [one for one in world.campaigns.of_device(device) if package in ("", one.package)]
    under_way = [one for one in found if DeviceState(one.state) in UNDER_WAY]
    if under_way:
        return under_way[0]
    return found[0] if found and DeviceState(found[0].state) in _LATE else None


def _event(due: ProgressHeard, state: DeviceState, manifest: Manifest) -> DeviceEvent | None:
    said = SAID.get(due.state)
    runs = due.versions.get(manifest.component)
    if said in (DeviceEvent.FAILED, DeviceEvent.REFUSED, DeviceEvent.RUNS_OLD) or runs is None:
        return said
    if same(runs, manifest.version):
        return DeviceEvent.RUNS_NEW
    # It is back, with what it had. Before it rebooted that says nothing.
    if state in WRITING - {DeviceState.INSTALLING} and said in (None, DeviceEvent.DONE):
        return DeviceEvent.RUNS_OLD
    return said
