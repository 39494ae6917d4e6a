"""The properties of a device with what is known of them in a span of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jalon.run.fleet import Device
from jalon.run.ports import Latest, Point, Series
from jalon.run.things import Property
from jalon.vocab.reading import Value, ValueKind
from jalon.vocab.text import N_
from jalon.web.chart import Chart, draw
from jalon.web.history import History, numbers
from jalon.web.ranges import Span
from jalon.web.shell import Page

MAX_PERIODS = 200
TRENDS = {-1: N_("falling"), 0: N_("steady"), 1: N_("rising")}


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


def panels(page: Page, device: Device, span: Span) -> list[Panel]:
    """A panel for each property, in the order of the type."""
    running = page.context.running
    properties = running.solution.properties(device)
    kept = {name: s for name in properties if (s := running.series.get((device.id, name)))}
    histories = numbers(
        running.store,
        [one.id for one in kept.values() if one.spec.kind is ValueKind.NUMBER],
        span,
        running.solution.site(device.site).tz,
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
    zone = running.solution.site(device.site).tz
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
