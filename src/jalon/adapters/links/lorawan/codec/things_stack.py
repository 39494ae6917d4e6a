"""Messages of The Things Stack v3, the same by MQTT and by webhook; empty fields are left out."""

from __future__ import annotations

import re
from base64 import b64encode

from jalon.adapters.links.lorawan.codec import fields
from jalon.adapters.links.lorawan.codec.events import (
    BadField,
    Delivery,
    Downlink,
    Event,
    Join,
    NoValues,
    Reception,
    Stage,
    Uplink,
)
from jalon.adapters.links.lorawan.codec.fields import JsonObject

UPLINK_FILTER = "v3/+/devices/+/up"
"""The MQTT topic filter of uplinks."""
EVENT_FILTERS = ("v3/+/devices/+/up", "v3/+/devices/+/join", "v3/+/devices/+/down/+")
"""Of everything the network server tells that we read."""
PATHS = {
    "uplink_message": "up",
    "join_accept": "join",
    "downlink_queued": "down/queued",
    "downlink_sent": "down/sent",
    "downlink_ack": "down/ack",
    "downlink_nack": "down/nack",
    "downlink_failed": "down/failed",
}
"""The end of the MQTT topic of each message that we read, by the name it has in webhooks."""
TOPIC = re.compile(rf"(v3/[^/]+/devices/([^/]+))/({'|'.join(PATHS.values())})")
_STAGES = {
    "down/queued": Stage.QUEUED,
    "down/sent": Stage.SENT,
    "down/ack": Stage.ACKNOWLEDGED,
    "down/nack": Stage.NOT_ACKNOWLEDGED,
    "down/failed": Stage.FAILED,
}
_NAMES = {path: name for name, path in PATHS.items()}
_OURS = "jalon:"


def topic_of(message: JsonObject, tenant: str = "ttn") -> str | None:
    """The topic of a message that came by webhook; None for one that we do not read. `tenant` is
    for messages that do not name theirs. Raises UplinkRefused."""
    name = next((one for one in PATHS if one in message), None)
    if name is None:
        return None
    ids = fields.part(message, "end_device_ids")
    device = _safe(fields.text(ids, "device_id", 64)) or _dev_eui(message)
    application = _safe(fields.text(fields.part(ids, "application_ids"), "application_id", 64))
    networks = fields.part(fields.part(message, "uplink_message"), "network_ids")
    owner = _safe(fields.text(networks, "tenant_id", 64)) or tenant
    return f"v3/{application or 'unknown'}@{owner}/devices/{device}/{PATHS[name]}"


def read(path: str, message: JsonObject) -> Event | None:
    """What a message says, by the end of its topic; None when it is of no use to us. Raises
    UplinkRefused."""
    name = _NAMES.get(path)
    if name is None:
        return None
    if not isinstance(message.get(name), dict):
        raise BadField(f"no {name} in the message")
    inner = fields.part(message, name)
    if path == "up":
        return _uplink(message, inner)
    if path == "join":
        ids = fields.part(message, "end_device_ids")
        return Join(_dev_eui(message), _time(message, inner), _address(ids))
    return _delivery(message, inner, _STAGES[path])


def push(route: str, down: Downlink) -> tuple[str, JsonObject]:
    """The topic and the body that add a frame to the device's queue; the HTTP API takes the same
    body. `route` is what the device's topics begin with."""
    frame = {
        "f_port": down.port,
        "frm_payload": b64encode(down.data).decode(),
        "confirmed": down.confirmed,
        "priority": "NORMAL",
        "correlation_ids": [f"{_OURS}{down.id}"],
    }
    return f"{route}/down/push", {"downlinks": [frame]}


def _uplink(message: JsonObject, inner: JsonObject) -> Uplink:
    dev_eui = _dev_eui(message)
    values = fields.values(inner, "decoded_payload")
    data = fields.data(inner, "frm_payload")
    if values is None and not data:
        raise NoValues(dev_eui)
    rate = fields.part(fields.part(fields.part(inner, "settings"), "data_rate"), "lora")
    simulated = message.get("simulated") is True
    return Uplink(
        dev_eui=dev_eui,
        values=values,
        time_ms=_time(message, inner),
        # One made up in the console has a made-up counter.
        frame=None if simulated else fields.counter(inner, "f_cnt"),
        port=fields.counter(inner, "f_port"),
        spreading=fields.whole(rate, "spreading_factor"),
        data=data,
        heard_by=_receptions(inner),
        dev_addr=_address(fields.part(message, "end_device_ids")),
        confirmed=inner.get("confirmed") is True,
        battery=fields.number(fields.part(inner, "last_battery_percentage"), "value"),
    )


def _delivery(message: JsonObject, inner: JsonObject, stage: Stage) -> Delivery:
    frame, error = inner, fields.part(inner, "error")
    if stage is Stage.FAILED:
        frame = fields.part(inner, "downlink")
    known = frame.get("correlation_ids")
    known = known if isinstance(known, list) else []
    ours = [one for one in known if isinstance(one, str) and one.startswith(_OURS)]
    return Delivery(
        dev_eui=_dev_eui(message),
        time_ms=_time(message, {}),
        stage=stage,
        id=ours[0].removeprefix(_OURS) if ours else "",
        detail=fields.text(error, "message_format") or fields.text(error, "name"),
    )


def _dev_eui(message: JsonObject) -> str:
    found = fields.part(message, "end_device_ids").get("dev_eui")
    return fields.dev_eui(found, "end_device_ids.dev_eui")


def _address(ids: JsonObject) -> str:
    return fields.text(ids, "dev_addr").lower()


def _time(message: JsonObject, inner: JsonObject) -> int | None:
    """When the network server received it; else when the application server did."""
    return fields.time_ms(inner.get("received_at") or message.get("received_at"))


def _receptions(inner: JsonObject) -> tuple[Reception, ...]:
    """What can be read of `rx_metadata`; a gateway that says less is left out."""
    found = []
    for entry in fields.parts(inner, "rx_metadata"):
        ids = fields.part(entry, "gateway_ids")
        rssi = fields.number(entry, "rssi")
        if rssi is not None:
            name = fields.text(ids, "eui").lower() or fields.text(ids, "gateway_id")
            found.append(Reception(name, rssi, fields.number(entry, "snr") or 0.0))
    return tuple(found)


def _safe(name: str) -> str:
    """A name that may stand in a topic."""
    return re.sub(r"[^A-Za-z0-9-]", "-", name)
