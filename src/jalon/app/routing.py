"""Which message becomes which series: the fleet's topics and properties, for the intake."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.adapters.links.mqtt.codec import matcher
from jalon.app.solution import Solution
from jalon.run.admission import Source, Target
from jalon.run.codecs.codec import Codec, Frame
from jalon.run.fleet import Device
from jalon.run.intake import Envelope, Intake, Wrapped
from jalon.run.links import telemetry_topic
from jalon.run.ports import Series, SeriesSpec

FRAMES = "v1/+/frame/#"
FILTERS = ("v1/+/telemetry", FRAMES, lorawan.UPLINK_FILTER)
"""Where values arrive; every other topic is for somebody else."""
RELEASED = (*FILTERS, "v1/+/event", "v1/+/state", lorawan.EVENT_FILTER)
"""What the broker need not keep once we have passed it: all that an account may publish. Commands,
which may wait for a sleeping device, are not among it."""

SeriesByName = Mapping[tuple[str, str], Series]


def specs(solution: Solution) -> list[SeriesSpec]:
    """The series this solution keeps: every property that its devices report."""
    return [
        SeriesSpec(
            device.id, name, declared.kind, declared.unit or "", solution.site(device.site).zone
        )
        for device in solution.fleet.devices
        for name, declared in solution.properties(device).items()
        if not declared.write_only
    ]


def by_name(series: Sequence[Series]) -> SeriesByName:
    """The series by (device, property)."""
    return {(one.spec.device, one.spec.property): one for one in series}


def intake(
    solution: Solution, series: SeriesByName, codecs: Mapping[str, Codec] | None = None
) -> Intake:
    """The intake of this solution; a `dev_eui` is heard through a network server.

    `codecs` are those of the Thing Models that have one, by thing. Every device has its own topic
    too: the broker lets only an MQTT device, a link or an import use it.
    """
    topics: dict[str, Source] = {}
    keys: dict[str, Source] = {}
    for device in solution.fleet.devices:
        plain = source(solution, device, series)
        topics[telemetry_topic(device.id)] = plain
        codec = (codecs or {}).get(device.thing)
        coded = replace(plain, codec=codec) if codec else plain
        keys[device.id] = coded
        if device.dev_eui is not None:
            keys[device.dev_eui] = coded
    return Intake(topics, keys, ENVELOPES)


def source(solution: Solution, device: Device, series: SeriesByName) -> Source:
    """A device that speaks JSON, with what it may report and the series that keep it."""
    reported = {
        name: declared
        for name, declared in solution.properties(device).items()
        if not declared.write_only
    }
    return Source(
        device=device.id,
        targets={
            name: Target.of(series[device.id, name].id, declared)
            for name, declared in reported.items()
        },
        paths={
            name: tuple(declared.path.split("."))
            for name, declared in reported.items()
            if declared.path is not None
        },
        retired=device.retired is not None,
    )


def _unwrap_uplink(_topic: str, value: object) -> Wrapped:
    uplink = lorawan.decode(value)
    frame = Frame(uplink.data, uplink.port, uplink.time_ms or 0) if uplink.data else None
    return Wrapped(uplink.dev_eui, uplink.values, frame, uplink.time_ms)


_FRAME = re.compile("v1/([^/]+)/frame(?:/([0-9]{1,3}))?")


def _unwrap_frame(topic: str, payload: object) -> Wrapped:
    """Bytes for the codec of the device's type: `v1/<device>/frame`, then the FPort if any."""
    found = _FRAME.fullmatch(topic)
    if found is None or not isinstance(payload, bytes):
        raise ValueError("expected v1/<device>/frame or v1/<device>/frame/<port>")
    device, port = found.groups()
    return Wrapped(device, frame=Frame(payload, int(port) if port else None))


ENVELOPES = (
    Envelope(lorawan.is_uplink_topic, _unwrap_uplink),
    Envelope(matcher([FRAMES]), _unwrap_frame, binary=True),
)
