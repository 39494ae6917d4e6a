"""Links and their state, where devices connect, and which authority they have to trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from jalon.app.credentials import NETWORK_SERVER
from jalon.app.keyring import usable
from jalon.app.local import Endpoint, read_run
from jalon.app.tls import authority, is_loopback
from jalon.app.webhooks import THINGS_STACK
from jalon.run.links import LinkState
from jalon.vocab.text import N_, Text
from jalon.web.navigation import SYSTEM, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/connections", N_("Connections"), SYSTEM, 10)


@dataclass(frozen=True, slots=True)
class Listener:
    """Where devices or people connect. `name` is an English msgid."""

    name: str
    at: Endpoint
    is_local: bool


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link of `links.yaml`, or one that still runs. `state` is None when it does not."""

    id: str
    kind: str
    devices: int
    state: LinkState | None


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who speaks for devices at our broker. `purpose` is an English msgid."""

    name: str
    purpose: str
    has_credential: bool


@router.get("/connections")
def show(page: PageDep) -> HTMLResponse:
    """Everything between devices and Jalon."""
    solution = page.context.running.solution
    own = authority(solution.folder, page.context.running.now_ms)
    run = read_run(solution.folder)
    return page.render(
        "connections/page.html",
        links=shown_links(page),
        listeners=listeners(page),
        accounts=accounts(page),
        fingerprint=":".join(_pairs(own.fingerprint)),
        mqtt=run.mqtt if run else Endpoint("127.0.0.1", 1883),
        base=str(page.request.base_url).rstrip("/"),
        example=next((d.id for d in solution.fleet.devices if not d.dev_eui), "fridge-3"),
    )


@router.get("/connections/ca.pem", response_class=Response)
def certificate(page: PageDep) -> Response:
    """The authority's certificate, for devices that have to know our server."""
    running = page.context.running
    pem = authority(running.solution.folder, running.now_ms).certificate_pem
    named = {"content-disposition": 'attachment; filename="jalon-ca.pem"'}
    return Response(pem, media_type="application/x-pem-file", headers=named)


@router.post("/connections/accounts/{name}/secret")
def issue(page: PageDep, name: str) -> HTMLResponse:
    """A new secret for an account that speaks for devices, shown once; the one before goes on for
    a day."""
    reception = page.context.running.reception
    if reception is None or name not in {one.name for one in accounts(page)}:
        raise Refused(404, Text(N_("There is no account {name}."), {"name": name[:64]}))
    issued = reception.keyring.renew(name)
    return page.render("connections/secret.html", issued=issued)


def shown_links(page: Page) -> list[ShownLink]:
    """Every link of the files, in their order, then any other that runs."""
    running = page.context.running
    states = dict(running.links())
    counts: dict[str, int] = {}
    for device in running.solution.fleet.devices:
        if device.link:
            counts[device.link] = counts.get(device.link, 0) + 1
    written = [
        ShownLink(one.id, getattr(one, "kind", ""), counts.get(one.id, 0), states.pop(one.id, None))
        for one in running.solution.links.links
    ]
    return [
        *written,
        *(ShownLink(name, "", counts.get(name, 0), one) for name, one in states.items()),
    ]


def listeners(page: Page) -> list[Listener]:
    """Where the running solution listens; nothing while it is not running by `jalon up`."""
    run = read_run(page.context.running.solution.folder)
    if run is None:
        return []
    found: Mapping[str, Endpoint | None] = {
        N_("MQTT"): run.mqtt,
        N_("MQTT with certificates"): run.certificates,
        N_("MQTT over WebSocket"): run.websocket,
        N_("Pages, API, HTTP of devices"): run.http,
    }
    return [Listener(name, at, is_loopback(at.host)) for name, at in found.items() if at]


def accounts(page: Page) -> list[Account]:
    """Network servers and bridges."""
    running = page.context.running
    purposes = {
        NETWORK_SERVER: N_("ChirpStack, over MQTT or its HTTP integration"),
        THINGS_STACK: N_("The Things Stack, by webhook"),
    }
    for bridge in running.solution.links.bridges:
        purposes[bridge.id] = N_("bridge of links.yaml")
    keyring = running.reception.keyring if running.reception else None
    return [
        Account(name, purpose, keyring is not None and usable(keyring.of(name)))
        for name, purpose in purposes.items()
    ]


def _pairs(fingerprint: str) -> list[str]:
    plain = fingerprint.replace(":", "").upper()
    return [plain[at : at + 2] for at in range(0, len(plain), 2)]
