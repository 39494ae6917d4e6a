"""Whether links, bridges and the devices behind them hold together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from jalon.run.answers import LEAVES
from jalon.run.fleet import Device
from jalon.run.fleet_checks import RESERVED_IDS
from jalon.run.links import Bridge, LinksFile
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import repeated, unknown
from jalon.vocab.text import N_, Text

_LINKS, _DEVICES = "links", "fleet/devices"
_NETWORK_SERVERS = frozenset({"things-stack"})
"""Kinds of link whose devices have a DevEUI: their downlinks go that way."""
_FILTER = re.compile(r"(?:(?:[^/+#\x00-\x20\x7f]*|\+)/)*(?:[^/+#\x00-\x20\x7f]*|\+|#)")
"""As our broker takes them: a space or a control character is none of its topics."""
_WILD = frozenset({"*", ">"})
"""Levels that our broker takes for wildcards of its own."""
_SAID = ("/telemetry", "/frame", "/frame/#", *(f"/{leaf}" for leaf in LEAVES))
"""What is said for a device; nobody but us gives commands."""
_TOLD = ("/cmd", "/cmd/#", "/desired", "/update/offer", "/update/chunk/#")


def check_links(links: LinksFile, devices: Sequence[Device]) -> Iterator[Remark]:
    """Everything wrong or strange with `links.yaml` and with what devices say of it."""
    ids = [link.id for link in links.links]
    yield from repeated("links.duplicate-link", _LINKS, ("links",), ids)
    bridges = [bridge.id for bridge in links.bridges]
    yield from repeated("links.duplicate-bridge", _LINKS, ("bridges",), bridges)
    yield from _taken_accounts(bridges, devices)
    for index, bridge in enumerate(links.bridges):
        yield from _filters(index, bridge)
    lorawan = {link.id for link in links.links if getattr(link, "kind", "") in _NETWORK_SERVERS}
    for index, device in enumerate(devices):
        yield from _device(index, device, ids, lorawan)


def _taken_accounts(bridges: Sequence[str], devices: Sequence[Device]) -> Iterator[Remark]:
    taken = {device.id for device in devices} | RESERVED_IDS
    for index, bridge in enumerate(bridges):
        if bridge in taken:
            at = Mark(_LINKS, ("bridges", index, "id"))
            text = Text(
                N_("“{id}” is a device's or the broker's own account already."), {"id": bridge}
            )
            yield Remark("links.taken-account", Severity.ERROR, at, text)


def _filters(index: int, bridge: Bridge) -> Iterator[Remark]:
    """What the broker would not understand, or what is too much for one account."""
    for key, filters in (("publish", bridge.publish), ("subscribe", bridge.subscribe)):
        for number, filter_ in enumerate(filters):
            if not _is_filter(filter_):
                message = N_(
                    "“{filter}” is no MQTT topic filter, such as plant/+/state or plant/#."
                )
            elif key == "subscribe" and _is_too_wide(filter_, (*_SAID, *_TOLD)):
                message = N_(
                    "“{filter}” would let it hear what is not meant for it: name the topics that it"
                    " uses."
                )
            elif key == "publish" and _is_too_wide(filter_, _SAID):
                message = N_(
                    "“{filter}” would let it speak for every device, network server and link: name"
                    " the topics that it uses."
                )
            else:
                continue
            at = Mark(_LINKS, ("bridges", index, key, number))
            text = Text(message, {"filter": filter_})
            yield Remark("links.bridge-topic", Severity.ERROR, at, text)


def _is_filter(text: str) -> bool:
    return bool(text and _FILTER.fullmatch(text)) and _WILD.isdisjoint(text.split("/"))


def _is_too_wide(filter_: str, open_: tuple[str, ...]) -> bool:
    """Whether it opens what is ours: more of a device than the ends of topics in `open_`, other
    brokers' messages, the broker's own subjects, or everything there is."""
    first, _, rest = filter_.partition("/")
    ours = first.startswith("$") or first in ("#", "+", "ext")
    return ours or (first == "v1" and not rest.endswith(open_))


def _device(
    index: int, device: Device, links: Sequence[str], lorawan: Collection[str]
) -> Iterator[Remark]:
    path = ("devices", index)
    if device.link is None:
        return
    at = Mark(_DEVICES, (*path, "link"))
    message = N_("There is no link “{id}” in links.yaml.")
    yield from unknown("fleet.unknown-link", at, message, device.link, links)
    if device.dev_eui is not None and device.link not in lorawan:
        text = Text(N_("A device with a DevEUI is heard by its network server, not over a link."))
        yield Remark("fleet.link-and-dev-eui", Severity.ERROR, at, text)
