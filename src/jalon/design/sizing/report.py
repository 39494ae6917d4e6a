"""Everything that is computed, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jalon.design.blueprint import Blueprint
from jalon.design.sizing.cost import CostReport, PowerLine, cost_report, power_lines
from jalon.design.sizing.encodings import EncodedSize
from jalon.design.sizing.energy import BatteryLife, battery_lives
from jalon.design.sizing.latency import PathTime, path_times
from jalon.design.sizing.radio import RadioUse, radio_use
from jalon.design.sizing.traffic import Traffic, traffic
from jalon.design.sizing.volume import (
    BrokerLoad,
    FlowVolume,
    ThingStorage,
    broker_loads,
    flow_volumes,
    thing_encodings,
    thing_storage,
)


@dataclass(frozen=True, eq=False)
class SizingReport:
    """What the solution asks of radio, batteries, networks, broker, store, time and money."""

    traffic: tuple[Traffic, ...]
    radio: tuple[RadioUse, ...]
    batteries: tuple[BatteryLife, ...]
    volumes: tuple[FlowVolume, ...]
    brokers: tuple[BrokerLoad, ...]
    storage: tuple[ThingStorage, ...]
    paths: tuple[PathTime, ...]
    cost: CostReport | None
    power: tuple[PowerLine, ...]
    encodings: dict[str, tuple[EncodedSize, ...]]

    @property
    def empty(self) -> bool:
        """Whether nothing could be computed."""
        return not (self.radio or self.batteries or self.volumes or self.storage or self.cost)


@lru_cache(maxsize=4)
def sizing_report(blueprint: Blueprint) -> SizingReport:
    """The same for the same files: what is drawn has a fixed seed."""
    return SizingReport(
        tuple(traffic(blueprint).values()),
        radio_use(blueprint),
        battery_lives(blueprint),
        flow_volumes(blueprint),
        broker_loads(blueprint),
        thing_storage(blueprint),
        path_times(blueprint),
        cost_report(blueprint),
        power_lines(blueprint),
        thing_encodings(blueprint),
    )
