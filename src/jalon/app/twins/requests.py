"""Twins and tags as they are asked for and shown, by the API and by commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from jalon.app.local import require_run
from jalon.app.local_api import LocalApi
from jalon.app.solution import Solution
from jalon.app.twins.views import TwinView
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms

TAGS_PATH = "/api/v1/tags"
SEARCH_PATH = "/api/v1/search"
GROUPS_PATH = "/api/v1/groups"
_PAGE = 1000


class DesiredShape(BaseModel):
    """What a property is to be: since which version of the desired state, when and by whom."""

    value: object
    version: int
    time: datetime
    by: str


class ReportedShape(BaseModel):
    """What a device said last of a property: in its state, or as a value it measured."""

    value: object
    time: datetime
    source: Literal["state", "telemetry"]


class TwinShape(BaseModel):
    """A twin. `version` is that of the desired state, `taken` the one that the device says it has
    taken in; `delta` is what is wanted and not so yet; `sent` when the way to the device took it
    in charge; `trouble` why it cannot be sent."""

    device: str
    version: int
    taken: int
    desired: dict[str, DesiredShape]
    reported: dict[str, ReportedShape]
    delta: dict[str, object]
    sent: datetime | None
    trouble: str

    @classmethod
    def of(cls, view: TwinView, trouble: str = "") -> TwinShape:
        """The shape of one; `trouble` is in the reader's language."""
        return cls(
            device=view.device.id,
            version=view.twin.desired.version,
            taken=view.twin.taken,
            desired={
                name: DesiredShape(
                    value=one.value, version=one.version, time=from_ms(one.at_ms), by=one.by
                )
                for name, one in view.twin.desired.entries.items()
                if one.value is not None
            },
            reported={
                name: ReportedShape(
                    value=one.value,
                    time=from_ms(one.at_ms),
                    source="telemetry" if one.by_telemetry else "state",
                )
                for name, one in view.reported.items()
            },
            delta=dict(view.delta),
            sent=from_ms(view.sent_ms) if view.sent_ms else None,
            trouble=trouble,
        )


class TagRequest(BaseModel):
    """Tags to put on devices and to take away, of some devices or of those that a search finds."""

    model_config = ConfigDict(extra="forbid")

    devices: list[str] = Field(default_factory=list, max_length=100_000)
    query: str | None = Field(default=None, description="A search, or the id of a group.")
    add: list[str] = Field(default_factory=list, max_length=50)
    remove: list[str] = Field(default_factory=list, max_length=50)


class Tagged(BaseModel):
    """Ids of the devices whose tags have changed."""

    changed: list[str]


def twin_path(device_id: str) -> str:
    """Where the API tells a twin."""
    return f"/api/v1/devices/{device_id}/twin"


def desired_path(device_id: str) -> str:
    """Where the API takes what is wanted of a device."""
    return f"{twin_path(device_id)}/desired"


def read(solution: Solution, device_id: str) -> TwinShape:
    """The twin, from the running solution. Raises UsageError."""
    api = _api(solution, device_id)
    return TwinShape.model_validate_json(api.read(twin_path(device_id)))


def desire(
    solution: Solution, device_id: str, patch: Mapping[str, object], if_version: int | None
) -> TwinShape:
    """Have the running solution want it so. Raises UsageError with what it says."""
    api = _api(solution, device_id)
    if_match = None if if_version is None else f'"{if_version}"'
    answer = api.patch(desired_path(device_id), orjson.dumps(dict(patch)), if_match)
    return TwinShape.model_validate_json(answer)


def found(folder: Path, query: str) -> Iterator[dict[str, object]]:
    """The devices that a search means in the running solution, as the API shows them. Raises
    UsageError."""
    api = LocalApi(folder, require_run(folder))
    offset, total = 0, 1
    while offset < total:
        asked = [("q", query), ("limit", str(_PAGE)), ("offset", str(offset))]
        page = orjson.loads(api.read(SEARCH_PATH, asked))
        total = int(page["total"])
        yield from page["devices"]
        offset += _PAGE


def found_ids(folder: Path, query: str) -> list[str]:
    """Their ids."""
    return [str(one["id"]) for one in found(folder, query)]


def _api(solution: Solution, device_id: str) -> LocalApi:
    if solution.device(device_id) is None:
        raise UsageError(Text(N_("There is no device {id}."), {"id": device_id}))
    return LocalApi(solution.folder, require_run(solution.folder))
