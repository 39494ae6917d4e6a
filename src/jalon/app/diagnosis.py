"""Collects what is known of a device and asks `run.diagnosis` why it is silent or refused."""

from __future__ import annotations

from collections.abc import Iterable

from jalon.app.frames import hearings
from jalon.app.keyring import usable
from jalon.app.presence import Presence, State
from jalon.app.running import Running
from jalon.run.batch import DeadLetter
from jalon.run.diagnosis import diagnose
from jalon.run.fleet import Device
from jalon.run.ports import Latest
from jalon.run.radio import Hearing, quality
from jalon.run.suspicion import Facts, Gateway, Proof, Suspicion, Way
from jalon.run.things import Property
from jalon.vocab.reading import ValueKind

NOTES, LETTERS = 50, 300
GATEWAY_WORDS = ("gateway", "passerelle")
QUIET = frozenset({State.SILENT, State.NEVER})


def why(running: Running, presence: Presence, device: Device) -> list[Suspicion]:
    """Every cause for the device's silence or refusals, the most certain first."""
    return diagnose(facts(running, presence, device))


def facts(running: Running, presence: Presence, device: Device) -> Facts:
    """What is known now. Reads the journal, the dead letters and the last frames."""
    heard = presence.heard(device)
    state = presence.state(device, heard)
    frames = running.frames.of(device.id)
    heard_frames = hearings(frames)
    found = quality(heard_frames)
    neighbours = [
        presence.state(one, when)
        for one in _neighbours(running, device)
        if (when := presence.heard(one))
    ]
    return Facts(
        device=device.id,
        now_ms=running.now_ms(),
        is_quiet=state in QUIET,
        way=way(device),
        heard_ms=heard,
        first_heard_ms=frames[-1].time_ms if frames else None,
        value_ms=presence.newest_value(device),
        retired=device.retired,
        proof=_proof(running, device),
        notes=running.journal.read(device.id, limit=NOTES),
        letters=letters(running, device),
        link=device.link or "",
        link_state=running.links().get(device.link) if device.link else None,
        gateways=[_gateway(presence, one) for one in _gateways(running, device)],
        neighbours=len(neighbours),
        quiet_neighbours=sum(one in QUIET for one in neighbours),
        battery=battery_share(running, device),
        margin_db=_margin(running, device, heard_frames),
        lost=found.lost_share if found.sent else None,
        trouble=[part.name for part in running.parts() if not part.ready],
    )


def way(device: Device) -> Way:
    """How the device is heard."""
    if device.link is not None:
        return Way.LINK
    return Way.LORAWAN if device.dev_eui is not None else Way.OWN


def letters(running: Running, device: Device) -> list[DeadLetter]:
    """Its refused messages among the newest ones of all devices, newest first."""
    return [one for one in running.store.letters(limit=LETTERS) if one.device == device.id]


def battery(running: Running, device: Device) -> tuple[str, Property, Latest] | None:
    """The property that tells how much energy is left, with its newest value."""
    for name, prop in running.solution.properties(device).items():
        series = running.series.get((device.id, name))
        latest = running.live.latest(series.id) if series else None
        if is_battery(name) and prop.kind is ValueKind.NUMBER and latest:
            return name, prop, latest
    return None


def is_battery(name: str) -> bool:
    """By the name, as every device maker calls it."""
    return name.lower().startswith("batt")


def battery_share(running: Running, device: Device) -> float | None:
    """How full it is, of 1: by percent, or between the bounds that the type declares; else as the
    network server told."""
    found = battery(running, device)
    if found is None:
        status = running.statuses.get(device.id)
        return status.battery / 100 if status and status.battery is not None else None
    _, prop, latest = found
    assert isinstance(latest.value, float | int)
    if prop.unit == "%":
        return latest.value / 100
    if prop.minimum is None or prop.maximum is None or prop.maximum <= prop.minimum:
        return None
    return (latest.value - prop.minimum) / (prop.maximum - prop.minimum)


def is_gateway(device: Device) -> bool:
    """Whether other devices are heard through it, by the name of its type or a tag."""
    words = (device.thing.lower(), *map(str.lower, device.tags))
    return any(known in word for word in words for known in GATEWAY_WORDS)


def _proof(running: Running, device: Device) -> Proof | None:
    """Its credentials taken together; None for a device that needs none with us."""
    if way(device) is not Way.OWN or running.reception is None:
        return None
    known = running.reception.keyring.of(device.id)
    ends = max((one.ends_ms for one in known if one.ends_ms is not None), default=None)
    return Proof(usable(known), ends)


def _margin(running: Running, device: Device, heard: list[Hearing]) -> float | None:
    """Of the last frame; else as the network server told."""
    if heard and heard[0].margin_db is not None:
        return heard[0].margin_db
    status = running.statuses.get(device.id)
    return status.margin if status else None


def _gateways(running: Running, device: Device) -> Iterable[Device]:
    if way(device) is not Way.LORAWAN:
        return
    for one in running.solution.fleet.devices:
        if one.site == device.site and one.retired is None and is_gateway(one):
            yield one


def _gateway(presence: Presence, device: Device) -> Gateway:
    heard = presence.heard(device)
    return Gateway(device.name, heard, presence.state(device, heard) in QUIET)


def _neighbours(running: Running, device: Device) -> Iterable[Device]:
    """Other devices of the site that are heard the same way."""
    its_way = way(device)
    for one in running.solution.fleet.devices:
        if one.id == device.id or one.retired is not None or is_gateway(one):
            continue
        if one.site == device.site and way(one) is its_way and one.link == device.link:
            yield one
