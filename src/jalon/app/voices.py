"""How each virtual device speaks: JSON over its own MQTT session, or LoRaWAN uplinks through the
session of the network server."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import orjson

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.credentials import NETWORK_SERVER
from jalon.app.solution import Solution
from jalon.run.codecs import json as codec
from jalon.run.fleet import Device
from jalon.run.links import telemetry_topic
from jalon.run.virtual import chance
from jalon.run.virtual.devices import Report, VirtualDevice


@dataclass(frozen=True, slots=True)
class Voice:
    """A virtual device with the user it connects as and the words it uses.

    `encode` makes the payload of a report at a time (Unix ms).
    """

    device: VirtualDevice
    user: str
    topic: str
    encode: Callable[[int, Report], bytes]

    @property
    def commands(self) -> tuple[str, ...]:
        """The topic filters on which it takes commands; none over LoRaWAN."""
        return () if self.user == NETWORK_SERVER else (f"v1/{self.device.id}/cmd/#",)


def voices(solution: Solution, seed: int, at_most: int | None = None) -> list[Voice]:
    """A voice for every device of the fleet that has something to say, the first ones first."""
    found = []
    for device in solution.fleet.devices:
        virtual = VirtualDevice(
            device,
            solution.things[device.thing],
            solution.site(device.site),
            solution.room(device),
            seed,
        )
        if virtual.properties:
            found.append(_voice(solution, device, virtual, seed))
    return found[:at_most]


def _voice(solution: Solution, device: Device, virtual: VirtualDevice, seed: int) -> Voice:
    if device.dev_eui is None:
        return Voice(virtual, device.id, telemetry_topic(device.id), _json)
    application = str(uuid5(NAMESPACE_OID, Path(solution.folder).resolve().name))
    topic = lorawan.uplink_topic(application, device.dev_eui)
    return Voice(virtual, NETWORK_SERVER, topic, _Uplinks(device, virtual, application, seed))


def _json(time_ms: int, report: Report) -> bytes:
    values = {name: codec.written(value) for name, value in report.items()}
    return orjson.dumps({"ts": time_ms, **values})


class _Uplinks:
    """Writes a device's reports as ChirpStack events, heard by one or two gateways."""

    def __init__(self, device: Device, virtual: VirtualDevice, application: str, seed: int) -> None:
        self._device = device
        self._dev_eui = device.dev_eui or ""
        self._period_ms = virtual.period_ms
        self._application = application
        self._of = chance.key(seed, device.id, "uplink")
        # Deep in the building, or next to the gateway.
        self._rssi = -118 + 45 * chance.uniform(self._of)
        self._gateways = [
            f"{chance.key(seed, device.site, 'gateway', number):016x}" for number in (1, 2)
        ]

    def __call__(self, time_ms: int, report: Report) -> bytes:
        uplink = lorawan.Uplink(
            dev_eui=self._dev_eui,
            values={name: codec.written(value) for name, value in report.items()},
            time_ms=time_ms,
            frame=time_ms // self._period_ms & 0xFFFF_FFFF,
            port=2,
            data_rate=5 if self._rssi > -100 else 3,
            data=_packed(report),
            heard_by=self._receptions(time_ms),
            dev_addr=f"{self._of & 0xFFFFFFFF:08x}",
        )
        event = lorawan.encode(uplink, self._application, self._device.name, self._device.thing)
        return orjson.dumps(event)

    def _receptions(self, time_ms: int) -> tuple[lorawan.Reception, ...]:
        heard = []
        for number, gateway in enumerate(self._gateways):
            fading = chance.uniform(self._of + 1 + number, time_ms) * 12
            rssi = round(self._rssi - 14 * number - fading)
            if rssi > -125 or number == 0:
                heard.append(
                    lorawan.Reception(gateway, rssi, round(min(10.0, (rssi + 115) / 3), 1))
                )
        return tuple(heard)


def _packed(report: Report) -> bytes:
    """The frame as a frugal device would send it: a byte for each boolean, two for each number
    in tenths."""
    parts = []
    for value in report.values():
        if isinstance(value, bool):
            parts.append(struct.pack(">B", value))
        elif isinstance(value, int | float):
            parts.append(struct.pack(">h", max(-32768, min(32767, round(value * 10)))))
    return b"".join(parts)
