"""What pages about provisioning share: who may see them, the desks, places, and new secrets."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

import segno
from fastapi import Depends
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from jalon.app.local import Endpoint, read_run
from jalon.app.reception import Reception
from jalon.app.tls import is_loopback
from jalon.run.fleet import Device, Site
from jalon.run.links import telemetry_topic
from jalon.run.things import ThingModel
from jalon.vocab.errors import JalonError, SolutionError
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_, Text
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

LONGEST_ID = 64


def desks(page: PageDep) -> Reception:
    """The desks, for administrators. Raises Refused (403, 503)."""
    visitor = page.visitor
    if visitor is None or not visitor.may_change:
        raise Refused(403, Text(N_("Only an administrator may do this.")))
    if page.context.running.reception is None:
        raise Refused(503, Text(N_("Devices cannot be added now.")))
    return page.context.running.reception


Desks = Annotated[Reception, Depends(desks)]


@dataclass(frozen=True, slots=True)
class Place:
    """A choice of site and room in one list; `value` is `site` or `site/room`."""

    value: str
    name: str


def places(site: Site, whole: str) -> list[Place]:
    """The site itself, called `whole`, and its rooms."""
    rooms = [Place(f"{site.id}/{room.id}", room.name) for room in site.rooms]
    return [Place(site.id, whole), *rooms]


def place_of(value: str) -> tuple[str, str | None]:
    """Site and room of a choice."""
    site, _, room = value.partition("/")
    return site, room or None


def problems(page: Page, error: JalonError) -> list[str]:
    """What is wrong, sentence by sentence, in the reader's language."""
    if isinstance(error, SolutionError):
        return [f"{one.place}: {page.say(one.text)}" for one in error.findings] or [
            page.say(error.text)
        ]
    return [page.say(error.text)]


def suggested_id(name: str, taken: Collection[str]) -> str:
    """An id made of a name, that no device has yet."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_ID - 4] or "device"
    if base not in taken:
        return base
    return next(one for n in range(2, 100_000) if (one := f"{base}-{n}") not in taken)


@dataclass(frozen=True, slots=True)
class ForDevice:
    """What has to be put into a device that connects itself. `qr` draws `uri` as an SVG."""

    host: str
    mqtt: Endpoint
    user: str
    secret: str
    topic: str
    commands: str
    example: str

    @property
    def uri(self) -> str:
        """Everything in one line, as the QR code has it."""
        scheme = "mqtts" if self.mqtt.tls else "mqtt"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{quote(self.user)}:{quote(self.secret)}@{host}:{self.mqtt.port}"

    @property
    def qr(self) -> Markup:
        """The picture; black on white also in dark pages, so that it can be scanned."""
        code = segno.make(self.uri, error="m", micro=False)
        svg = code.svg_inline(
            border=3, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
        return Markup(svg)  # noqa: S704 - drawn by the library, of squares only


def example_of(thing: ThingModel) -> str:
    """A message that a device of this type could send."""
    for name, prop in thing.properties.items():
        if prop.kind is ValueKind.NUMBER and not prop.write_only:
            low, high = prop.minimum, prop.maximum
            value = 20.0 if low is None or high is None else round((low + high) / 2)
            return json.dumps({name: value})
    return "{}"


def for_device(page: Page, device: Device, secret: str) -> ForDevice:
    """The settings of a device, with the address by which it reaches us as far as that is known."""
    solution = page.context.running.solution
    run = read_run(solution.folder)
    mqtt = run.mqtt if run else Endpoint("127.0.0.1", 1883)
    return ForDevice(
        host=mqtt.seen_from(page.request.url.hostname or ""),
        mqtt=mqtt,
        user=device.id,
        secret=secret,
        topic=telemetry_topic(device.id),
        commands=f"v1/{device.id}/cmd",
        example=example_of(solution.things[device.thing]),
    )


def handed_out(
    page: Page, device: Device, secret: str | None, done: Text, notes: Sequence[Text] = ()
) -> HTMLResponse:
    """The page that shows a new secret this once, or says what comes next without one."""
    settings = for_device(page, device, secret) if secret else None
    return page.render(
        "handed_out.html",
        device=device,
        site=page.context.running.solution.site(device.site),
        settings=settings,
        local=settings is not None and is_loopback(settings.host),
        done=page.say(done),
        notes=[page.say(one) for one in notes],
    )
