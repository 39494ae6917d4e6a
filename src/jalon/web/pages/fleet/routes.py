"""Every device with its newest values."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.presence import State
from jalon.run.fleet import Device
from jalon.run.ports import Latest
from jalon.run.twins.parsing import LONGEST
from jalon.vocab.errors import JalonError
from jalon.vocab.text import N_, Text
from jalon.web.alarm_desk import worst_of
from jalon.web.api.search import tagged
from jalon.web.navigation import FLEET, NavEntry
from jalon.web.pages.fleet.selection import (
    REFUSED,
    SORTS,
    Wish,
    battery,
    key_properties,
    question,
    select,
    wish,
)
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/fleet", N_("Devices"), FLEET, 0, covers=("/devices",))
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
    return _show(page, wanted)


@router.post("/fleet/tags")
def tag(
    page: PageDep,
    wanted: Annotated[Wish, Depends(wish)],
    add: Annotated[str, Form(max_length=500)] = "",
    remove: Annotated[str, Form(max_length=500)] = "",
    count: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """Put tags on all that are shown, on every page, and take others away. When they are not as
    many as the reader saw, nothing is done."""
    visitor = page.visitor
    if visitor is None or not visitor.may_change:
        raise Refused(403, Text(N_("Only an administrator may do this.")))
    found = select(page.context, wanted)
    if found.total != count:
        message = N_("These are {count} devices now. Look at them and try again.")
        return _show(page, wanted, [page.say(Text(message, {"count": found.total}))], 409)
    try:
        tagged(page.context, found.ids, add.split(), remove.split())
    except JalonError as error:
        return _show(page, wanted, [page.say(error.text)], 422)
    return RedirectResponse(f"/fleet{page.link()}", 303)


def _show(
    page: Page, wanted: Wish, wrong: list[str] | None = None, status: int = 200
) -> HTMLResponse:
    context = page.context

    def latest(device: Device, name: str) -> Latest | None:
        series = context.running.series.get((device.id, name))
        return context.running.live.latest(series.id) if series else None

    found = select(context, wanted)
    return page.render(
        "fleet/page.html",
        status_code=status,
        problems=wrong,
        alarms=worst_of(context, [line.device.id for line in found.lines]),
        groups=context.running.solution.control.groups.groups,
        is_filtered=bool(wanted.q or wanted.site or wanted.thing or wanted.state),
        question=question(wanted),
        most=LONGEST,
        wish=wanted,
        found=found,
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
