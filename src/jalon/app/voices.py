"""How each virtual device speaks: JSON over its own MQTT session, or LoRaWAN uplinks, in the bytes
of its type where those are declared, through the session of the network server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import orjson

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.credentials import NETWORK_SERVER, SIMULATED
from jalon.app.solution import Solution
from jalon.run.codecs import json as codec
from jalon.run.codecs.binary import Binary
from jalon.run.codecs.cayenne import CayenneLpp
from jalon.run.codecs.cbor import Cbor
from jalon.run.codecs.codec import Frame
from jalon.run.codecs.spec import BinaryCodec, CborCodec, LppCodec
from jalon.run.fleet import Device
from jalon.run.links import telemetry_topic
from jalon.run.things import Property, ThingModel
from jalon.run.virtual import chance
from jalon.run.virtual.devices import Report, VirtualDevice

HEARD = ("cmd/#", "desired", "update/offer", "update/chunk/#")
"""The ends of the topics that a device reads."""


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
    def hears(self) -> tuple[str, ...]:
        """The topic filters that it reads; none over LoRaWAN."""
        over_lorawan = self.user == SIMULATED + NETWORK_SERVER
        return () if over_lorawan else tuple(f"v1/{self.device.id}/{leaf}" for leaf in HEARD)


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
    thing = solution.things[device.thing]
    said = _Said(thing)
    if device.dev_eui is None:
        return Voice(virtual, SIMULATED + device.id, telemetry_topic(device.id), said.message)
    application = str(uuid5(NAMESPACE_OID, Path(solution.folder).resolve().name))
    topic = lorawan.uplink_topic(application, device.dev_eui)
    uplinks = _Uplinks(device, virtual, said, application, seed)
    return Voice(virtual, SIMULATED + NETWORK_SERVER, topic, uplinks)


@dataclass(frozen=True, slots=True)
class _Said:
    """A report in the words of its type of device: numbers unscaled, each at its path."""

    thing: ThingModel

    def values(self, report: Report) -> dict[str, object]:
        """What the codec, or JSON, is to write."""
        values: dict[str, object] = {}
        for name, value in report.items():
            declared = self.thing.properties[name]
            *outer, last = (declared.path or name).split(".")
            inside = values
            for key in outer:
                inside = inside.setdefault(key, {})  # type: ignore[assignment]
            written = codec.written(value)
            if type(written) in (int, float):
                written = _unscaled(written, declared)  # type: ignore[arg-type]
            inside[last] = written
        return values

    def message(self, time_ms: int, report: Report) -> bytes:
        """What an MQTT device publishes."""
        return orjson.dumps({"ts": time_ms, **self.values(report)})

    def frame(self, report: Report) -> Frame | None:
        """Its bytes, where the type declares them; a script reads, it cannot write uplinks."""
        match self.thing.codec:
            case BinaryCodec() as layout:
                return Binary(layout).encode(self.values(report))
            case LppCodec():
                return CayenneLpp().encode(self.values(report))
            case CborCodec():
                return Cbor().encode(self.values(report))
        return None


def _unscaled(number: float, declared: Property) -> float:
    if declared.scale == 1.0 and declared.offset == 0.0:
        return number
    return round((number - declared.offset) / declared.scale, 6)


class _Uplinks:
    """Writes a device's reports as ChirpStack events, heard by one or two gateways."""

    def __init__(
        self, device: Device, virtual: VirtualDevice, said: _Said, application: str, seed: int
    ) -> None:
        self._device = device
        self._said = said
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
        frame = self._said.frame(report)
        uplink = lorawan.Uplink(
            dev_eui=self._dev_eui,
            values=None if frame else self._said.values(report),
            time_ms=time_ms,
            frame=time_ms // self._period_ms & 0xFFFF_FFFF,
            port=(frame and frame.port) or 2,
            data_rate=5 if self._rssi > -100 else 3,
            data=frame.payload if frame else b"",
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
