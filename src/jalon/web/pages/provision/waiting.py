"""The waiting room: who announced themselves or knocked, until a person decides."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from jalon.app.reception import Reception
from jalon.app.waiting_room import Entry, Placement
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.desks import Desks, handed_out, place_of, places, problems, suggested_id
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
Short = Annotated[str, Form(max_length=256)]


@router.get("/provision/waiting")
def show(page: PageDep, desks: Desks) -> HTMLResponse:
    """Who waits, the one heard last first."""
    return page.render("provision/waiting.html", entries=desks.waiting.entries())


@router.get("/provision/waiting/{entry_id}")
def one(page: PageDep, desks: Desks, entry_id: int) -> HTMLResponse:
    """What it says of itself, and the form to accept it."""
    return _one(page, _entry(desks, entry_id))


@router.post("/provision/waiting/{entry_id}/accept")
def accept(
    page: PageDep,
    desks: Desks,
    entry_id: int,
    name: Short = "",
    device_id: Short = "",
    place: Short = "",
    thing: Short = "",
) -> HTMLResponse:
    """Make it a device of the fleet."""
    entry = _entry(desks, entry_id)
    site, room = place_of(place)
    taken = {device.id for device in page.context.running.solution.fleet.devices}
    wanted = device_id.strip() or suggested_id(name, taken)
    placement = Placement(wanted, name.strip() or wanted, site, room, thing or None)
    try:
        added = desks.waiting.accept(entry_id, placement)
    except JalonError as error:
        return _one(page, entry, problems(page, error))
    device = page.context.running.solution.device(added.device_id)
    assert device is not None
    secret = added.secret.secret if added.secret else None
    done = Text(N_("The device {id} was accepted into the fleet."), {"id": device.id})
    return handed_out(page, device, secret, done)


@router.post("/provision/waiting/{entry_id}/reject")
def reject(desks: Desks, entry_id: int) -> RedirectResponse:
    """It stays out, also when it announces itself again."""
    desks.waiting.reject(entry_id)
    return RedirectResponse("/provision/waiting", 303)


def _entry(desks: Reception, entry_id: int) -> Entry:
    try:
        return desks.waiting.entry(entry_id)
    except UsageError as error:
        raise Refused(404, error.text) from None


def _one(page: Page, entry: Entry, wrong: list[str] | None = None) -> HTMLResponse:
    solution = page.context.running.solution
    heard = entry.announcement
    name = heard.called if heard else entry.unique_id
    return page.render(
        "provision/entry.html",
        status_code=422 if wrong else 200,
        entry=entry,
        name=name,
        suggested=suggested_id(name, {device.id for device in solution.fleet.devices}),
        problems=wrong,
        things=solution.things,
        sites=solution.fleet.sites,
        places=places,
    )
