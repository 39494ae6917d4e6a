"""An AsyncAPI 3.0 document of the MQTT side of a solution: what devices publish, and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from jalon.run.fleet import Device
from jalon.run.things import ThingModel
from jalon.run.wot.describe import (
    Places,
    command_topic,
    described,
    event_topic,
    schema,
    speaks_mqtt,
)

_DEVICE = "{device}"
_TIME = {
    "description": "When it was so: Unix milliseconds, or ISO 8601; now when left out.",
    "oneOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}],
}


def asyncapi(
    solution: str,
    title: str,
    devices: Sequence[Device],
    things: Mapping[str, ThingModel],
    places: Places,
) -> dict[str, object]:
    """The document. Devices of other links and of LoRaWAN networks are not in it: they do not
    speak to our broker."""
    made = _Document(things)
    for name, thing in things.items():
        ids = [one.id for one in devices if one.thing == name and speaks_mqtt(one)]
        if ids:
            made.add(name, thing, ids)
    servers = _servers(places)
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:jalon:{solution}",
        "info": {
            "title": title,
            "version": "1.0.0",
            "description": "What devices publish to this solution, and what it sends to them.",
        },
        "defaultContentType": "application/json",
        "servers": servers,
        "channels": made.channels,
        "operations": made.operations,
        "components": {
            "messages": made.messages,
            "schemas": made.schemas,
            "securitySchemes": {
                "password": {
                    "type": "userPassword",
                    "description": "The device's id and its secret.",
                },
                "certificate": {
                    "type": "X509",
                    "description": "A certificate that names the device.",
                },
            },
        },
    }


def _servers(places: Places) -> dict[str, object]:
    doors = (
        ("mqtt", places.mqtt, "password"),
        ("websocket", places.websocket, "password"),
        ("certificates", places.certificates, "certificate"),
    )
    found: dict[str, object] = {}
    for name, url, security in doors:
        if not url:
            continue
        parts = urlsplit(url)
        secure = parts.scheme in ("mqtts", "wss")
        server: dict[str, object] = {
            "host": parts.netloc,
            "protocol": "secure-mqtt" if secure else "mqtt",
            "protocolVersion": "3.1.1",
            "security": [{"$ref": f"#/components/securitySchemes/{security}"}],
        }
        if name == "websocket":
            server |= {"protocol": parts.scheme, "pathname": parts.path or "/mqtt"}
        found[name] = server
    return found


class _Document:
    """Channels, operations, messages and schemas, by name."""

    def __init__(self, things: Mapping[str, ThingModel]) -> None:
        self._things = things
        self.channels: dict[str, object] = {}
        self.operations: dict[str, object] = {}
        self.messages: dict[str, object] = {}
        self.schemas: dict[str, object] = {}

    def add(self, name: str, thing: ThingModel, devices: Sequence[str]) -> None:
        """A type of device with the devices of it that speak to our broker."""
        values = {
            "type": "object",
            **described(thing),
            "properties": {
                "ts": _TIME,
                **{
                    key: schema(declared)
                    for key, declared in thing.properties.items()
                    if not declared.write_only
                },
            },
        }
        self.schemas[f"{name}-values"] = _plain(values)
        reference = {"$ref": f"#/components/schemas/{name}-values"}
        payload = {"oneOf": [reference, {"type": "array", "items": reference}]}
        topic = f"v1/{_DEVICE}/telemetry"
        self._channel(f"{name}-telemetry", topic, devices, payload, "receive")
        if thing.codec is not None:
            frame = {"type": "string", "format": "binary"}
            topic = f"v1/{_DEVICE}/frame"
            self._channel(f"{name}-frame", topic, devices, frame, "receive", _OCTETS)
        if thing.events:
            data = {
                key: _plain(schema(one.data)) if one.data else {}
                for key, one in thing.events.items()
            }
            event = {"type": "object", "properties": {"ts": _TIME, **data}}
            self._channel(f"{name}-event", event_topic(_DEVICE), devices, event, "receive")
        for key, action in thing.actions.items():
            wanted = _plain(schema(action.input)) if action.input else {}
            topic = command_topic(_DEVICE, key)
            self._channel(f"{name}-command-{key}", topic, devices, wanted, "send")

    def _channel(
        self,
        name: str,
        address: str,
        devices: Sequence[str],
        payload: Mapping[str, object],
        action: str,
        content_type: str = "application/json",
    ) -> None:
        """A channel with its one message and its one operation."""
        self.messages[name] = {
            "name": name,
            "contentType": content_type,
            "payload": dict(payload),
        }
        self.channels[name] = {
            "address": address,
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "parameters": {"device": {"description": "Id of the device.", "enum": sorted(devices)}},
        }
        self.operations[f"{action}-{name}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
            "bindings": {"mqtt": {"qos": 1}},
        }


_OCTETS = "application/octet-stream"


def _plain(value: object) -> dict[str, object]:
    """A W3C data schema as a JSON Schema: its multi-language texts under names of extensions."""
    assert isinstance(value, Mapping)
    made: dict[str, object] = {}
    for key, one in value.items():
        if key in ("titles", "descriptions", "unit"):
            made[f"x-{key}"] = one
        elif key == "properties" and isinstance(one, Mapping):
            made[key] = {name: _plain(inner) for name, inner in one.items()}
        else:
            made[key] = one
    return made
