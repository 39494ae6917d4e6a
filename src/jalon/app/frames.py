"""The raw frames of a device beside what the intake makes of them now, and how they were heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app import routing
from jalon.app.codecs import open_codecs
from jalon.app.ingest import decode_whole
from jalon.app.running import Running
from jalon.run.batch import Columns, DeadLetter, RawBatch
from jalon.run.fleet import Device, Fleet
from jalon.run.frames import RawFrame
from jalon.run.intake import Decoded
from jalon.run.radio import Hearing, Reception
from jalon.run.things import Property
from jalon.vocab.reading import Location, Quality, Value, ValueKind


@dataclass(frozen=True, slots=True)
class SaidValue:
    """A value that a frame gives today."""

    name: str
    prop: Property
    time_ms: int
    value: Value
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class Explained:
    """A frame with its values, what was refused of it, and how it was heard over the air.

    `bytes` are the device's own where the frame wraps them (LoRaWAN), else the payload. `warnings`
    are what its codec says of it, in whatever language.
    """

    frame: RawFrame
    values: tuple[SaidValue, ...]
    refused: tuple[DeadLetter, ...]
    hearing: Hearing | None
    bytes: bytes
    warnings: tuple[str, ...] = ()


def explain(running: Running, device: Device, limit: int) -> list[Explained]:
    """The newest `limit` frames of the device, decoded again with the solution as it is now."""
    solution = running.solution
    thing = solution.things[device.thing]
    alone = replace(
        solution,
        fleet=Fleet(sites=solution.fleet.sites, devices=[device]),
        things={device.thing: thing},
    )
    frames = running.frames.of(device.id)[:limit]
    # The intake's own codec is for its thread only.
    with open_codecs(alone) as codecs:
        intake = routing.intake(alone, running.series, codecs)
        decoded = [
            decode_whole(intake, RawBatch([one.topic], [one.payload], [one.time_ms]))
            for one in frames
        ]
    names = {
        running.series[device.id, name].id: (name, prop)
        for name, prop in solution.properties(device).items()
        if (device.id, name) in running.series
    }
    return [_explained(*one, names) for one in zip(frames, decoded, strict=True)]


def _explained(
    frame: RawFrame, decoded: Decoded, names: Mapping[int, tuple[str, Property]]
) -> Explained:
    uplink = _uplink(frame)
    return Explained(
        frame,
        tuple(_values(decoded.columns, names)),
        tuple(decoded.letters),
        _hearing(frame, uplink) if uplink else None,
        uplink.data if uplink and uplink.data else frame.payload,
        decoded.warnings.get(0, ()),
    )


def hearings(frames: Sequence[RawFrame]) -> list[Hearing]:
    """How the LoRaWAN uplinks among the frames were heard, in the order of the frames."""
    return [_hearing(one, uplink) for one in frames if (uplink := _uplink(one))]


def _uplink(frame: RawFrame) -> lorawan.Uplink | None:
    if not lorawan.is_uplink_topic(frame.topic):
        return None
    try:
        return lorawan.decode(orjson.loads(frame.payload))
    except ValueError:
        return None


def _hearing(frame: RawFrame, uplink: lorawan.Uplink) -> Hearing:
    spreading = f"SF{uplink.spreading}" if uplink.spreading else ""
    rate = f"DR{uplink.data_rate}" if uplink.data_rate is not None else ""
    return Hearing(
        frame.time_ms,
        uplink.frame,
        uplink.spreading,
        " · ".join(filter(None, (rate, spreading))),
        tuple(Reception(one.gateway, one.rssi, one.snr) for one in uplink.heard_by),
    )


def _values(columns: Columns, names: Mapping[int, tuple[str, Property]]) -> list[SaidValue]:
    found = []
    for row, series in enumerate(columns.series):
        name, prop = names[series]
        value: Value = columns.numbers[row]
        match prop.kind:
            case ValueKind.BOOLEAN:
                value = bool(value)
            case ValueKind.TEXT:
                value = columns.texts[row]
            case ValueKind.LOCATION:
                value = Location.parse(columns.texts[row])
        quality = Quality(columns.flaws.get(row, Quality.GOOD))
        found.append(SaidValue(name, prop, columns.times_ms[row], value, quality))
    return found
