"""Devices as Home Assistant's MQTT discovery describes them: one retained message for each value
and each command."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from jalon.catalogues.units import is_unit, unit
from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.fleet import Device, Room, Site
from jalon.run.integrations.select import Select
from jalon.run.things import DataSchema, Property, PropertyType, ThingModel
from jalon.vocab.reading import Location, Value

ORIGIN = "Jalon"
PRESS = "PRESS"
_LATE_PERIODS = 3
_NODE = re.compile(r"[^A-Za-z0-9_-]")
_CLASSES: Mapping[str, tuple[str, ...]] = {
    "Cel": ("temperature",),
    "[degF]": ("temperature",),
    "K": ("temperature",),
    "[ppm]": ("carbon_dioxide", "carbon_monoxide", "volatile_organic_compounds_parts"),
    "[ppb]": ("volatile_organic_compounds_parts", "ozone"),
    "%": ("humidity", "battery", "moisture", "power_factor"),
    "V": ("voltage",),
    "mV": ("voltage",),
    "A": ("current",),
    "mA": ("current",),
    "W": ("power",),
    "kW": ("power",),
    "VA": ("apparent_power",),
    "W.h": ("energy",),
    "kW.h": ("energy",),
    "MW.h": ("energy",),
    "Hz": ("frequency",),
    "lx": ("illuminance",),
    "Pa": ("pressure",),
    "hPa": ("atmospheric_pressure", "pressure"),
    "kPa": ("pressure",),
    "bar": ("pressure",),
    "mbar": ("atmospheric_pressure", "pressure"),
    "ug/m3": ("pm25", "pm10", "pm1", "volatile_organic_compounds"),
    "dB": ("sound_pressure", "signal_strength"),
    "dB[mW]": ("signal_strength",),
    "m": ("distance",),
    "km": ("distance",),
    "cm": ("distance",),
    "mm": ("distance", "precipitation"),
    "m/s": ("wind_speed", "speed"),
    "km/h": ("wind_speed", "speed"),
    "kg": ("weight",),
    "g": ("weight",),
    "L": ("volume", "water"),
    "m3": ("volume", "water", "gas"),
    "W/m2": ("irradiance",),
    "s": ("duration",),
    "min": ("duration",),
    "h": ("duration",),
}
"""Device classes that have a unit. With one it is that; with more the property's name decides, and
without a hint the first one alone when nothing else is measured so."""
_HINTS: Mapping[str, str] = {
    "carbon_dioxide": "co2|carbon.?dioxide",
    "carbon_monoxide": r"\bco\b|carbon.?monoxide",
    "volatile_organic_compounds_parts": "voc",
    "volatile_organic_compounds": "voc",
    "humidity": "hum|hygro",
    "battery": "batter|pile|charge",
    "moisture": "moist|soil|sol",
    "power_factor": "factor|cos",
    "ozone": "ozone|o3",
    "pm25": r"pm2.?5",
    "pm10": "pm10",
    "pm1": r"pm1(?!0)",
    "sound_pressure": "sound|noise|bruit|spl",
    "signal_strength": "rssi|signal",
    "atmospheric_pressure": "atmos|baro",
    "pressure": "press",
    "precipitation": "rain|precip|pluie",
    "wind_speed": "wind|vent",
    "speed": "speed|vitesse",
    "distance": "dist|level|niveau|height",
    "water": "water|eau",
    "gas": "gas|gaz",
    "volume": "vol",
}
_TRUTHS: Mapping[str, str] = {
    "occupancy": "occup|presence|présence",
    "motion": "motion|mouvement",
    "door": "door|porte",
    "window": "window|fenêtre|fenetre",
    "smoke": "smoke|fumée|fumee",
    "moisture": "leak|fuite|flood",
    "problem": "problem|fault|défaut|defaut|alarm",
    "battery": "batter",
    "tamper": "tamper|sabotage",
}
_COUNTERS = frozenset({"energy", "water", "gas"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where we speak: `base` begins our topics, `prefix` is the one of discovery. `solution` makes
    ids that no other Jalon uses."""

    prefix: str
    base: str
    solution: str
    language: str
    commands: bool

    @property
    def availability(self) -> str:
        """Says `online` while we are there, `offline` when we are not."""
        return f"{self.base}/available"

    def state(self, device: str, name: str) -> str:
        """Where a value is."""
        return f"{self.base}/{device}/{name}"

    def command(self, device: str, name: str) -> str:
        """Where a command comes: the name of an affordance, `set:` before it for a property."""
        verb, colon, rest = name.partition(":")
        return f"{self.base}/{device}/do/{verb}/{rest}" if colon else self._call(device, name)

    def _call(self, device: str, name: str) -> str:
        return f"{self.base}/{device}/do/call/{name}"

    @property
    def command_filter(self) -> str:
        """Every command."""
        return f"{self.base}/+/do/+/+"

    def asked(self, topic: str) -> tuple[str, str] | None:
        """Device and affordance of a command's topic."""
        found = re.fullmatch(rf"{re.escape(self.base)}/([^/]+)/do/(set|call)/([^/]+)", topic)
        if found is None:
            return None
        return found[1], found[3] if found[2] == "call" else f"set:{found[3]}"

    def own(self, device: str) -> str:
        """The id of a device over there."""
        return f"{own_ids(self.solution)}{device}"


def own_ids(solution: str) -> str:
    """What the ids of a solution's own devices begin with in announcements: who hears them must
    not take the devices for new ones."""
    return f"jalon_{solution}_"


@dataclass(frozen=True, slots=True)
class Described:
    """A device with what says where and what it is; `takes` tells which properties are meant."""

    device: Device
    thing: ThingModel
    site: Site
    room: Room | None
    names: frozenset[str] = field(default_factory=frozenset)


