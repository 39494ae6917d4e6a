"""Home Assistant's MQTT discovery, as Zigbee2MQTT, ESPHome and Tasmota write it.

`<prefix>/<component>/[<node>/]<object>/config` announces one entity of a device, and
`<prefix>/device/[<node>/]<object>/config` a whole device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jalon.run.announcements import AnnouncedEntity, Announcement, Source
from jalon.run.discovery import abbreviations
from jalon.run.discovery.names import key_of, text_of, word_of
from jalon.run.discovery.templates import NotUnderstood, Spot, understand
from jalon.run.things import PropertyType

_TOPIC = re.compile(r"homeassistant/([a-z_]+)/(?:([A-Za-z0-9_-]+)/)?([A-Za-z0-9_-]+)/config")
_NO_VALUE = frozenset({"device_automation", "tag", "scene", "event", "update", "notify"})
"""Components that report nothing that could be recorded: passed over."""
_NUMBER, _TRUTH, _WORDS = PropertyType.NUMBER, PropertyType.BOOLEAN, PropertyType.STRING
_TEXT_CLASSES = frozenset({"enum", "timestamp", "date", "uptime"})


@dataclass(frozen=True, slots=True)
class _Facet:
    """A value of a component: its place is `{part}topic` and `{part}template`."""

    suffix: str
    type: PropertyType
    topic: str
    template: str
    command: str = ""
    device_class: str = ""
    unit: str = ""


_STATE = ("state_topic", "value_template", "command_topic")


def _modes(part: str) -> _Facet:
    topic, template, command = (
        f"{part}_{end}" for end in ("state_topic", "state_template", "command_topic")
    )
    return _Facet(part, _WORDS, topic, template, command)


_FACETS: dict[str, tuple[_Facet, ...]] = {
    "sensor": (_Facet("", _WORDS, *_STATE[:2]),),
    "binary_sensor": (_Facet("", _TRUTH, *_STATE[:2]),),
    "switch": (_Facet("", _TRUTH, *_STATE),),
    "number": (_Facet("", _NUMBER, *_STATE),),
    "select": (_Facet("", _WORDS, *_STATE),),
    "text": (_Facet("", _WORDS, *_STATE),),
    "lock": (_Facet("", _WORDS, *_STATE),),
    "valve": (_Facet("", _WORDS, *_STATE),),
    "fan": (_Facet("", _TRUTH, "state_topic", "state_value_template", "command_topic"),),
    "button": (_Facet("", _WORDS, "", "", "command_topic"),),
    "cover": (
        _Facet("", _WORDS, *_STATE),
        _Facet(
            "position",
            _NUMBER,
            "position_topic",
            "position_template",
            "set_position_topic",
            unit="%",
        ),
        _Facet("tilt", _NUMBER, "tilt_status_topic", "tilt_status_template", "tilt_command_topic"),
    ),
    "light": (
        _Facet("", _TRUTH, "state_topic", "state_value_template", "command_topic"),
        _Facet(
            "brightness",
            _NUMBER,
            "brightness_state_topic",
            "brightness_value_template",
            "brightness_command_topic",
        ),
        _Facet(
            "color_temp",
            _NUMBER,
            "color_temp_state_topic",
            "color_temp_value_template",
            "color_temp_command_topic",
        ),
    ),
    "climate": (
        _Facet(
            "current_temperature",
            _NUMBER,
            "current_temperature_topic",
            "current_temperature_template",
            device_class="temperature",
            unit="°C",
        ),
        _Facet(
            "temperature",
            _NUMBER,
            "temperature_state_topic",
            "temperature_state_template",
            "temperature_command_topic",
            "setpoint",
            "°C",
        ),
        _Facet(
            "current_humidity",
            _NUMBER,
            "current_humidity_topic",
            "current_humidity_template",
            device_class="humidity",
            unit="%",
        ),
        _Facet("action", _WORDS, "action_topic", "action_template"),
        _modes("mode"),
        _modes("fan_mode"),
        _Facet(
            "preset_mode",
            _WORDS,
            "preset_mode_state_topic",
            "preset_mode_value_template",
            "preset_mode_command_topic",
        ),
    ),
}


def is_topic(topic: str) -> bool:
    """Whether announcements come on this topic."""
    return _TOPIC.fullmatch(topic) is not None


def read(topic: str, found: Mapping[str, object]) -> Announcement | None:
    """What a message on such a topic announces; None when it is nothing that Jalon could use."""
    match = _TOPIC.fullmatch(topic)
    if match is None:
        return None
    config = abbreviations.expanded(found)
    component, node, object_id = match[1], match[2] or "", match[3]
    device = abbreviations.device(config.get("device"))
    unique_id = _identity(device) or text_of(config, "unique_id") or node or object_id
    entities = tuple(
        entity
        for name, one in _components(component, object_id, config)
        for entity in _entities(topic, _own(name, (unique_id, node)), one)
    )
    if not entities:
        return None
    return Announcement(
        source=Source.HOME_ASSISTANT,
        unique_id=unique_id,
        name=text_of(device, "name") or text_of(config, "name") or unique_id,
        manufacturer=text_of(device, "manufacturer"),
        model=text_of(device, "model") or text_of(device, "model_id"),
        sw_version=text_of(device, "sw_version"),
        via=text_of(device, "via_device"),
        entities=entities,
    )


def _components(
    component: str, object_id: str, config: Mapping[str, object]
) -> Iterator[tuple[str, dict[str, object]]]:
    """The name and the configuration of every entity of a message."""
    if component != "device":
        yield object_id, {**config, "platform": component}
        return
    components = config.get("components")
    shared = {key: config[key] for key in _STATE if key in config}
    for name, one in (components if isinstance(components, dict) else {}).items():
        if isinstance(one, dict) and len(one) > 1:  # with nothing but a platform it is withdrawn
            base = {"~": config["~"]} if "~" in config else {}
            yield str(name), {**shared, **abbreviations.expanded({**base, **one})}


def _entities(topic: str, name: str, config: Mapping[str, object]) -> Iterator[AnnouncedEntity]:
    component = text_of(config, "platform")
    if component in _NO_VALUE:
        return
    facets = _FACETS.get(component)
    if facets is None:
        kind = AnnouncedEntity(
            topic, component, key_of(name), _title(config, name), _WORDS, not_understood=component
        )
        yield kind
        return
    if component == "light" and config.get("schema") == "json":
        yield from _json_light(topic, name, config)
        return
    for facet in facets:
        if text_of(config, facet.topic) or (not facet.suffix and text_of(config, facet.command)):
            yield _entity(topic, name, config, facet)


def _entity(topic: str, name: str, config: Mapping[str, object], facet: _Facet) -> AnnouncedEntity:
    template = text_of(config, facet.template)
    spot, not_understood = Spot(), ""
    try:
        spot = understand(template)
    except NotUnderstood:
        not_understood = template
    kind = _type(config) if text_of(config, "platform") == "sensor" else facet.type
    title = _title(config, name)
    unit = facet.unit if facet.suffix else text_of(config, "unit_of_measurement")
    if facet.unit == "°C" and text_of(config, "temperature_unit") == "F":
        unit = "°F"
    limits = ("min_temp", "max_temp") if facet.device_class == "setpoint" else ("min", "max")
    return AnnouncedEntity(
        announced_in=topic,
        component=text_of(config, "platform"),
        key=key_of(f"{name}_{facet.suffix}" if facet.suffix else name),
        name=f"{title} {facet.suffix.replace('_', ' ')}" if facet.suffix else title,
        type=kind,
        state_topic=text_of(config, facet.topic),
        path=spot.path,
        scale=spot.scale,
        offset=spot.offset,
        command_topic=text_of(config, facet.command),
        unit=unit,
        device_class=_class(config, facet),
        words=_truths(config) if kind is _TRUTH else None,
        options=_options(config),
        minimum=_number(config, limits[0]),
        maximum=_number(config, limits[1]),
        diagnostic=config.get("entity_category") in ("diagnostic", "config"),
        not_understood=not_understood,
    )


def _json_light(topic: str, name: str, config: Mapping[str, object]) -> Iterator[AnnouncedEntity]:
    """A light whose whole state is one JSON object, as Zigbee2MQTT has them."""
    places = {
        "state_topic": text_of(config, "state_topic"),
        "command_topic": text_of(config, "command_topic"),
    }
    state = {**config, **places, "state_value_template": "{{ value_json.state }}"}
    yield _entity(topic, name, state, _FACETS["light"][0])
    wanted = [key for key in ("brightness", "color_temp") if key in _colours(config)]
    for key in wanted:
        template = {"t": places["state_topic"], "v": f"{{{{ value_json.{key} }}}}"}
        command = {"c": places["command_topic"]}
        facet = _Facet(key, _NUMBER, "t", "v", "c")
        yield _entity(topic, name, {**config, **template, **command}, facet)


def _colours(config: Mapping[str, object]) -> set[str]:
    modes = config.get("supported_color_modes")
    found = {str(mode) for mode in modes} if isinstance(modes, list) else set()
    if config.get("brightness") is True or found - {"onoff"}:
        found.add("brightness")
    return found


def _identity(device: Mapping[str, object]) -> str:
    """The first identifier; else the first connection, a MAC address mostly."""
    identifiers = device.get("identifiers")
    if isinstance(identifiers, str):
        return identifiers
    if isinstance(identifiers, list) and identifiers:
        return str(identifiers[0])
    connections = device.get("connections")
    if isinstance(connections, list) and connections and isinstance(connections[0], list):
        return str(connections[0][-1]) if connections[0] else ""
    return ""


def _own(name: str, prefixes: tuple[str, ...]) -> str:
    """The name without the device's own in front of it."""
    for prefix in prefixes:
        if prefix and name.lower().startswith(prefix.lower()) and len(name) > len(prefix):
            return name[len(prefix) :].strip("_-") or name
    return name


