"""Events and commands of a ChirpStack v4 network server (its JSON marshaler)."""

from __future__ import annotations

import re
from base64 import b64encode
from uuid import NAMESPACE_OID, uuid5

from jalon.adapters.links.lorawan.codec import fields
from jalon.adapters.links.lorawan.codec.events import (
    Delivery,
    Downlink,
    Event,
    Join,
    Log,
    NoValues,
    Reception,
    Stage,
    Status,
    Uplink,
)
from jalon.adapters.links.lorawan.codec.fields import JsonObject
from jalon.vocab.times import from_ms

UPLINK_FILTER = "application/+/device/+/event/up"
"""The MQTT topic filter of uplink events."""
EVENT_FILTER = "application/+/device/+/event/+"
"""Of everything the network server tells: joins, acknowledgements, states, uplinks."""
COMMAND_FILTER = "application/+/device/+/command/down"
"""Where it takes downlinks."""
KINDS = frozenset({"up", "join", "status", "txack", "ack", "log"})
"""The events that we read, as they are named at the end of topics."""
TOPIC = re.compile(r"(application/[^/]+/device/([^/]+))/event/([a-z]+)")
# LoRaWAN regional parameters, EU868: spreading factor of data rates 0 to 5 at 125 kHz.
SPREADING = (12, 11, 10, 9, 8, 7)
_FREQUENCIES = (868_100_000, 868_300_000, 868_500_000)


def uplink_topic(application: str, dev_eui: str) -> str:
    """Where ChirpStack publishes a device's uplinks."""
    return event_topic(application, dev_eui, "up")


def event_topic(application: str, dev_eui: str, kind: str) -> str:
    """Where ChirpStack publishes what it tells of a device."""
    return f"application/{application}/device/{dev_eui}/event/{kind}"


def topic_of(event: JsonObject, kind: str) -> str:
    """The topic of an event that came by HTTP. Raises UplinkRefused."""
    info = fields.part(event, "deviceInfo")
    application = re.sub(r"[^A-Za-z0-9-]", "-", fields.text(info, "applicationId", 64)) or "unknown"
    return event_topic(application, _dev_eui(event), kind)


def read(kind: str, event: JsonObject) -> Event | None:
    """What an event of a kind (the end of its topic) says; None when it is of no use to us.
    Raises UplinkRefused; the radio's details never refuse a frame that is clear."""
    match kind:
        case "up":
            return _uplink(event)
        case "join":
            return Join(_dev_eui(event), _time(event), fields.text(event, "devAddr").lower())
        case "status":
            return _status(event)
        case "txack":
            return _delivery(event, Stage.SENT)
        case "ack":
            got = event.get("acknowledged") is True
            return _delivery(event, Stage.ACKNOWLEDGED if got else Stage.NOT_ACKNOWLEDGED)
        case "log":
            return _log(event)
    return None


def command(route: str, down: Downlink) -> tuple[str, JsonObject]:
    """The topic and the body that put a frame into the device's queue. `route` is what its event
    topics begin with."""
    body = {
        "id": down.id,
        "devEui": down.dev_eui,
        "confirmed": down.confirmed,
        "fPort": down.port,
        "data": b64encode(down.data).decode(),
    }
    return f"{route}/command/down", body


def encode(uplink: Uplink, application: str, device_name: str, profile: str) -> dict[str, object]:
    """The event ChirpStack v4 would publish; the inverse of `read`.

    The deduplication id follows from device, frame and time, so an uplink sent twice is the same.
    """
    time = (
        None if uplink.time_ms is None else from_ms(uplink.time_ms).isoformat("T", "milliseconds")
    )
    identity = f"{uplink.dev_eui}/{uplink.frame}/{uplink.time_ms}"
    return {
        "deduplicationId": str(uuid5(NAMESPACE_OID, identity)),
        "time": time,
        "deviceInfo": {
            "tenantId": str(uuid5(NAMESPACE_OID, "tenant")),
            "tenantName": "Jalon",
            "applicationId": application,
            "applicationName": application,
            "deviceProfileId": str(uuid5(NAMESPACE_OID, profile)),
            "deviceProfileName": profile,
            "deviceName": device_name,
            "devEui": uplink.dev_eui,
            "deviceClassEnabled": "CLASS_A",
            "tags": {},
        },
        "devAddr": uplink.dev_addr,
        "adr": True,
        "dr": uplink.data_rate or 0,
        "fCnt": uplink.frame or 0,
        "fPort": uplink.port or 1,
        "confirmed": uplink.confirmed,
        "data": b64encode(uplink.data).decode(),
        "object": dict(uplink.values or {}),
        "rxInfo": [_reception_event(one, identity, time) for one in uplink.heard_by],
        "txInfo": _transmission(uplink),
    }


