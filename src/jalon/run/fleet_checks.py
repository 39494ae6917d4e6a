"""Whether things, sites and devices hold together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from jalon.catalogues.units import is_unit, known_codes
from jalon.run.fleet import Device, Fleet, Site
from jalon.run.things import DataSchema, Form, Property, PropertyType, ThingModel
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, repeated, unknown
from jalon.vocab.text import N_, Text

RESERVED_IDS = frozenset({"chirpstack", "things-stack"})
"""Users of the broker that are no device: network servers. Those of Jalon itself have a dot in
their names, which no id has."""
FORM_WORDS = ("jalon:true", "jalon:false", "jalon:bit", "jalon:samplingMs", "jalon:deadband")
"""Our own words that links read in the forms of a property."""
_WORDS = FORM_WORDS[:2]
_OF_PROPERTIES = frozenset(
    {alias for one in Property.model_fields.values() if (alias := one.alias or "")[:6] == "jalon:"}
)
_SITES, _DEVICES = "fleet/sites", "fleet/devices"


def check_things(things: Mapping[str, ThingModel]) -> Iterator[Remark]:
    """Everything wrong inside the Thing Models."""
    for name, thing in things.items():
        yield from _thing(f"things/{name}", thing)


def check_fleet(
    things: Mapping[str, ThingModel], fleet: Fleet, unread: Collection[str] = ()
) -> Iterator[Remark]:
    """Everything wrong or strange with sites and devices, in no particular order.

    `unread` are things whose file is faulty: what refers to them is not blamed for it.
    """
    yield from _sites(fleet.sites)
    yield from _devices(things, fleet, unread)
    yield from _unused(things, fleet)


def _thing(part: str, thing: ThingModel) -> Iterator[Remark]:
    for key, declared in thing.properties.items():
        yield from _schema(part, ("properties", key), declared)
        for index, form in enumerate(declared.forms):
            yield from _form(part, ("properties", key, "forms", index), form)
    for key, action in thing.actions.items():
        for end, schema in (("input", action.input), ("output", action.output)):
            if schema is not None:
                yield from _schema(part, ("actions", key, end), schema)
    for key, event in thing.events.items():
        if event.data is not None:
            yield from _schema(part, ("events", key, "data"), event.data)


def _form(part: str, path: Path, form: Form) -> Iterator[Remark]:
    """Words of ours that nobody reads there; those of other vocabularies may mean something to
    somebody."""
    said = form.model_extra or {}
    for word in said:
        if not word.startswith("jalon:") or word in FORM_WORDS:
            continue
        at = Mark(part, (*path, word), on_key=True)
        text = Text(N_("Nothing reads “{word}” in a form."), {"word": word})
        hint = nearest(word, FORM_WORDS)
        if word in _OF_PROPERTIES:
            hint = Text(N_("It belongs to the property itself, beside its type."))
        yield Remark("things.form-word", Severity.ERROR, at, text, hint)
    for word, other in (_WORDS, _WORDS[::-1]):
        if word in said and other not in said:
            at = Mark(part, (*path, word), on_key=True)
            text = Text(N_("“{word}” needs “{other}” beside it."), {"word": word, "other": other})
            yield Remark("things.form-word", Severity.ERROR, at, text)


def _schema(part: str, path: Path, schema: DataSchema) -> Iterator[Remark]:
    numeric = schema.type in (PropertyType.NUMBER, PropertyType.INTEGER)
    if schema.unit is not None:
        at = Mark(part, (*path, "unit"))
        if not numeric:
            text = Text(N_("Only numbers have a unit; this is “{type}”."), {"type": schema.type})
            yield Remark("things.unit-without-number", Severity.ERROR, at, text)
        elif not is_unit(schema.unit):
            text = Text(N_("“{code}” is not a known unit."), {"code": schema.unit})
            hint = nearest(schema.unit, known_codes())
            yield Remark("things.unknown-unit", Severity.ERROR, at, text, hint)
    low, high = schema.minimum, schema.maximum
    if low is not None and high is not None and low > high:
        text = Text(
            N_("The minimum {minimum} is above the maximum {maximum}."),
            {"minimum": low, "maximum": high},
        )
        yield Remark("things.range", Severity.ERROR, Mark(part, (*path, "minimum")), text)


def _sites(sites: list[Site]) -> Iterator[Remark]:
    yield from repeated("fleet.duplicate-site", _SITES, ("sites",), [site.id for site in sites])
    for index, site in enumerate(sites):
        path = ("sites", index)
        rooms = [room.id for room in site.rooms]
        yield from repeated("fleet.duplicate-room", _SITES, (*path, "rooms"), rooms)
        yield from _position(_SITES, path, site)


def _devices(
    things: Mapping[str, ThingModel], fleet: Fleet, unread: Collection[str]
) -> Iterator[Remark]:
    devices = fleet.devices
    ids = [device.id for device in devices]
    yield from repeated("fleet.duplicate-device", _DEVICES, ("devices",), ids)
    keys = [device.dev_eui for device in devices]
    yield from repeated("fleet.duplicate-dev-eui", _DEVICES, ("devices",), keys, key="dev_eui")
    for index, name in enumerate(ids):
        if name in RESERVED_IDS:
            at = Mark(_DEVICES, ("devices", index, "id"))
            text = Text(
                N_("“{id}” is an account of the broker itself; give this device another id."),
                {"id": name},
            )
            yield Remark("fleet.reserved-id", Severity.ERROR, at, text)
    rooms = {site.id: [room.id for room in site.rooms] for site in fleet.sites}
    for index, device in enumerate(devices):
        path = ("devices", index)
        if device.thing not in unread:
            yield from _type(path, device, things)
        yield from _whereabouts(path, device, rooms)
        yield from _position(_DEVICES, path, device)


def _type(path: Path, device: Device, things: Mapping[str, ThingModel]) -> Iterator[Remark]:
    at, thing = Mark(_DEVICES, (*path, "thing")), device.thing
    message = N_("There is no Thing Model “{id}” in things/.")
    yield from unknown("fleet.unknown-thing", at, message, thing, things)
    if thing in things and not things[thing].properties:
        message = N_("“{id}” has no properties: this device has nothing to say.")
        text = Text(message, {"id": thing})
        yield Remark("fleet.thing-without-properties", Severity.WARNING, at, text)


def _whereabouts(path: Path, device: Device, rooms: Mapping[str, list[str]]) -> Iterator[Remark]:
    message = N_("There is no site “{id}” in fleet/sites.yaml.")
    at = Mark(_DEVICES, (*path, "site"))
    yield from unknown("fleet.unknown-site", at, message, device.site, rooms)
    if device.room is not None and device.site in rooms:
        message = N_("There is no room “{id}” on this device's site.")
        at = Mark(_DEVICES, (*path, "room"))
        yield from unknown("fleet.unknown-room", at, message, device.room, rooms[device.site])


def _position(part: str, path: Path, place: Site | Device) -> Iterator[Remark]:
    given = {"latitude": place.latitude, "longitude": place.longitude}
    there = [key for key, value in given.items() if value is not None]
    if len(there) == 1:
        text = Text(N_("A position needs latitude and longitude; only one is given."))
        yield Remark("fleet.half-position", Severity.ERROR, Mark(part, (*path, there[0])), text)


def _unused(things: Mapping[str, ThingModel], fleet: Fleet) -> Iterator[Remark]:
    for name in sorted(set(things) - {device.thing for device in fleet.devices}):
        text = Text(N_("No device is a “{id}”."), {"id": name})
        yield Remark("things.unused", Severity.WARNING, Mark(f"things/{name}"), text)