def _title(config: Mapping[str, object], name: str) -> str:
    return text_of(config, "name") or name.replace("_", " ").strip().capitalize()


def _class(config: Mapping[str, object], facet: _Facet) -> str:
    """What is measured; of an entity that has the device's own name, what it is."""
    if facet.suffix:
        return facet.device_class or facet.suffix
    component = "" if text_of(config, "name") else text_of(config, "platform")
    return text_of(config, "device_class") or component


def _type(config: Mapping[str, object]) -> PropertyType:
    """A sensor has a number when it says in what, or how it behaves; a word otherwise."""
    if text_of(config, "device_class") in _TEXT_CLASSES:
        return _WORDS
    hints = ("unit_of_measurement", "state_class", "suggested_display_precision", "device_class")
    return _NUMBER if any(config.get(hint) is not None for hint in hints) else _WORDS


def _truths(config: Mapping[str, object]) -> tuple[str, str]:
    on = config.get("state_on", config.get("payload_on", "ON"))
    off = config.get("state_off", config.get("payload_off", "OFF"))
    return word_of(on), word_of(off)


def _options(config: Mapping[str, object]) -> tuple[str, ...]:
    found = config.get("options")
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def _number(config: Mapping[str, object], key: str) -> float | None:
    found = config.get(key)
    try:
        return float(found) if isinstance(found, int | float | str) else None
    except ValueError:
        return None
