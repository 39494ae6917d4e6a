"""Every device with its newest values."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse

from jalon.app.presence import State
from jalon.run.fleet import Device
from jalon.run.ports import Latest
from jalon.vocab.text import N_
from jalon.web.context import NavEntry
from jalon.web.pages.fleet.selection import (
    REFUSED,
    SORTS,
    Wish,
    battery,
    key_properties,
    select,
    wish,
)
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/fleet", N_("Fleet"), 10)
STATES = {
    State.REPORTING: N_("Reporting"),
    State.SILENT: N_("Silent"),
    State.NEVER: N_("Never heard"),
    REFUSED: N_("Refused"),
    State.RETIRED: N_("Retired"),
}


@router.get("/")
def first() -> RedirectResponse:
    """The fleet is the first page."""
    return RedirectResponse("/fleet", 303)


@router.get("/fleet")
def show(page: PageDep, wanted: Annotated[Wish, Depends(wish)]) -> HTMLResponse:
    """The table; htmx asks for the same page and takes the results out of it."""
    context = page.context

    def latest(device: Device, name: str) -> Latest | None:
        series = context.running.series.get((device.id, name))
        return context.running.live.latest(series.id) if series else None

    return page.render(
        "fleet/page.html",
        wish=wanted,
        found=select(context, wanted),
        overview=context.presence.overview(),
        rate=context.pace.per_second(),
        sites={site.id: site for site in context.running.solution.fleet.sites},
        things=context.running.solution.things,
        states=STATES,
        sorts=SORTS,
        latest=latest,
        key_properties=lambda device: key_properties(context, device),
        battery=lambda device: battery(context, device),
        room=context.running.solution.room,
    )
