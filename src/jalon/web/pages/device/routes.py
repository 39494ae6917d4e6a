"""One device: what it is, where, and how its values went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.run.fleet import Device
from jalon.run.ports import Latest, Point, Series
from jalon.run.things import Property
from jalon.vocab.reading import Value, ValueKind
from jalon.vocab.text import N_, Text
from jalon.web.chart import Chart, draw
from jalon.web.history import History, numbers
from jalon.web.problems import Refused
from jalon.web.ranges import PRESETS, Span, chosen
from jalon.web.shell import Page, PageDep

router = APIRouter()
MAX_PERIODS = 200
TRENDS = {-1: N_("falling"), 0: N_("steady"), 1: N_("rising")}
STATES = {"reporting": N_("Reporting"), "silent": N_("Silent"), "never": N_("Never heard")}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A value that stayed the same from its first report to its last."""

    value: Value
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Panel:
    """One property with what is known of it in the span."""

    name: str
    title: str
    prop: Property
    latest: Latest | None
    history: History | None = None
    chart: Chart | None = None
    stretches: Sequence[Stretch] = ()


@router.get("/devices/{device_id}")
def show(
    page: PageDep,
    device_id: str,
    preset: Annotated[str, Query(alias="range")] = "",
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> HTMLResponse:
    """Charts, figures and tables of every property."""
    context = page.context
    device = context.devices.get(device_id)
    if device is None:
        raise Refused(404, Text(N_("There is no device {id}."), {"id": device_id[:64]}))
    site = context.sites[device.site]
    span = chosen(preset, start, end, site.tz, context.running.now_ms())
    solution = context.running.solution
    heard = context.presence.heard(device)
    return page.render(
        "device/page.html",
        device=device,
        site=site,
        room=solution.room(device),
        thing=solution.things[device.thing],
        span=span,
        presets=PRESETS,
        heard_ms=heard,
        state=context.presence.state(device, heard),
        states=STATES,
        trends=TRENDS,
        panels=_panels(page, device, span),
        export=urlencode({"device": device.id, "from": span.start_ms, "to": span.end_ms}),
    )


def _panels(page: Page, device: Device, span: Span) -> list[Panel]:
    running = page.context.running
    properties = running.solution.properties(device)
    kept = {name: s for name in properties if (s := running.series.get((device.id, name)))}
    histories = numbers(
        running.store,
        [one.id for one in kept.values() if one.spec.kind is ValueKind.NUMBER],
        span,
        page.context.sites[device.site].tz,
        running.solution.things[device.thing].period_s,
    )
    return [
        _panel(page, device, (name, prop), kept.get(name), span, histories)
        for name, prop in properties.items()
    ]


def _panel(
    page: Page,
    device: Device,
    named: tuple[str, Property],
    series: Series | None,
    span: Span,
    histories: Mapping[int, History],
) -> Panel:
    name, prop = named
    running = page.context.running
    title = prop.names(name).in_language(page.language.code)
    if series is None:
        return Panel(name, title, prop, None)
    latest = running.live.latest(series.id)
    if series.spec.kind is not ValueKind.NUMBER:
        points = running.store.points(
            series.id, span.start_ms, span.end_ms, limit=MAX_PERIODS * 10, newest=True
        )
        return Panel(name, title, prop, latest, stretches=_stretches(points)[-MAX_PERIODS:])
    zone = page.context.sites[device.site].tz
    history = histories[series.id]
    return Panel(name, title, prop, latest, history, draw(history, span, zone, page.formats))


def _stretches(points: Sequence[Point]) -> list[Stretch]:
    stretches: list[Stretch] = []
    for point in points:
        last = stretches[-1] if stretches else None
        if last and last.value == point.value:
            stretches[-1] = Stretch(last.value, last.start_ms, point.time_ms)
        else:
            stretches.append(Stretch(point.value, point.time_ms, point.time_ms))
    return stretches
