"""New values as they come, as server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from jalon.run.fleet import Device
from jalon.run.ports import Latest, Series
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms
from jalon.web import cookies
from jalon.web.api.devices import device_or_refuse
from jalon.web.api.shapes import json_value
from jalon.web.context import Ctx
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter(prefix="/api/v1", tags=["live"])
MAX_DEVICES = 200
BEAT_S = 5.0
"""How often: a summary of the fleet, which also shows that the line is open; and a look whether the
session still is."""


@router.get(
    "/live",
    summary="New values as server-sent events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events."}},
)
async def live(
    context: Ctx,
    page: PageDep,
    device: Annotated[list[str] | None, Query(description="Ids, at most 200.")] = None,
) -> Response:
    """`values`: a list of device, property, time, value and its text in the reader's language;
    the values known now come first, and a slow reader gets only the newest of each. `summary`:
    the fleet's figures, every few seconds. The stream ends when the session does."""
    wanted = device or []
    if len(wanted) > MAX_DEVICES:
        raise Refused(422, Text(N_("At most {count} devices."), {"count": MAX_DEVICES}))
    ids = {device_or_refuse(context, one).id for one in wanted}
    if context.hub.full:
        raise Refused(503, Text(N_("Too many pages are watching. Try again later.")))
    series = {
        found.id: found for (owner, _), found in context.running.series.items() if owner in ids
    }
    return StreamingResponse(
        _events(page, series),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _events(page: Page, series: dict[int, Series]) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    yield _event("summary", await run_in_threadpool(_summary, page))
    due = time.monotonic() + BEAT_S
    async for news in page.context.hub.watch(series, BEAT_S, page.context.running.live.latest):
        if news:
            yield _event("values", _values(page, series, news))
        if not news or time.monotonic() >= due:
            if not await run_in_threadpool(still_allowed, page):
                return
            yield _event("summary", await run_in_threadpool(_summary, page))
            due = time.monotonic() + BEAT_S


def still_allowed(page: Page) -> bool:
    """Whether who opened a stream may still read."""
    accounts = page.context.running.accounts
    if page.visitor is None or page.visitor.session is not None:
        cookie = page.request.cookies.get(cookies.SESSION, "")
        return accounts.visitor(cookie) is not None
    token = page.request.headers["authorization"].partition(" ")[2].strip()
    return accounts.program(token) is not None


def _values(
    page: Page, series: Mapping[int, Series], news: Sequence[Latest]
) -> list[dict[str, object]]:
    """The news of what the files still declare: they may have changed since the stream began."""
    solution = page.context.running.solution
    found = []
    for one in news:
        spec = series[one.series].spec
        device = solution.device(spec.device)
        if device is not None and spec.property in solution.properties(device):
            found.append(_value(page, device, series[one.series], one))
    return found


def _value(page: Page, device: Device, series: Series, latest: Latest) -> dict[str, object]:
    solution = page.context.running.solution
    prop = solution.properties(device)[series.spec.property]
    zone = solution.site(device.site).tz
    shown = json_value(latest.value)
    return {
        "device": device.id,
        "property": series.spec.property,
        "time": from_ms(latest.time_ms).isoformat(),
        "value": shown if isinstance(shown, bool | float | int | str) else shown.model_dump(),
        "text": page.formats.value(latest.value, prop),
        "when": page.formats.time(latest.time_ms, zone),
        "clock": page.formats.moment(latest.time_ms, zone, seconds=True),
    }


def _summary(page: Page) -> dict[str, object]:
    context = page.context
    overview = context.presence.overview()
    rate = context.pace.per_second()
    return {
        "devices": overview.devices,
        "reporting": overview.reporting,
        "silent": overview.silent,
        "rate": rate,
        "backlog": context.running.counters.backlog,
        "text": {
            "reporting": page.formats.count(overview.reporting),
            "silent": page.formats.count(overview.silent),
            "never": page.formats.count(overview.never),
            "rate": page.formats.number(rate, 1),
            "backlog": page.formats.count(context.running.counters.backlog),
        },
    }


def _event(name: str, data: Sequence[object] | dict[str, object]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
