"""Uplink events of a ChirpStack v4 network server, read and written (JSON marshaler).

UplinkRefused (a ValueError)
 ├─ NoDevice     the event does not say which device spoke
 ├─ NoValues     there is no decoded object: the device profile has no codec, or it failed
 └─ BadField     a field is not what ChirpStack writes
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from jalon.vocab.times import from_ms, to_ms

UPLINK_FILTER = "application/+/device/+/event/up"
"""The MQTT topic filter of uplink events."""
EVENT_FILTER = "application/+/device/+/event/+"
"""Of everything a network server tells: joins, acknowledgements, states, uplinks."""
_TOPIC = re.compile(r"application/[^/]+/device/[^/]+/event/up")
_DEV_EUI = re.compile(r"[0-9a-f]{16}")
# LoRaWAN regional parameters, EU868: spreading factor of data rates 0 to 5 at 125 kHz.
_SPREADING = (12, 11, 10, 9, 8, 7)
_FREQUENCIES = (868_100_000, 868_300_000, 868_500_000)


class UplinkRefused(ValueError):  # noqa: N818 - an outcome of what the sender sent
    """The event cannot be used; the sentence says why."""


class NoDevice(UplinkRefused):
    """No `deviceInfo.devEui`, or not 16 hexadecimal digits."""


class NoValues(UplinkRefused):
    """No decoded values in `object`."""


class BadField(UplinkRefused):
    """A field has a type or a form that ChirpStack does not write."""


@dataclass(frozen=True, slots=True)
class Reception:
    """How one gateway heard the frame: `rssi` in dBm, `snr` in dB."""

    gateway: str
    rssi: float
    snr: float


@dataclass(frozen=True, slots=True)
class Uplink:
    """One frame of one device, once however many gateways heard it.

    `time_ms` is when the network server received it (None when it does not say); `frame` counts
    the device's frames, so that (dev_eui, frame, time_ms) tells a repetition.
    """

    dev_eui: str
    values: Mapping[str, object]
    time_ms: int | None = None
    frame: int | None = None
    port: int | None = None
    data_rate: int | None = None
    data: bytes = b""
    heard_by: Sequence[Reception] = field(default=())

    @property
    def best(self) -> Reception | None:
        """The reception with the best signal."""
        return max(self.heard_by, key=lambda one: (one.snr, one.rssi), default=None)


def is_uplink_topic(topic: str) -> bool:
    """Whether a topic carries uplink events: `application/<id>/device/<devEUI>/event/up`."""
    return _TOPIC.fullmatch(topic) is not None


def uplink_topic(application: str, dev_eui: str) -> str:
    """Where ChirpStack publishes a device's uplinks."""
    return f"application/{application}/device/{dev_eui}/event/up"


def decode(event: object) -> Uplink:
    """Read an event's parsed JSON. Raises UplinkRefused; the radio's details never refuse a
    frame whose device and values are clear."""
    if not isinstance(event, dict):
        raise BadField("an uplink event is a JSON object")
    values = event.get("object")
    dev_eui = _dev_eui(event)
    if not isinstance(values, dict) or not values:
        raise NoValues(f"{dev_eui}: no decoded object; give its device profile a codec")
    return Uplink(
        dev_eui=dev_eui,
        values=values,
        time_ms=_time(event.get("time")),
        frame=_whole(event, "fCnt"),
        port=_whole(event, "fPort"),
        data_rate=_whole(event, "dr"),
        data=_data(event.get("data")),
        heard_by=_receptions(event.get("rxInfo")),
    )


def encode(
    uplink: Uplink, application: str, device_name: str, profile: str, device_address: str
) -> dict[str, object]:
    """The event ChirpStack v4 would publish; the inverse of `decode`.

    The deduplication id follows from device, frame and time, so an uplink sent twice is the same.
    """
    moment = None if uplink.time_ms is None else from_ms(uplink.time_ms)
    time = None if moment is None else moment.isoformat("T", "milliseconds")
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
        "devAddr": device_address,
        "adr": True,
        "dr": uplink.data_rate or 0,
        "fCnt": uplink.frame or 0,
        "fPort": uplink.port or 1,
        "confirmed": False,
        "data": b64encode(uplink.data).decode(),
        "object": dict(uplink.values),
        "rxInfo": [_reception_event(one, identity, time) for one in uplink.heard_by],
        "txInfo": _transmission(uplink),
    }


def _transmission(uplink: Uplink) -> dict[str, object]:
    rate = min(uplink.data_rate or 0, len(_SPREADING) - 1)
    lora = {"bandwidth": 125_000, "spreadingFactor": _SPREADING[rate], "codeRate": "CR_4_5"}
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


def _dev_eui(event: dict[str, object]) -> str:
    info = event.get("deviceInfo")
    found = info.get("devEui") if isinstance(info, dict) else None
    if not isinstance(found, str):
        raise NoDevice("no deviceInfo.devEui; Jalon reads the JSON events of ChirpStack v4")
    dev_eui = found.lower()
    if not _DEV_EUI.fullmatch(dev_eui):
        raise NoDevice(f"devEui {found[:40]!r} is not 16 hexadecimal digits")
    return dev_eui


def _time(found: object) -> int | None:
    if found is None:
        return None
    try:
        return to_ms(datetime.fromisoformat(str(found)))
    except (ValueError, OverflowError):
        raise BadField(f"time {str(found)[:40]!r} is not RFC 3339") from None


def _whole(event: dict[str, object], name: str) -> int | None:
    found = event.get(name)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool):
        raise BadField(f"{name} is not a whole number")
    return found


def _data(found: object) -> bytes:
    if found is None:
        return b""
    try:
        return b64decode(str(found), validate=True)
    except ValueError:
        raise BadField("data is not Base64") from None


def _receptions(found: object) -> tuple[Reception, ...]:
    """What can be read of `rxInfo`; a gateway that says less is left out."""
    entries = found if isinstance(found, list) else []
    return tuple(
        Reception(str(entry.get("gatewayId", "")), float(entry["rssi"]), float(entry.get("snr", 0)))
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("rssi"), int | float)
        and isinstance(entry.get("snr", 0), int | float)
    )
