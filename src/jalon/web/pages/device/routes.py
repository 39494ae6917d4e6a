"""One device: what it is, where, and how its values went; below it, how it is heard."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.web.pages.device import commands, connection, events, frames, manage, twin
from jalon.web.pages.device.known import shared
from jalon.web.pages.device.panels import TRENDS, panels
from jalon.web.ranges import PRESETS, chosen
from jalon.web.shell import PageDep

router = APIRouter()
router.include_router(commands.router)
router.include_router(connection.router)
router.include_router(frames.router)
router.include_router(events.router)
router.include_router(manage.router)
router.include_router(twin.router)


@router.get("/devices/{device_id}")
def show(
    page: PageDep,
    device_id: str,
    preset: Annotated[str, Query(alias="range")] = "",
    start: Annotated[str, Query(alias="from", max_length=40)] = "",
    end: Annotated[str, Query(alias="to", max_length=40)] = "",
) -> HTMLResponse:
    """Charts, figures and tables of every property."""
    known = shared(page, device_id)
    device, site = known.device, known.site
    span = chosen(preset, start, end, site.tz, page.context.running.now_ms())
    return page.render(
        "device/page.html",
        known=known,
        suspicions=known.suspicions(),
        span=span,
        presets=PRESETS,
        trends=TRENDS,
        panels=panels(page, device, span),
        export=urlencode({"device": device.id, "from": span.start_ms, "to": span.end_ms}),
    )
