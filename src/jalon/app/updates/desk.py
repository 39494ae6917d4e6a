"""What people do about updates: packages, campaigns, starting and stopping them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field

from jalon.adapters.stores.registry.updates_schema import CampaignRow, PackageRow, TargetRow
from jalon.app.updates.rollout import MOVING, change
from jalon.app.updates.world import World, plan_of
from jalon.run.fleet import Device
from jalon.run.updates import stages
from jalon.run.updates.compatible import Unfit, unfit
from jalon.run.updates.manifest import (
    MOST_CONFIG,
    Component,
    Manifest,
    Signed,
    check_content,
    verify,
)
from jalon.run.updates.spec import STANDARD, Plan
from jalon.run.updates.states import CampaignEvent, CampaignState, DeviceState
from jalon.vocab.entries import Identifier
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MOST_TARGETS = 50_000


class Act(StrEnum):
    """What a person does with a campaign."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"
    ROLLBACK = "rollback"


class Targets(BaseModel):
    """Which devices: those listed, those of a group, those a query of the fleet finds; all that is
    given must hold. With nothing given, every device of the types the package is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    devices: list[Identifier] = Field(default=[], max_length=MOST_TARGETS)
    group: str = Field(default="", max_length=64)
    query: str = Field(default="", max_length=1000)


class Wish(BaseModel):
    """A campaign as it is asked for. `plan` is an id of `updates.yaml`; `downgrade` allows
    versions that are not newer than what devices run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: str = Field(max_length=32)
    title: str = Field(default="", max_length=100)
    plan: str = Field(default=STANDARD, max_length=64)
    targets: Targets = Targets()
    downgrade: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a campaign would do: the devices of each stage, and those passed over with why."""

    manifest: Manifest
    plan: Plan
    stages: Sequence[Sequence[str]]
    unfit: Mapping[str, Unfit]

    @property
    def fit(self) -> list[str]:
        """The devices that would be offered the package, in their order."""
        return [device for stage in self.stages for device in stage]


class Desk:
    """Every method may be called from any thread; each change is one transaction. `who` is a
    person's name."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, signed: Signed, content: bytes, who: str) -> PackageRow:
        """Verify a package and keep it. Raises UsageError, StoreError."""
        world = self._world
        manifest = verify(signed, world.trusted())
        check_content(manifest, content)
        if manifest.component is Component.CONFIG:
            check_document(content)
        unknown = [one for one in manifest.things if one not in world.ground.solution().things]
        if unknown:
            text = Text(N_("There is no type of device {id}."), {"id": unknown[0]})
            raise UsageError(text)
        row = PackageRow(
            id=signed.package,
            component=manifest.component,
            version=manifest.version,
            sha256=world.shelf.keep(content),
            size=manifest.size,
            envelope=signed.model_dump_json(),
            added_ms=world.ground.now_ms(),
            added_by=who,
        )
        world.packages.add(row)
        return row

    def drop(self, package: str) -> None:
        """Forget a package that nothing needs now. Raises UsageError."""
        world = self._world
        with world.ground.registry.work():
            row = world.package(package)
            if package in world.campaigns.packages_used({*MOVING, CampaignState.DRAFT}):
                raise UsageError(Text(N_("A campaign needs this package still.")))
            world.packages.drop(row.id)
        world.shelf.keep_only({one.sha256 for one in world.packages.all()})

    def preview(self, wish: Wish) -> Preview:
        """What it would do. Raises UsageError."""
        world = self._world
        manifest = verify(world.envelope(wish.package), world.trusted())
        plan = world.ground.solution().control.updates.plan(wish.plan)
        if plan is None:
            raise UsageError(Text(N_("There is no plan {id} in updates.yaml."), {"id": wish.plan}))
        runs = world.versions.all()
        skipped: dict[str, Unfit] = {}
        fit = []
        for device in self._found(wish.targets, manifest):
            why = unfit(manifest, device, runs.get(device.id, {}), wish.downgrade)
            if why is None:
                fit.append(device.id)
            else:
                skipped[device.id] = why
        ordered = stages.order(fit, wish.package)
        return Preview(manifest, plan, stages.split(ordered, plan.stages), skipped)

    def create(self, wish: Wish, who: str) -> int:
        """A campaign in draft; its id. Raises UsageError when no device would be reached."""
        world = self._world
        seen = self.preview(wish)
        if not seen.fit:
            raise UsageError(Text(N_("No device can be given this package.")))
        now_ms = world.ground.now_ms()
        title = wish.title.strip() or f"{seen.manifest.component} {seen.manifest.version}"
        row = CampaignRow(
            package=wish.package,
            component=seen.manifest.component,
            version=seen.manifest.version,
            title=title,
            plan=seen.plan.model_dump_json(),
            targets=wish.targets.model_dump_json(),
            downgrade=wish.downgrade,
            state=CampaignState.DRAFT,
            reason="",
            stage=0,
            created_ms=now_ms,
            created_by=who,
        )
        placed = [(device, n) for n, stage in enumerate(seen.stages) for device in stage]
        targets = [_target(wish.package, one, place, now_ms) for place, one in enumerate(placed)]
        last = len(seen.stages) - 1
        for place, (device, why) in enumerate(seen.unfit.items(), len(targets)):
            target = _target(wish.package, (device, last), place, now_ms)
            target.state, target.detail = DeviceState.INCOMPATIBLE, why
            target.finished_ms = now_ms
            targets.append(target)
        runs = world.versions.all()
        for target in targets:
            target.before = runs.get(target.device, {}).get(seen.manifest.component, "")
        with world.ground.registry.work():
            campaign = world.campaigns.add(row, targets)
            world.campaigns.tell(campaign, now_ms, who, CampaignState.DRAFT)
        return campaign

    def needs_two(self, campaign: int) -> bool:
        """Whether somebody else than who made it has to start it."""
        return plan_of(self._world.campaign(campaign)).two_people

    def start(self, campaign: int, who: str) -> None:
        """Begin it. Raises UsageError when its plan wants another person for that."""
        with self._world.ground.registry.work():
            row = self._world.campaign(campaign)
            if plan_of(row).two_people and row.created_by == who:
                text = N_("This plan wants two people: whoever made a campaign does not start it.")
                raise UsageError(Text(text))
            self._change(row, CampaignEvent.START, who)
            row.started_ms = self._world.ground.now_ms()

    def act(self, campaign: int, act: Act, who: str) -> None:
        """Start it, pause it (no other device is begun), resume it, abort it (what devices have
        not begun to install is taken back), or roll it back (those that were updated too). Raises
        UsageError when that cannot be now."""
        if act is Act.START:
            self.start(campaign, who)
            return
        with self._world.ground.registry.work():
            self._change(self._world.campaign(campaign), CampaignEvent(act.value), who)

    def _change(self, row: CampaignRow, event: CampaignEvent, who: str) -> None:
        if not change(self._world, row, event, who, self._world.ground.now_ms(), "by hand"):
            text = N_("The campaign is {state}: that cannot be done now.")
            raise UsageError(Text(text, {"state": row.state}))

    def _found(self, targets: Targets, manifest: Manifest) -> list[Device]:
        """The devices asked for, in the order of the fleet. Raises UsageError."""
        solution = self._world.ground.solution()
        if not (targets.devices or targets.group or targets.query):
            return [one for one in solution.fleet.devices if one.thing in manifest.things]
        wanted = {one.id for one in solution.fleet.devices}
        for one in targets.devices:
            if one not in wanted:
                raise UsageError(Text(N_("There is no device {id}."), {"id": one}))
        if targets.devices:
            wanted &= set(targets.devices)
        if targets.group:
            if targets.group not in solution.control.groups.ids:
                raise UsageError(Text(N_("There is no group {id}."), {"id": targets.group}))
            wanted &= set(self._world.search(targets.group))
        if targets.query:
            wanted &= set(self._world.search(targets.query))
        return [one for one in solution.fleet.devices if one.id in wanted]


def _target(package: str, placed: tuple[str, int], place: int, now_ms: int) -> TargetRow:
    device, stage = placed
    return TargetRow(
        device=device,
        package=package,
        place=place,
        stage=stage,
        state=DeviceState.PENDING,
        detail="",
        offset=0,
        tries=0,
        before="",
        after="",
        since_ms=now_ms,
        next_ms=0,
    )


def check_document(content: bytes) -> None:
    """A configuration is a JSON or YAML document with keys. Raises UsageError."""
    if len(content) > MOST_CONFIG:
        text = N_("A configuration has at most {most} KiB.")
        raise UsageError(Text(text, {"most": MOST_CONFIG >> 10}))
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            found = yaml.safe_load(content)
        except yaml.YAMLError:
            found = None
    if not isinstance(found, dict):
        raise UsageError(Text(N_("A configuration is a JSON or YAML document with keys.")))