def announcements(place: Place, described: Described) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of everything to be announced of a device."""
    can = Affordances.of(described.thing).all if place.commands else {}
    written = {one.writes for one in can.values() if one.writes}
    for name, declared in described.thing.properties.items():
        if name not in described.names:
            continue
        if name in written:
            component, config = _control(place, described.device.id, can[f"set:{name}"], declared)
        elif declared.write_only or declared.type is PropertyType.OBJECT:
            continue
        else:
            component, config = _sensor(described.thing, name, declared)
        if not declared.write_only:
            config["state_topic"] = place.state(described.device.id, name)
        config["name"] = declared.names(name).in_language(place.language)
        yield _message(place, described, component, name, config)
    for one in can.values():
        if one.writes is None and is_offered(one, described.device, Select()):
            config = {
                "name": one.names.in_language(place.language),
                "command_topic": place.command(described.device.id, one.name),
                "payload_press": PRESS,
            }
            yield _message(place, described, "button", one.name, config)


def is_offered(can: Affordance, device: Device, select: Select) -> bool:
    """Whether it is announced: whoever publishes commands may ask for nothing else."""
    if can.writes is not None:
        return select.takes(device, can.writes)
    return can.input is None and not can.dangerous


def _message(
    place: Place, described: Described, component: str, name: str, config: dict[str, object]
) -> tuple[str, bytes]:
    node = _NODE.sub("-", place.own(described.device.id))
    thing = described.thing
    device: dict[str, object] = {
        "identifiers": [place.own(described.device.id)],
        "name": described.device.name,
        "suggested_area": described.room.name if described.room else described.site.name,
    }
    if thing.manufacturer:
        device["manufacturer"] = thing.manufacturer
    device["model"] = thing.model or thing.names().in_language(place.language)
    if described.device.serial:
        device["serial_number"] = described.device.serial
    whole = {
        **config,
        "unique_id": f"{node}_{name}",
        "object_id": f"{described.device.id}_{name}",
        "availability_topic": place.availability,
        "device": device,
        "origin": {"name": ORIGIN},
    }
    return f"{place.prefix}/{component}/{node}/{name}/config", orjson.dumps(whole)


def _sensor(thing: ThingModel, name: str, declared: Property) -> tuple[str, dict[str, object]]:
    config: dict[str, object] = {}
    if thing.period_s is not None:
        config["expire_after"] = max(1, round(_LATE_PERIODS * thing.period_s))
    if declared.type is PropertyType.BOOLEAN:
        if (kind := _hinted(name, _TRUTHS)) is not None:
            config["device_class"] = kind
        return "binary_sensor", config
    if declared.type in (PropertyType.NUMBER, PropertyType.INTEGER):
        config |= _measured(name, declared)
        counts = config.get("device_class") in _COUNTERS
        config["state_class"] = "total_increasing" if counts else "measurement"
    elif declared.enum:
        config |= {"device_class": "enum", "options": [str(one) for one in declared.enum]}
    return "sensor", config


def _control(
    place: Place, device: str, can: Affordance, declared: Property
) -> tuple[str, dict[str, object]]:
    config: dict[str, object] = {"command_topic": place.command(device, can.name)}
    if declared.write_only:
        config["optimistic"] = True
    match declared.type:
        case PropertyType.BOOLEAN:
            return "switch", config
        case PropertyType.NUMBER | PropertyType.INTEGER:
            config |= _measured(name_of(can), declared)
            config["min"] = 0 if declared.minimum is None else declared.minimum
            config["max"] = 1_000_000 if declared.maximum is None else declared.maximum
            config["step"] = 1 if declared.type is PropertyType.INTEGER else 0.1
            config["mode"] = "box"
            return "number", config
        case _ if declared.enum:
            config["options"] = [str(one) for one in declared.enum]
            return "select", config
        case _:
            return "text", config


def name_of(can: Affordance) -> str:
    """The property an affordance writes, else its own name."""
    return can.writes or can.name


def _measured(name: str, declared: DataSchema) -> dict[str, object]:
    found: dict[str, object] = {}
    if declared.unit:
        if symbol := unit(declared.unit).symbol if is_unit(declared.unit) else declared.unit:
            found["unit_of_measurement"] = symbol
        if (kind := device_class(name, declared.unit)) is not None:
            found["device_class"] = kind
    return found


def device_class(name: str, unit: str) -> str | None:
    """What is measured, as Home Assistant calls it; None when that is not certain."""
    fit = _CLASSES.get(unit, ())
    if len(fit) == 1:
        return fit[0]
    return _hinted(name, {one: _HINTS[one] for one in fit if one in _HINTS})


def _hinted(name: str, hints: Mapping[str, str]) -> str | None:
    for kind, pattern in hints.items():
        if re.search(pattern, name, re.IGNORECASE):
            return kind
    return None


def state_of(value: Value) -> bytes | None:
    """A value as Home Assistant reads it; None for what it cannot have."""
    if isinstance(value, bool):
        return b"ON" if value else b"OFF"
    if isinstance(value, Location):
        return None
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).encode()


def wanted(payload: bytes, schema: DataSchema | None) -> object:
    """What a command asks for, as the device's type wants it. Raises ValueError."""
    text = payload.decode("utf-8")
    if schema is None:
        return None
    match schema.type:
        case PropertyType.BOOLEAN:
            if text not in ("ON", "OFF"):
                raise ValueError(text)
            return text == "ON"
        case PropertyType.INTEGER:
            return round(_finite(text))
        case PropertyType.NUMBER:
            return _finite(text)
        case _:
            options = {str(one): one for one in schema.enum or ()}
            return options.get(text, text)


def _finite(text: str) -> float:
    """Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
