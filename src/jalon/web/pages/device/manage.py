"""What an administrator does with a device: move, replace, retire, and its credentials."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.directory import grant_of
from jalon.app.local import read_run
from jalon.run.journal import Kind
from jalon.run.suspicion import Way
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.desks import Desks, handed_out, place_of, places, problems
from jalon.web.pages.device.connection import KINDS, STATES
from jalon.web.pages.device.known import shared
from jalon.web.shell import Page, PageDep

router = APIRouter()
Short = Annotated[str, Form(max_length=256)]
Sure = Annotated[bool, Form()]
GRACE_H = 24.0


@router.get("/devices/{device_id}/manage")
def show(page: PageDep, _desks: Desks, device_id: str) -> HTMLResponse:
    """The forms."""
    return _show(page, device_id)


@router.post("/devices/{device_id}/move")
def move(page: PageDep, desks: Desks, device_id: str, place: Short = "") -> Response:
    """It is somewhere else now; its history stays."""
    known = shared(page, device_id)
    try:
        desks.provisioning.move(known.device.id, *place_of(place))
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    return RedirectResponse(f"/devices/{known.device.id}/connection", 303)


@router.post("/devices/{device_id}/tags")
def tag(page: PageDep, desks: Desks, device_id: str, tags: Short = "") -> Response:
    """It has these tags and no others."""
    known = shared(page, device_id)
    try:
        wanted = set(tags.split())
        desks.marks.tag([known.device.id], wanted, set(known.device.tags) - wanted)
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    return RedirectResponse(f"/devices/{known.device.id}/manage", 303)


@router.post("/devices/{device_id}/replace")
def replace(
    page: PageDep,
    desks: Desks,
    device_id: str,
    dev_eui: Short = "",
    serial: Short = "",
    sure: Sure = False,
) -> Response:
    """New hardware takes its place; a secret, if it needs one, is shown this once."""
    known = shared(page, device_id)
    try:
        _certain(sure)
        added = desks.provisioning.replace(
            known.device.id, dev_eui=dev_eui.strip() or None, serial=serial.strip() or None
        )
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    secret = added.secret.secret if added.secret else None
    done = Text(N_("New hardware stands for {id}; what the old one knew opens nothing any more."))
    return handed_out(
        page, shared(page, device_id).device, secret, Text(done.message, {"id": device_id})
    )


@router.post("/devices/{device_id}/retire")
def retire(page: PageDep, desks: Desks, device_id: str, sure: Sure = False) -> Response:
    """Out of service; its credentials end, its history stays."""
    known = shared(page, device_id)
    try:
        _certain(sure)
        desks.provisioning.retire(known.device.id)
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    return RedirectResponse(f"/devices/{known.device.id}", 303)


@router.post("/devices/{device_id}/return")
def put_back(page: PageDep, desks: Desks, device_id: str) -> Response:
    """Into service again; it needs a new credential then."""
    known = shared(page, device_id)
    try:
        desks.provisioning.change(known.device.id, {"retired": None}, Kind.ADDED)
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    return RedirectResponse(f"/devices/{known.device.id}/manage", 303)


@router.post("/devices/{device_id}/credentials/renew")
def renew(page: PageDep, desks: Desks, device_id: str) -> Response:
    """A new secret, shown this once; what it had goes on for a day."""
    known = shared(page, device_id)
    try:
        grant_of(page.context.running.solution, known.device.id)
        issued = desks.keyring.renew(known.device.id, grace_h=GRACE_H)
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    done = Text(N_("{id} has a new secret; an earlier one goes on for a day."), {"id": device_id})
    return handed_out(page, known.device, issued.secret, done)


@router.post("/devices/{device_id}/credentials/certificate")
def certificate(
    page: PageDep,
    desks: Desks,
    device_id: str,
    csr: Annotated[str, Form(max_length=20_000)] = "",
    days: Annotated[int, Form(ge=1, le=1095)] = 365,
) -> Response:
    """A client certificate, with its key unless the device made one; shown this once."""
    known = shared(page, device_id)
    try:
        grant_of(page.context.running.solution, known.device.id)
        request = csr.strip().encode() or None
        issued = desks.keyring.certificate(known.device.id, request, days=days)
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    run = read_run(page.context.running.solution.folder)
    at = run.certificates if run else None
    return page.render("device/certificate.html", known=known, issued=issued, at=at)


@router.post("/devices/{device_id}/credentials/revoke")
def revoke(
    page: PageDep,
    desks: Desks,
    device_id: str,
    credential: Annotated[int | None, Form(ge=1)] = None,
    sure: Sure = False,
) -> Response:
    """One credential, or all of them, open nothing any more, at once."""
    known = shared(page, device_id)
    try:
        _certain(sure)
        desks.keyring.revoke(known.device.id, credential)
    except JalonError as error:
        return _show(page, device_id, problems(page, error))
    return RedirectResponse(f"/devices/{known.device.id}/connection", 303)


def _certain(sure: bool) -> None:
    """What cannot be taken back is asked for twice."""
    if not sure:
        raise UsageError(Text(N_("Tick the box that says what will happen.")))


def _show(page: Page, device_id: str, wrong: list[str] | None = None) -> HTMLResponse:
    known = shared(page, device_id)
    device = known.device
    running = page.context.running
    return page.render(
        "device/manage.html",
        status_code=422 if wrong else 200,
        known=known,
        problems=wrong,
        sites=running.solution.fleet.sites,
        places=places,
        place=f"{device.site}/{device.room}" if device.room else device.site,
        own=known.way is Way.OWN,
        credentials=running.reception.keyring.of(device.id) if running.reception else [],
        kinds=KINDS,
        states=STATES,
    )
