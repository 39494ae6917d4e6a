"""Devices, their newest values and their history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from jalon.run.fleet import Device
from jalon.run.ports import Calendar, Series
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms
from jalon.web.api.shapes import (
    AggregateShape,
    DeviceDetail,
    DeviceList,
    DeviceShape,
    HistoryShape,
    LatestShape,
    PointShape,
    PropertyShape,
    bucket_shape,
    json_value,
    quality_name,
)
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused
from jalon.web.ranges import Span, between
from jalon.web.shell import PageDep

router = APIRouter(prefix="/api/v1", tags=["devices"])
MAX_BUCKETS = 10_000

From = Annotated[str, Query(alias="from", description="ISO 8601 or Unix ms; a day before `to`.")]
To = Annotated[str, Query(description="ISO 8601 or Unix ms; now when left out.")]
BucketWidth = Annotated[
    str,
    Query(description="raw, a number of seconds, or hour, day, week, month in the site's zone."),
]


@router.get("/devices", summary="Devices, a page at a time")
def devices(
    context: Ctx,
    site: str | None = None,
    thing: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> DeviceList:
    """In the order of the fleet's file."""
    found = [
        device
        for device in context.running.solution.fleet.devices
        if (site is None or device.site == site) and (thing is None or device.thing == thing)
    ]
    return DeviceList(
        total=len(found),
        offset=offset,
        devices=[device_shape(context, one) for one in found[offset : offset + limit]],
    )


@router.get("/devices/{device_id}", summary="One device with its properties")
def one_device(context: Ctx, page: PageDep, device_id: str) -> DeviceDetail:
    """404 when there is none of that id."""
    device = device_or_refuse(context, device_id)
    return DeviceDetail(
        **device_shape(context, device).model_dump(),
        zone=context.running.solution.site(device.site).zone,
        properties=[
            PropertyShape(
                name=name,
                title=prop.names(name).in_language(page.language.code),
                kind=prop.kind,
                unit=prop.unit or "",
            )
            for name, prop in context.running.solution.properties(device).items()
        ],
    )


@router.get("/devices/{device_id}/latest", summary="Newest value of each property")
def latest(context: Ctx, device_id: str) -> list[LatestShape]:
    """Properties never reported are left out."""
    device = device_or_refuse(context, device_id)
    answer = []
    for name, prop in context.running.solution.properties(device).items():
        series = context.running.series.get((device.id, name))
        value = context.running.live.latest(series.id) if series else None
        if value:
            answer.append(
                LatestShape(
                    device=device.id,
                    property=name,
                    time=from_ms(value.time_ms),
                    value=json_value(value.value),
                    unit=prop.unit or "",
                    quality=quality_name(value.quality),
                )
            )
    return answer


@router.get("/devices/{device_id}/history", summary="Values over time")
def history(
    context: Ctx,
    device_id: str,
    property: str,
    start: From = "",
    to: To = "",
    bucket: BucketWidth = "raw",
    limit: Annotated[int, Query(ge=1, le=100_000)] = 10_000,
) -> HistoryShape:
    """Raw values, the oldest first, or minimum, mean and maximum per bucket with gaps shown."""
    device = device_or_refuse(context, device_id)
    series = series_or_refuse(context, device, property)
    site = context.running.solution.site(device.site)
    span = between(start, to, site.tz, context.running.now_ms())
    answer = HistoryShape(
        device=device.id,
        property=property,
        unit=series.spec.unit,
        zone=site.zone,
        bucket=bucket,
    )
    store = context.running.store
    if bucket == "raw":
        points = store.points(series.id, span.start_ms, span.end_ms, limit + 1)
        answer.truncated = len(points) > limit
        answer.points = [
            PointShape(
                time=from_ms(point.time_ms),
                value=json_value(point.value),
                quality=quality_name(point.quality),
            )
            for point in points[:limit]
        ]
    else:
        found = store.buckets([series.id], span.start_ms, span.end_ms, bucket_width(bucket, span))
        answer.buckets = [bucket_shape(one) for one in found]
    return answer


@router.get("/fleet/aggregate", summary="One property over many devices together")
def aggregate(
    context: Ctx,
    property: str,
    site: str | None = None,
    thing: str | None = None,
    start: From = "",
    to: To = "",
    bucket: BucketWidth = "hour",
) -> AggregateShape:
    """All these devices must report the property as a number in the same unit."""
    series = [
        found
        for device in context.running.solution.fleet.devices
        if (site is None or device.site == site) and (thing is None or device.thing == thing)
        if (found := context.running.series.get((device.id, property)))
        and found.spec.kind is ValueKind.NUMBER
    ]
    if not series:
        raise Refused(404, Text(N_("No device reports this property as a number.")))
    if len({one.spec.unit for one in series}) > 1:
        raise Refused(422, Text(N_("These devices report in different units.")))
    zone = next(s for s in context.running.solution.fleet.sites if s.zone == series[0].spec.zone)
    span = between(start, to, zone.tz, context.running.now_ms())
    if bucket == "raw":
        raise Refused(422, Text(N_("Raw values are asked for one device at a time.")))
    buckets = context.running.store.buckets(
        [one.id for one in series], span.start_ms, span.end_ms, bucket_width(bucket, span)
    )
    return AggregateShape(
        property=property,
        unit=series[0].spec.unit,
        zone=zone.zone,
        bucket=bucket,
        devices=len(series),
        buckets=[bucket_shape(one) for one in buckets],
    )


def device_or_refuse(context: Context, device_id: str) -> Device:
    """The device of that id. Raises Refused (404)."""
    device = context.running.solution.device(device_id)
    if device is None:
        raise Refused(404, Text(N_("There is no device {id}."), {"id": device_id[:64]}))
    return device


def series_or_refuse(context: Context, device: Device, name: str) -> Series:
    """The series of a device's property. Raises Refused (404)."""
    series = context.running.series.get((device.id, name))
    if series is None:
        raise Refused(404, Text(N_("The device has no property {name}."), {"name": name[:64]}))
    return series


def bucket_width(text: str, span: Span) -> int | Calendar:
    """Milliseconds or a calendar width. Raises Refused when unknown or far too fine."""
    if text in set(Calendar):
        return Calendar(text)
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 9 and int(text) > 0):
        raise Refused(422, Text(N_("A bucket is raw, seconds, hour, day, week or month.")))
    width = int(text) * 1000
    if (span.end_ms - span.start_ms) / width > MAX_BUCKETS:
        raise Refused(422, Text(N_("These are too many buckets; choose wider ones.")))
    return width


def device_shape(context: Context, device: Device) -> DeviceShape:
    """The shape of one device."""
    heard = context.presence.heard(device)
    return DeviceShape(
        id=device.id,
        name=device.name,
        thing=device.thing,
        site=device.site,
        room=device.room,
        tags=device.tags,
        state=context.presence.state(device, heard),
        last_seen=from_ms(heard) if heard else None,
    )
