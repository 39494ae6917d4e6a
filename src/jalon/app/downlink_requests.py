"""A downlink as it is asked for and as it is shown, by the API and by commands."""

from __future__ import annotations

import binascii
from datetime import datetime

import orjson
from pydantic import BaseModel, ConfigDict, Field

from jalon.app.downlinks import Followed, Order
from jalon.app.local import require_run
from jalon.app.local_api import LocalApi
from jalon.app.solution import Solution
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms


class DownlinkRequest(BaseModel):
    """Either the bytes in hexadecimal, or values for the codec of the device's type."""

    model_config = ConfigDict(extra="forbid")

    hex: str | None = Field(default=None, max_length=1000)
    values: dict[str, object] | None = None
    port: int | None = Field(default=None, ge=1, le=223, description="FPort.")
    confirmed: bool = Field(default=False, description="The device is to acknowledge it.")

    def order(self) -> Order:
        """What the device is to be told. Raises UsageError."""
        if (self.hex is None) == (self.values is None):
            raise UsageError(Text(N_("Give either the bytes or the values.")))
        if self.values is not None:
            return Order(self.values, port=self.port, confirmed=self.confirmed)
        try:
            data = binascii.unhexlify((self.hex or "").replace(" ", "").replace(":", ""))
        except ValueError:
            text = Text(N_("The bytes are written in hexadecimal, two digits each: 01 ff."))
            raise UsageError(text) from None
        return Order(data=data, port=self.port, confirmed=self.confirmed)


class DownlinkShape(BaseModel):
    """A downlink under way: `stage` is queued, sent, acknowledged, not-acknowledged or failed,
    since when, and why."""

    id: str
    device: str
    port: int
    hex: str
    confirmed: bool
    stage: str
    since: datetime
    detail: str

    @classmethod
    def of(cls, one: Followed) -> DownlinkShape:
        """The shape of one."""
        return cls(
            id=one.id,
            device=one.device,
            port=one.port,
            hex=one.data.hex(),
            confirmed=one.confirmed,
            stage=one.stage.value,
            since=from_ms(one.since_ms),
            detail=one.detail,
        )


def api_path(device_id: str) -> str:
    """Where the API takes downlinks of a device."""
    return f"/api/v1/devices/{device_id}/downlinks"


def ask(solution: Solution, device_id: str, request: DownlinkRequest) -> DownlinkShape:
    """Have the running solution send one. Raises UsageError with what it says."""
    if solution.device(device_id) is None:
        raise UsageError(Text(N_("There is no device {id}."), {"id": device_id}))
    api = LocalApi(solution.folder, require_run(solution.folder))
    body = orjson.dumps(request.model_dump(exclude_none=True))
    return DownlinkShape.model_validate_json(api.post(api_path(device_id), body=body))
