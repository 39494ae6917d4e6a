"""The ways for devices to come in, and the form for one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse

from jalon.run import lorawan_qr
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.desks import Desks, handed_out, place_of, places, problems, suggested_id
from jalon.web.navigation import FLEET, NavEntry
from jalon.web.pages.provision import importing, keys, waiting
from jalon.web.shell import Page, PageDep

entry = NavEntry("/provision", N_("Add devices"), FLEET, 40, changes=True)
router = APIRouter()
router.include_router(importing.router)
router.include_router(keys.router)
router.include_router(waiting.router)
WAYS = {
    "own": N_("It connects itself (MQTT, HTTP, CoAP): it gets a secret"),
    "lorawan": N_("Over LoRaWAN, through a network server"),
    "link": N_("Over a link of links.yaml"),
}
Short = Annotated[str, Form(max_length=256)]


@dataclass(frozen=True, slots=True)
class Wish:
    """The form as it was filled in."""

    name: str = ""
    id: str = ""
    thing: str = ""
    place: str = ""
    way: str = "own"
    label: str = ""
    dev_eui: str = ""
    link: str = ""
    address: str = ""
    serial: str = ""
    tags: str = ""


def _hardware(
    way: Short = "own",
    label: Short = "",
    dev_eui: Short = "",
    link: Short = "",
    address: Short = "",
    serial: Short = "",
) -> Wish:
    """The part of the form about the device itself."""
    return Wish(
        way=way if way in WAYS else "own",
        label=label,
        dev_eui=dev_eui,
        link=link,
        address=address,
        serial=serial,
    )


def wish(
    hardware: Annotated[Wish, Depends(_hardware)],
    name: Short = "",
    id: Short = "",
    thing: Short = "",
    place: Short = "",
    tags: Short = "",
) -> Wish:
    """The whole form, without spaces around what was typed."""
    whole = replace(hardware, name=name, id=id, thing=thing, place=place, tags=tags)
    return Wish(**{key: value.strip() for key, value in asdict(whole).items()})


@router.get("/provision")
def show(page: PageDep, desks: Desks) -> HTMLResponse:
    """The four ways, with what waits."""
    return page.render("provision/page.html", waiting=len(desks.waiting.entries()))


@router.get("/provision/add")
def form(page: PageDep, _desks: Desks) -> HTMLResponse:
    """An empty form."""
    return _form(page, Wish())


@router.post("/provision/add")
def add(page: PageDep, desks: Desks, wanted: Annotated[Wish, Depends(wish)]) -> HTMLResponse:
    """Add the device to the fleet's file and show its secret, this once."""
    try:
        wanted = _with_label(wanted)
        added = desks.provisioning.add(_fields(page, wanted), issue=wanted.way == "own")
    except JalonError as error:
        return _form(page, wanted, problems(page, error))
    device = page.context.running.solution.device(added.device_id)
    assert device is not None
    secret = added.secret.secret if added.secret else None
    done = Text(N_("The device {id} is in the fleet's file."), {"id": device.id})
    return handed_out(page, device, secret, done)


def _with_label(wanted: Wish) -> Wish:
    """The form with what the label says. Raises UsageError for what is missing."""
    if not wanted.name:
        raise UsageError(Text(N_("Give the device a name.")))
    if wanted.way == "link" and not wanted.link:
        raise UsageError(Text(N_("Choose the link over which it is heard.")))
    if wanted.way != "lorawan" or not wanted.label:
        if wanted.way == "lorawan" and not wanted.dev_eui:
            message = N_("A LoRaWAN device needs its DevEUI: type it, or paste its label.")
            raise UsageError(Text(message))
        return wanted
    label = lorawan_qr.parse(wanted.label)
    dev_eui, serial = wanted.dev_eui or label.dev_eui, wanted.serial or label.serial
    return replace(wanted, dev_eui=dev_eui, serial=serial)


def _fields(page: Page, wanted: Wish) -> dict[str, str]:
    """The line of the fleet's file; what is empty is left out."""
    site, room = place_of(wanted.place)
    taken = {device.id for device in page.context.running.solution.fleet.devices}
    fields = {
        "id": wanted.id or suggested_id(wanted.name, taken),
        "name": wanted.name,
        "thing": wanted.thing,
        "site": site,
        "room": room or "",
        "dev_eui": wanted.dev_eui if wanted.way == "lorawan" else "",
        "link": wanted.link if wanted.way == "link" else "",
        "address": wanted.address if wanted.way == "link" else "",
        "serial": wanted.serial,
        "tags": wanted.tags,
    }
    return {name: text for name, text in fields.items() if text}


def _form(page: Page, wanted: Wish, wrong: list[str] | None = None) -> HTMLResponse:
    solution = page.context.running.solution
    return page.render(
        "provision/add.html",
        status_code=422 if wrong else 200,
        wish=wanted,
        problems=wrong,
        ways=WAYS,
        things=solution.things,
        sites=solution.fleet.sites,
        places=places,
        links=[one.id for one in solution.links.links],
    )
