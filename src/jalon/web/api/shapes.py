"""What the API answers, as documented shapes. Times are ISO 8601 in UTC."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from jalon.run.ports import Bucket
from jalon.vocab.reading import Location, Quality, Value
from jalon.vocab.times import from_ms


class PropertyShape(BaseModel):
    """A property a device can report. `unit` is a UCUM code."""

    name: str
    title: str
    kind: str
    unit: str


class DeviceShape(BaseModel):
    """A device, where it is and how it is heard (`reporting`, `silent`, `never`
    or `retired`)."""

    id: str
    name: str
    thing: str
    site: str
    room: str | None
    tags: list[str]
    state: str
    last_seen: datetime | None


class DeviceDetail(DeviceShape):
    """A device with its properties."""

    zone: str
    properties: list[PropertyShape]


class DeviceList(BaseModel):
    """One page of devices; `total` counts all that match."""

    total: int
    offset: int
    devices: list[DeviceShape]


class Place(BaseModel):
    """WGS 84 degrees; altitude in metres."""

    latitude: float
    longitude: float
    altitude: float | None


JsonValue = bool | float | str | Place


class LatestShape(BaseModel):
    """The newest value of one property."""

    device: str
    property: str
    time: datetime
    value: JsonValue
    unit: str
    quality: str


class PointShape(BaseModel):
    """One stored value."""

    time: datetime
    value: JsonValue
    quality: str


class BucketShape(BaseModel):
    """`[start, end)`; with count 0 it is a gap and the figures are null."""

    start: datetime
    end: datetime
    count: int
    min: float | None
    mean: float | None
    max: float | None


class HistoryShape(BaseModel):
    """Either `points` (bucket `raw`) or `buckets`; `truncated` when `limit` cut the points."""

    device: str
    property: str
    unit: str
    zone: str
    bucket: str
    truncated: bool = False
    points: list[PointShape] | None = None
    buckets: list[BucketShape] | None = None


class AggregateShape(BaseModel):
    """Buckets over the same property of several devices together."""

    property: str
    unit: str
    zone: str
    bucket: str
    devices: int
    buckets: list[BucketShape]


def json_value(value: Value) -> JsonValue:
    """A value in its JSON form."""
    if isinstance(value, Location):
        return Place(latitude=value.latitude, longitude=value.longitude, altitude=value.altitude)
    return value


def quality_name(quality: Quality) -> str:
    """`good` or `out-of-range`."""
    return Quality(quality).name.lower().replace("_", "-")


def bucket_shape(bucket: Bucket) -> BucketShape:
    """A bucket of the store as it is answered."""
    return BucketShape(
        start=from_ms(bucket.start_ms),
        end=from_ms(bucket.end_ms),
        count=bucket.count,
        min=bucket.minimum,
        mean=bucket.mean,
        max=bucket.maximum,
    )
