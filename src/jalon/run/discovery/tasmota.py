"""Tasmota's own discovery: `tasmota/discovery/<MAC>/config` says what the device is and where it
speaks, `…/sensors` what it measures, by an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from jalon.run.announcements import AnnouncedEntity, Announcement, Source
from jalon.run.discovery.names import key_of, text_of
from jalon.run.things import PropertyType

_TOPIC = re.compile(r"tasmota/discovery/([0-9A-Fa-f]{12})/(config|sensors)")
_RELAY, _LIGHT = 1, 2
_KINDS = {
    # the last key of what the device reports: Home Assistant's class, unit
    "Temperature": ("temperature", "°C"),
    "DewPoint": ("temperature", "°C"),
    "Humidity": ("humidity", "%"),
    "Pressure": ("atmospheric_pressure", "hPa"),
    "SeaPressure": ("atmospheric_pressure", "hPa"),
    "Illuminance": ("illuminance", "lx"),
    "CarbonDioxide": ("carbon_dioxide", "ppm"),
    "eCO2": ("carbon_dioxide", "ppm"),
    "TVOC": ("volatile_organic_compounds_parts", "ppb"),
    "Power": ("power", "W"),
    "ApparentPower": ("apparent_power", "VA"),
    "ReactivePower": ("reactive_power", "var"),
    "Voltage": ("voltage", "V"),
    "Current": ("current", "A"),
    "Frequency": ("frequency", "Hz"),
    "Factor": ("power_factor", ""),
    "Total": ("energy", "kWh"),
    "Today": ("energy", "kWh"),
    "Yesterday": ("energy", "kWh"),
    "Distance": ("distance", "cm"),
}
_NO_VALUES = frozenset({"Time", "TempUnit", "PressureUnit", "SpeedUnit", "TotalStartTime"})
_UNITS = {"C": "°C", "F": "°F"}


def is_topic(topic: str) -> bool:
    """Whether announcements come on this topic."""
    return _TOPIC.fullmatch(topic) is not None


def read(topic: str, found: Mapping[str, object]) -> Announcement | None:
    """What a message on such a topic announces; None when it is nothing that Jalon could use."""
    match = _TOPIC.fullmatch(topic)
    if match is None:
        return None
    mac = match[1].upper()
    return _config(topic, mac, found) if match[2] == "config" else _sensors(topic, mac, found)


def _config(topic: str, mac: str, found: Mapping[str, object]) -> Announcement | None:
    own, full = text_of(found, "t"), text_of(found, "ft")
    prefixes = found.get("tp")
    if not own or not full or not isinstance(prefixes, list) or len(prefixes) < 3:
        return None

    def place(index: int) -> str:
        return full.replace("%prefix%", str(prefixes[index])).replace("%topic%", own)

    places = {"cmnd": place(0), "stat": place(1), "tele": place(2)}
    return Announcement(
        source=Source.TASMOTA,
        unique_id=mac,
        name=text_of(found, "dn") or own,
        manufacturer="Tasmota",
        model=text_of(found, "md"),
        sw_version=text_of(found, "sw"),
        entities=(*_relays(topic, found), _signal(topic)),
        places=places,
    )


def _relays(topic: str, found: Mapping[str, object]) -> Iterator[AnnouncedEntity]:
    listed = found.get("rl")
    relays = [
        number
        for number, kind in enumerate(listed if isinstance(listed, list) else (), start=1)
        if kind in (_RELAY, _LIGHT)
    ]
    names = found.get("fn")
    words = found.get("state")
    for number in relays:
        key = "POWER" if len(relays) == 1 else f"POWER{number}"
        yield AnnouncedEntity(
            announced_in=topic,
            component="switch",
            key=key_of(key),
            name=_nth(names, number) or key.capitalize(),
            type=PropertyType.BOOLEAN,
            state_topic="{stat}RESULT",
            also_in=("{tele}STATE",),
            path=key,
            command_topic="{cmnd}" + key,
            words=(_nth(words, 2) or "ON", _nth(words, 1) or "OFF"),
        )


def _signal(topic: str) -> AnnouncedEntity:
    return AnnouncedEntity(
        announced_in=topic,
        component="sensor",
        key="signal",
        name="Signal",
        type=PropertyType.NUMBER,
        state_topic="{tele}STATE",
        path="Wifi.Signal",
        unit="dBm",
        device_class="signal_strength",
        diagnostic=True,
    )


def _sensors(topic: str, mac: str, found: Mapping[str, object]) -> Announcement | None:
    example = found.get("sn")
    if not isinstance(example, dict):
        return None
    units = {
        "Temperature": _UNITS.get(text_of(example, "TempUnit"), "°C"),
        "Pressure": text_of(example, "PressureUnit") or "hPa",
    }
    entities = tuple(_measured(topic, example, (), units))
    return Announcement(Source.TASMOTA, mac, "", entities=entities) if entities else None


def _measured(
    topic: str, found: Mapping[str, object], above: Sequence[str], units: Mapping[str, str]
) -> Iterator[AnnouncedEntity]:
    for key, value in found.items():
        keys = (*above, str(key))
        if isinstance(value, dict):
            yield from _measured(topic, value, keys, units)
        elif str(key) not in _NO_VALUES and type(value) in (int, float):
            device_class, unit = _KINDS.get(str(key), ("", ""))
            if unit == "°C":
                unit = units["Temperature"]
            elif device_class == "atmospheric_pressure":
                unit = units["Pressure"]
            dotted = [one for one in keys if "." in one]
            yield AnnouncedEntity(
                announced_in=topic,
                component="sensor",
                key=key_of("_".join(keys)),
                name=" ".join(key for key in keys if key != "ENERGY"),
                type=PropertyType.NUMBER,
                state_topic="{tele}SENSOR",
                path=".".join(keys),
                unit=unit,
                device_class=device_class,
                not_understood=dotted[0] if dotted else "",
            )


def _nth(found: object, number: int) -> str:
    """The text at a position counted from 1; "" when there is none."""
    if not isinstance(found, list) or number > len(found):
        return ""
    value = found[number - 1]
    return value if isinstance(value, str) else ""
