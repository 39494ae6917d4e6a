"""Which message becomes which series: the fleet's topics and properties, for the intake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.solution import Solution
from jalon.run.fleet import Device
from jalon.run.intake import Envelope, Intake, Source, Target
from jalon.run.ports import Series, SeriesSpec

FILTERS = ("v1/+/telemetry", lorawan.UPLINK_FILTER)
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


def telemetry_topic(device_id: str) -> str:
    """Where an MQTT device publishes its values."""
    return f"v1/{device_id}/telemetry"


def intake(solution: Solution, series: SeriesByName) -> Intake:
    """The intake of this solution; a `dev_eui` is heard through a network server.

    Every device has its own topic too: the broker lets only an MQTT device or an import use it.
    """
    topics, keys = {}, {}
    for device in solution.fleet.devices:
        topics[telemetry_topic(device.id)] = source(solution, device, series)
        if device.dev_eui is not None:
            keys[device.dev_eui] = topics[telemetry_topic(device.id)]
    return Intake(topics, keys, [Envelope(lorawan.is_uplink_topic, _unwrap_uplink)])


def source(solution: Solution, device: Device, series: SeriesByName) -> Source:
    """A device with what it may report and the series that keep it."""
    targets = {
        name: Target.of(series[device.id, name].id, declared)
        for name, declared in solution.properties(device).items()
        if not declared.write_only
    }
    return Source(device.id, targets)


def _unwrap_uplink(value: object) -> tuple[str, object, object]:
    uplink = lorawan.decode(value)
    return uplink.dev_eui, dict(uplink.values), uplink.time_ms
