"""What a component's devices do to the radio band, spreading factor by spreading factor."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.catalogues.lorawan_eu868 import SubBand, by_spreading, eu868, sub_band
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.lorawan import (
    frames_per_day,
    frames_per_hour,
    off_time,
    offered_load,
    success,
    uplink_ms,
)
from jalon.design.sizing.traffic import DAY_S, Traffic, count_of, traffic
from jalon.design.spec.sizing import DeviceSizing, Lorawan
from jalon.design.structure.graph import Node

_MANY_DOWNLINKS = 10
"""A day and device; every one of them silences a gateway for all others."""


@dataclass(frozen=True, slots=True)
class AirRow:
    """One spreading factor. `share` of the devices, 0 to 1; `duty` is the share of time that one
    device transmits, `load` and `delivered` those of ALOHA."""

    spreading: int
    data_rate: str
    payload_max: int
    share: float
    airtime_ms: float
    off_s: float
    hourly_limit: int
    fair_limit: int
    duty: float
    load: float
    delivered: float


@dataclass(frozen=True, slots=True)
class RadioUse:
    """A component on LoRaWAN. Messages and downlinks are those of one device in a day."""

    node: Node
    traffic: Traffic
    settings: Lorawan
    index: int | None
    band: SubBand
    payload: int
    messages: float
    rows: tuple[AirRow, ...]
    downlinks: float
    devices: int

    @property
    def used(self) -> tuple[AirRow, ...]:
        """The rows of spreading factors that devices have."""
        return tuple(row for row in self.rows if row.share)

    @property
    def duty(self) -> float:
        """The mean share of time that a device transmits."""
        return sum(row.share * row.duty for row in self.rows)

    @property
    def loss(self) -> float:
        """Share of frames lost to others, over all devices; the worse case of pure ALOHA."""
        return 1 - sum(row.share * row.delivered for row in self.rows)

    @property
    def too_many_downlinks(self) -> bool:
        """Whether gateways would often be deaf while they answer."""
        limit = eu868().fair_use.downlinks if self.settings.public else _MANY_DOWNLINKS
        return self.downlinks > limit


def radio_use(blueprint: Blueprint) -> tuple[RadioUse, ...]:
    """Every component that sends by LoRaWAN, a flow each."""
    own = {one.id: (index, one) for index, one in enumerate(blueprint.sizing.devices)}
    found = []
    for flow in traffic(blueprint).values():
        edge = flow.edge
        if edge.protocol is None or edge.protocol.id != "lorawan" or edge.down:
            continue
        index, device = own.get(edge.source.id, (None, None))
        if flow.payload is not None and flow.per_sender is not None:
            found.append(_use(blueprint, flow, device, index))
    return tuple(found)


def _use(
    blueprint: Blueprint, flow: Traffic, device: DeviceSizing | None, index: int | None
) -> RadioUse:
    settings = (device.lorawan if device else None) or Lorawan()
    band = sub_band(settings.sub_band) or eu868().sub_bands[2]
    messages = messages_of(flow, device)
    devices = count_of(flow.edge.source, blueprint)
    shares = settings.spreading.by_factor
    total = sum(shares.values())
    payload = flow.payload or 0
    rows = []
    for number, rate in sorted(by_spreading().items()):
        share = shares.get(number, 0) / total
        airtime = uplink_ms(payload, number, settings.mac_bytes)
        heard = (devices + settings.neighbours) * share
        load = offered_load(heard, airtime, DAY_S / messages if messages else 0, settings.channels)
        rows.append(
            AirRow(
                number,
                rate.id,
                rate.payload_max,
                share,
                airtime,
                off_time(airtime, band.duty) / 1000,
                frames_per_hour(airtime, band.duty),
                frames_per_day(airtime, eu868().fair_use.uplink_s),
                messages * airtime / 1000 / DAY_S,
                load,
                success(load),
            )
        )
    downlinks = settings.downlinks_per_day + settings.confirmed * messages
    source = flow.edge.source
    return RadioUse(
        source, flow, settings, index, band, payload, messages, tuple(rows), downlinks, devices
    )


def messages_of(flow: Traffic | None, device: DeviceSizing | None) -> float:
    """Messages of one device in a day: as written for it, else those of its flow."""
    if device is not None and device.messages_per_day is not None:
        return device.messages_per_day
    return (flow.per_sender if flow else None) or 0.0