def _uplink(event: JsonObject) -> Uplink:
    dev_eui = _dev_eui(event)
    values, data = fields.values(event, "object"), fields.data(event, "data")
    if values is None and not data:
        raise NoValues(dev_eui)
    lora = fields.part(fields.part(fields.part(event, "txInfo"), "modulation"), "lora")
    return Uplink(
        dev_eui=dev_eui,
        values=values,
        time_ms=_time(event),
        frame=fields.counter(event, "fCnt"),
        port=fields.counter(event, "fPort"),
        data_rate=fields.whole(event, "dr"),
        spreading=fields.whole(lora, "spreadingFactor"),
        data=data,
        heard_by=_receptions(event),
        dev_addr=fields.text(event, "devAddr").lower(),
        confirmed=event.get("confirmed") is True,
    )


def _status(event: JsonObject) -> Status:
    mains = event.get("externalPowerSource") is True
    unknown = mains or event.get("batteryLevelUnavailable") is True
    return Status(
        dev_eui=_dev_eui(event),
        time_ms=_time(event),
        battery=None if unknown else fields.number(event, "batteryLevel") or 0.0,
        margin=fields.number(event, "margin") or 0.0,
        external_power=mains,
    )


def _delivery(event: JsonObject, stage: Stage) -> Delivery:
    gateway = fields.text(event, "gatewayId")
    return Delivery(
        _dev_eui(event), _time(event), stage, fields.text(event, "queueItemId"), gateway
    )


def _log(event: JsonObject) -> Log:
    return Log(
        dev_eui=_dev_eui(event),
        time_ms=_time(event),
        level=fields.text(event, "level") or "INFO",
        code=fields.text(event, "code") or "UNKNOWN",
        description=fields.text(event, "description", 500),
        downlink=fields.text(fields.part(event, "context"), "queue_item_id"),
    )


def _dev_eui(event: JsonObject) -> str:
    found = fields.part(event, "deviceInfo").get("devEui")
    return fields.dev_eui(found, "deviceInfo.devEui (Jalon reads the JSON of ChirpStack v4)")


def _time(event: JsonObject) -> int | None:
    return fields.time_ms(event.get("time"))


def _receptions(event: JsonObject) -> tuple[Reception, ...]:
    """What can be read of `rxInfo`; a gateway that says less is left out. A missing SNR is 0."""
    return tuple(
        Reception(fields.text(entry, "gatewayId"), rssi, fields.number(entry, "snr") or 0.0)
        for entry in fields.parts(event, "rxInfo")
        if (rssi := fields.number(entry, "rssi")) is not None
    )


def _transmission(uplink: Uplink) -> dict[str, object]:
    rate = min(uplink.data_rate or 0, len(SPREADING) - 1)
    spreading = uplink.spreading or SPREADING[rate]
    lora = {"bandwidth": 125_000, "spreadingFactor": spreading, "codeRate": "CR_4_5"}
    frequency = _FREQUENCIES[(uplink.frame or 0) % len(_FREQUENCIES)]
    return {"frequency": frequency, "modulation": {"lora": lora}}


def _reception_event(one: Reception, identity: str, time: str | None) -> dict[str, object]:
    return {
        "gatewayId": one.gateway,
        "uplinkId": uuid5(NAMESPACE_OID, f"{one.gateway}/{identity}").int & 0x7FFFFFFF,
        "nsTime": time,
        "rssi": one.rssi,
        "snr": one.snr,
        "context": "",
        "crcStatus": "CRC_OK",
    }
