"""Calls: updates.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NotRequired, TypedDict, cast

from jalon.client.transport import Call, Transport, filled

Act = Literal["start", "pause", "resume", "abort", "rollback"]
"""What a person does with a campaign."""


class DeviceUpdate(TypedDict):
    """One device of a campaign. `detail` says why it is so; `received` is bytes. It ran the
    version `before`, is to run `wanted`, and runs `after` since then."""

    device: str
    stage: int
    state: str
    detail: str
    received: int
    tries: int
    before: str
    wanted: str
    after: str
    first_offered: str | None
    since: str
    finished: str | None


class Step(TypedDict):
    """A line of a campaign's history."""

    at: str
    who: str
    what: str
    detail: str


class Targets(TypedDict):
    """Which devices: those listed, those of a group, those a query of the fleet finds; all that
    is given must hold. With nothing given, every device of the types the package is for."""

    devices: NotRequired[list[str]]
    group: NotRequired[str]
    query: NotRequired[str]


class CampaignDetail(TypedDict):
    """A campaign with its devices and its history: its report."""

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
    created: str
    created_by: str
    started: str | None
    ended: str | None
    may: list[str]
    updates: list[DeviceUpdate]
    history: list[Step]


class CampaignShape(TypedDict):
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
    created: str
    created_by: str
    started: str | None
    ended: str | None
    may: list[str]


class PackageShape(TypedDict):
    """A package that is kept here. `things` are the types it is for, `upgrades` the versions
    from which a device may come."""

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
    created: str
    added: str
    added_by: str


class Wish(TypedDict):
    """A campaign as it is asked for. `plan` is an id of `updates.yaml`; `downgrade` allows
    versions that are not newer than what devices run."""

    package: str
    title: NotRequired[str]
    plan: NotRequired[str]
    targets: NotRequired[Targets]
    downgrade: NotRequired[bool]


class UpdatesPreviewShape(TypedDict):
    """What a campaign would do: devices by stage, and those passed over with the reason."""

    component: str
    version: str
    plan: str
    stages: list[list[str]]
    unfit: dict[str, str]


class Updates:
    """Calls: updates."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def campaigns(self) -> list[CampaignShape]:
        """Campaigns.

        The newest first. Scope: read.
        """
        call = Call("GET", "/api/v1/updates/campaigns")
        return cast("list[CampaignShape]", self._transport.answer(call))

    def create_campaign(self, body: Wish) -> CampaignDetail:
        """Make a campaign.

        In draft: nothing is offered before it is started. Scope: updates:write.
        """
        call = Call("POST", "/api/v1/updates/campaigns", body=body)
        return cast("CampaignDetail", self._transport.answer(call))

    def campaign(self, campaign_id: str) -> CampaignDetail:
        """One campaign with its devices: its report.

        How each device goes, and who did what. Scope: read.
        """
        call = Call(
            "GET", filled("/api/v1/updates/campaigns/{campaign_id}", campaign_id=campaign_id)
        )
        return cast("CampaignDetail", self._transport.answer(call))

    def report(self, campaign_id: str) -> Iterator[bytes]:
        """The devices of a campaign as CSV.

        One line a device. Scope: read.
        """
        call = Call(
            "GET",
            filled("/api/v1/updates/campaigns/{campaign_id}/report.csv", campaign_id=campaign_id),
        )
        return self._transport.chunks(call)

    def act_on_campaign(self, campaign_id: str, act: str) -> CampaignDetail:
        """Start, pause, resume, abort or roll back a campaign.

        422 with the reason when that cannot be now; 403 for a start that a second person has to
        give on the page. Scope: updates:write.
        """
        call = Call(
            "POST",
            filled(
                "/api/v1/updates/campaigns/{campaign_id}/{act}", campaign_id=campaign_id, act=act
            ),
        )
        return cast("CampaignDetail", self._transport.answer(call))

    def packages(self) -> list[PackageShape]:
        """Packages that are kept.

        The newest first. They are added with `jalon updates add`. Scope: read.
        """
        call = Call("GET", "/api/v1/updates/packages")
        return cast("list[PackageShape]", self._transport.answer(call))

    def preview(self, body: Wish) -> UpdatesPreviewShape:
        """What a campaign would do.

        Nothing is made. Scope: updates:write.
        """
        call = Call("POST", "/api/v1/updates/preview", body=body)
        return cast("UpdatesPreviewShape", self._transport.answer(call))

    def versions(self) -> dict[str, dict[str, str]]:
        """What devices run.

        By device, the version of each component as it last said. Scope: read.
        """
        call = Call("GET", "/api/v1/updates/versions")
        return cast("dict[str, dict[str, str]]", self._transport.answer(call))
