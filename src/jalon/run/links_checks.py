"""Whether links, bridges and the devices behind them hold together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jalon.run.fleet import Device
from jalon.run.fleet_checks import RESERVED_IDS
from jalon.run.links import LinksFile
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import repeated, unknown
from jalon.vocab.text import N_, Text

_LINKS, _DEVICES = "links", "fleet/devices"


def check_links(links: LinksFile, devices: Sequence[Device]) -> Iterator[Remark]:
    """Everything wrong or strange with `links.yaml` and with what devices say of it."""
    ids = [link.id for link in links.links]
    yield from repeated("links.duplicate-link", _LINKS, ("links",), ids)
    bridges = [bridge.id for bridge in links.bridges]
    yield from repeated("links.duplicate-bridge", _LINKS, ("bridges",), bridges)
    yield from _taken_accounts(bridges, devices)
    for index, device in enumerate(devices):
        yield from _device(index, device, ids)


def _taken_accounts(bridges: Sequence[str], devices: Sequence[Device]) -> Iterator[Remark]:
    taken = {device.id for device in devices} | RESERVED_IDS
    for index, bridge in enumerate(bridges):
        if bridge in taken:
            at = Mark(_LINKS, ("bridges", index, "id"))
            text = Text(
                N_("“{id}” is a device's or the broker's own account already."), {"id": bridge}
            )
            yield Remark("links.taken-account", Severity.ERROR, at, text)


def _device(index: int, device: Device, links: Sequence[str]) -> Iterator[Remark]:
    path = ("devices", index)
    if device.link is None:
        return
    at = Mark(_DEVICES, (*path, "link"))
    message = N_("There is no link “{id}” in links.yaml.")
    yield from unknown("fleet.unknown-link", at, message, device.link, links)
    if device.dev_eui is not None:
        text = Text(N_("A device with a DevEUI is heard by its network server, not over a link."))
        yield Remark("fleet.link-and-dev-eui", Severity.ERROR, at, text)
