"""Calls: devices.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict, Unpack, cast

from jalon.client.shared import DeviceShape
from jalon.client.transport import Call, Transport, filled


class BucketShape(TypedDict):
    """`[start, end)`; with count 0 it is a gap and the figures are null."""

    start: str
    end: str
    count: int
    min: float | None
    mean: float | None
    max: float | None


class AggregateShape(TypedDict):
    """Buckets over the same property of several devices together."""

    property: str
    unit: str
    zone: str
    bucket: str
    devices: int
    buckets: list[BucketShape]


class PropertyShape(TypedDict):
    """A property a device can report. `unit` is a UCUM code."""

    name: str
    title: str
    kind: str
    unit: str


class DeviceDetail(TypedDict):
    """A device with its properties."""

    id: str
    name: str
    thing: str
    site: str
    room: str | None
    tags: list[str]
    state: str
    last_seen: str | None
    zone: str
    properties: list[PropertyShape]


class DeviceList(TypedDict):
    """One page of devices; `total` counts all that match."""

    total: int
    offset: int
    devices: list[DeviceShape]


class DownlinkRequest(TypedDict):
    """Either the bytes in hexadecimal, or values for the codec of the device's type."""

    hex: NotRequired[str | None]
    values: NotRequired[dict[str, object] | None]
    port: NotRequired[int | None]
    confirmed: NotRequired[bool]


class DownlinkShape(TypedDict):
    """A downlink under way: `stage` is queued, sent, acknowledged, not-acknowledged or failed,
    since when, and why."""

    id: str
    device: str
    port: int
    hex: str
    confirmed: bool
    stage: str
    since: str
    detail: str


class Place(TypedDict):
    """WGS 84 degrees; altitude in metres."""

    latitude: float
    longitude: float
    altitude: float | None


class PointShape(TypedDict):
    """One stored value."""

    time: str
    value: bool | float | str | Place
    quality: str


class HistoryShape(TypedDict):
    """Either `points` (bucket `raw`) or `buckets`; `truncated` when `limit` cut the points."""

    device: str
    property: str
    unit: str
    zone: str
    bucket: str
    truncated: NotRequired[bool]
    points: NotRequired[list[PointShape] | None]
    buckets: NotRequired[list[BucketShape] | None]


class LatestShape(TypedDict):
    """The newest value of one property."""

    device: str
    property: str
    time: str
    value: bool | float | str | Place
    unit: str
    quality: str


class SuspicionShape(TypedDict):
    """A cause: its stable name, how sure it is (`certain`, `likely`, `possible`), and sentences
    in the reader's language."""

    cause: str
    likelihood: str
    says: str
    evidence: list[str]
    advice: str


class DevicesFindQuery(TypedDict):
    """Of `find`."""

    site: NotRequired[str | None]
    thing: NotRequired[str | None]
    limit: NotRequired[int]
    offset: NotRequired[int]


class DevicesHistoryQuery(TypedDict):
    """Of `history`."""

    property: str
    from_: NotRequired[str]
    """ISO 8601 or Unix ms; a day before `to`."""
    to: NotRequired[str]
    """ISO 8601 or Unix ms; now when left out."""
    bucket: NotRequired[str]
    """raw, a number of seconds, or hour, day, week, month in the site's zone."""
    limit: NotRequired[int]


class DevicesAggregateQuery(TypedDict):
    """Of `aggregate`."""

    property: str
    site: NotRequired[str | None]
    thing: NotRequired[str | None]
    from_: NotRequired[str]
    """ISO 8601 or Unix ms; a day before `to`."""
    to: NotRequired[str]
    """ISO 8601 or Unix ms; now when left out."""
    bucket: NotRequired[str]
    """raw, a number of seconds, or hour, day, week, month in the site's zone."""


class Devices:
    """Calls: devices."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self, **query: Unpack[DevicesFindQuery]) -> DeviceList:
        """Devices, a page at a time.

        In the order of the fleet's file. Scope: read.
        """
        call = Call("GET", "/api/v1/devices", query=query)
        return cast("DeviceList", self._transport.answer(call))

    def every_find(self, **query: Unpack[DevicesFindQuery]) -> Iterator[DeviceShape]:
        """`find`, page after page."""
        offset = query.get("offset", 0)
        while True:
            query["offset"] = offset
            page = self.find(**query)
            yield from page["devices"]
            offset += len(page["devices"])
            if not page["devices"] or offset >= page["total"]:
                return

    def get(self, device_id: str) -> DeviceDetail:
        """One device with its properties.

        404 when there is none of that id. Scope: read.
        """
        call = Call("GET", filled("/api/v1/devices/{device_id}", device_id=device_id))
        return cast("DeviceDetail", self._transport.answer(call))

    def diagnosis(self, device_id: str) -> list[SuspicionShape]:
        """Why a device is silent or refused.

        The most certain cause first; nothing when all is well. Scope: read.
        """
        call = Call("GET", filled("/api/v1/devices/{device_id}/diagnosis", device_id=device_id))
        return cast("list[SuspicionShape]", self._transport.answer(call))

    def downlinks(self, device_id: str) -> list[DownlinkShape]:
        """Frames sent to a LoRaWAN device.

        Those sent since the start, the newest first, and how far each has come. Scope: read.
        """
        call = Call("GET", filled("/api/v1/devices/{device_id}/downlinks", device_id=device_id))
        return cast("list[DownlinkShape]", self._transport.answer(call))

    def send_downlink(self, device_id: str, body: DownlinkRequest) -> DownlinkShape:
        """Send a frame to a LoRaWAN device.

        202 when its network server has been given the frame: a device of class A hears it after
        its next uplink. Scope: commands:write.
        """
        call = Call(
            "POST", filled("/api/v1/devices/{device_id}/downlinks", device_id=device_id), body=body
        )
        return cast("DownlinkShape", self._transport.answer(call))

    def history(self, device_id: str, **query: Unpack[DevicesHistoryQuery]) -> HistoryShape:
        """Values over time.

        Raw values, the oldest first, or minimum, mean and maximum per bucket with gaps shown.
        Scope: read.
        """
        call = Call(
            "GET", filled("/api/v1/devices/{device_id}/history", device_id=device_id), query=query
        )
        return cast("HistoryShape", self._transport.answer(call))

    def latest(self, device_id: str) -> list[LatestShape]:
        """Newest value of each property.

        Properties never reported are left out. Scope: read.
        """
        call = Call("GET", filled("/api/v1/devices/{device_id}/latest", device_id=device_id))
        return cast("list[LatestShape]", self._transport.answer(call))

    def aggregate(self, **query: Unpack[DevicesAggregateQuery]) -> AggregateShape:
        """One property over many devices together.

        All these devices must report the property as a number in the same unit. Scope: read.
        """
        call = Call("GET", "/api/v1/fleet/aggregate", query=query)
        return cast("AggregateShape", self._transport.answer(call))
