"""The W3C Thing Description of a live device: what it is, and where a program finds its values."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.run.fleet import Device
from jalon.run.links import telemetry_topic
from jalon.run.things import Action, DataSchema, Event, Property, PropertyType, ThingModel
from jalon.run.wot.adopt import JALON_TERMS
from jalon.run.wot.check import TD_1_1

MQTT_TERMS = "https://www.w3.org/2019/wot/mqtt#"
_JSON = "application/json"
_TOKEN, _PASSWORD, _CERTIFICATE = "token", "password", "certificate"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the solution is reached from outside: base URLs without a final slash, such as
    `https://iot.example:8080` and `mqtts://iot.example:8883`. At `certificates` devices and
    programs connect over MQTT with a certificate of their own; None when there is no such place."""

    http: str
    mqtt: str
    websocket: str | None = None
    certificates: str | None = None


def speaks_mqtt(device: Device) -> bool:
    """Whether the device connects to our own broker."""
    return device.link is None and device.dev_eui is None


def command_topic(device_id: str, action: str) -> str:
    """Where a command for a device is published."""
    return f"v1/{device_id}/cmd/{action}"


def event_topic(device_id: str) -> str:
    """Where a device tells its events."""
    return f"v1/{device_id}/event"


def thing_path(device_id: str) -> str:
    """The path of a device's Thing Description in the API."""
    return f"/api/v1/things/{device_id}"


def describe(solution: str, device: Device, thing: ThingModel, places: Places) -> dict[str, object]:
    """The Thing Description. `solution` is the solution's id."""
    return _Description(solution, device, thing, places).made()


def schema(declared: DataSchema) -> dict[str, object]:
    """A data schema in W3C's words alone."""
    made: dict[str, object] = {"type": declared.type.value}
    made |= described(declared)
    for key in ("unit", "minimum", "maximum", "enum"):
        given = getattr(declared, key)
        if given is not None:
            made[key] = given
    if declared.default is not None:
        made["default"] = declared.default
    if declared.type is PropertyType.OBJECT and isinstance(declared, Property):
        degrees = {"type": "number", "unit": "deg"}
        made["properties"] = {
            "latitude": {**degrees, "minimum": -90, "maximum": 90},
            "longitude": {**degrees, "minimum": -180, "maximum": 180},
            "altitude": {"type": "number", "unit": "m"},
        }
        made["required"] = ["latitude", "longitude"]
    return made


def described(one: DataSchema | Action | Event | ThingModel) -> dict[str, object]:
    """Titles and descriptions, as far as there are any."""
    found = {
        "title": one.title or _first(one.titles),
        "titles": one.titles,
        "description": one.description or _first(one.descriptions),
        "descriptions": one.descriptions,
    }
    return {key: given for key, given in found.items() if given}


class _Description:
    def __init__(self, solution: str, device: Device, thing: ThingModel, places: Places) -> None:
        self._solution = solution
        self._device = device
        self._thing = thing
        self._places = places
        self._mqtt = speaks_mqtt(device)

    def made(self) -> dict[str, object]:
        device, thing = self._device, self._thing
        version = thing.version.get("model")
        made: dict[str, object] = {
            "@context": [TD_1_1, {"mqv": MQTT_TERMS, "jalon": JALON_TERMS}],
            "id": f"urn:jalon:{self._solution}:{device.id}",
            **{key: one for key, one in described(thing).items() if "description" in key},
            "title": device.name,
        }
        if version:
            made["version"] = {"instance": version, "model": version}
        made["securityDefinitions"] = self._definitions()
        made["security"] = [_TOKEN]
        made["forms"] = self._whole_forms()
        made["properties"] = {
            name: self._property(name, declared)
            for name, declared in thing.properties.items()
            if not declared.write_only
        }
        if self._mqtt:
            if thing.actions:
                made["actions"] = {
                    name: self._action(name, one) for name, one in thing.actions.items()
                }
            if thing.events:
                made["events"] = {name: self._event(one) for name, one in thing.events.items()}
        return made

    def _definitions(self) -> dict[str, object]:
        found: dict[str, object] = {
            _TOKEN: {"scheme": "bearer", "in": "header", "format": "opaque"},
        }
        if self._mqtt:
            found[_PASSWORD] = {"scheme": "basic", "in": "auto"}
            if self._places.certificates:
                found[_CERTIFICATE] = {"scheme": "jalon:ClientCertificate"}
        return found

    def _whole_forms(self) -> list[object]:
        path = f"{self._places.http}{thing_path(self._device.id)}/properties"
        found: list[object] = [{"op": ["readallproperties"], "href": path, "contentType": _JSON}]
        if self._mqtt:
            topic = telemetry_topic(self._device.id)
            operations = ["observeallproperties", "unobserveallproperties"]
            found += self._mqtt_forms(operations, "subscribe", {"mqv:filter": topic})
        return found

    def _property(self, name: str, declared: Property) -> dict[str, object]:
        made = schema(declared)
        if declared.at_type is not None:
            made["@type"] = declared.at_type
        made["readOnly"] = True
        made["observable"] = False
        path = f"{self._places.http}{thing_path(self._device.id)}/properties/{name}"
        made["forms"] = [{"op": ["readproperty"], "href": path, "contentType": _JSON}]
        return made

    def _action(self, name: str, action: Action) -> dict[str, object]:
        made = described(action)
        if action.input is not None:
            made["input"] = schema(action.input)
        if action.output is not None:
            made["output"] = schema(action.output)
        made |= {"safe": action.safe, "idempotent": action.idempotent}
        topic = command_topic(self._device.id, name)
        made["forms"] = self._mqtt_forms(["invokeaction"], "publish", {"mqv:topic": topic})
        return made

    def _event(self, event: Event) -> dict[str, object]:
        made = described(event)
        if event.data is not None:
            made["data"] = schema(event.data)
        operations = ["subscribeevent", "unsubscribeevent"]
        topic = event_topic(self._device.id)
        made["forms"] = self._mqtt_forms(operations, "subscribe", {"mqv:filter": topic})
        return made

    def _mqtt_forms(
        self, operations: list[str], packet: str, where: dict[str, object]
    ) -> list[dict[str, object]]:
        doors = [(self._places.mqtt, _PASSWORD), (self._places.certificates, _CERTIFICATE)]
        return [
            {
                "op": operations,
                "href": url,
                "contentType": _JSON,
                "security": [security],
                "mqv:controlPacket": packet,
                "mqv:qos": "1",
                **where,
            }
            for url, security in doors
            if url
        ]


def _first(texts: dict[str, str]) -> str | None:
    return texts.get("en") or next(iter(texts.values()), None)
