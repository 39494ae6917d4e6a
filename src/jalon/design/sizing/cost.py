"""What a device costs over the years, with its share of what is shared; and the energy of all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from jalon.design.blueprint import Blueprint
from jalon.design.sizing.energy import BatteryLife, battery_lives
from jalon.design.sizing.figures import Label, Money, Range, exact
from jalon.design.sizing.traffic import count_of
from jalon.design.spec.sizing import DeviceSizing, PowerSource
from jalon.design.structure.graph import Node, graph
from jalon.vocab.text import N_, Text

HOURS_A_YEAR = 8766
_GATEWAY_W = Range(3, 5, 8)
"""Watts of a gateway when nothing is written."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """A component, or a shared cost (`devices` 0), over all years and all devices. `once` is
    bought at the beginning, `running` comes with the years, battery changes included."""

    id: str
    label: Label
    devices: int
    once: Money
    running: Money
    changes: Range

    @property
    def total(self) -> Money:
        """All of it."""
        return self.once.plus(self.running)


@dataclass(frozen=True, slots=True)
class PowerLine:
    """Energy of a component or of something shared, in kWh a year."""

    label: Label
    kwh: Range
    assumed: bool


@dataclass(frozen=True, slots=True)
class CostReport:
    """Euros over `years` for `devices` devices; `month` is one device's."""

    years: int
    devices: int
    lines: tuple[CostLine, ...]
    once: Money
    running: Money
    month: Money

    @property
    def total(self) -> Money:
        """All of it."""
        return self.once.plus(self.running)


def device_count(blueprint: Blueprint) -> int:
    """Devices by which costs are shared: those of components that stand for device types."""
    nodes = graph(blueprint).components
    counted = [count_of(one, blueprint) for one in nodes if one.component and one.component.things]
    return sum(counted) or sum(one.devices for one in blueprint.things.values())


def cost_report(blueprint: Blueprint) -> CostReport | None:
    """None when no cost is written at all, or there are no devices."""
    devices = device_count(blueprint)
    lines = [*_device_lines(blueprint), *_shared_lines(blueprint)]
    written = any(_priced(one) for one in blueprint.sizing.devices) or bool(blueprint.sizing.shared)
    if not written or not devices:
        return None
    once, running = Money(), Money()
    for line in lines:
        once, running = once.plus(line.once), running.plus(line.running)
    years = blueprint.sizing.years
    whole = once.plus(running)
    divisor = Decimal(devices * years * 12)
    month = Money(*(end / divisor for end in (whole.low, whole.typical, whole.high)))
    return CostReport(years, devices, tuple(lines), once, running, month)


def _priced(one: DeviceSizing) -> bool:
    return any(
        (
            one.hardware_eur,
            one.installation_eur,
            one.connectivity_eur_year,
            one.upkeep_eur_year,
        )
    )


def _device_lines(blueprint: Blueprint) -> list[CostLine]:
    nodes = graph(blueprint).nodes
    lives = {one.node.id: one for one in battery_lives(blueprint)}
    found = []
    for device in blueprint.sizing.devices:
        node = nodes.get(device.id)
        if node is not None and node.component is not None:
            found.append(_line(blueprint, device, node, lives.get(device.id)))
    return found


def _line(
    blueprint: Blueprint, device: DeviceSizing, node: Node, life: BatteryLife | None
) -> CostLine:
    years = blueprint.sizing.years
    count = count_of(node, blueprint)
    bought = Money.of(device.hardware_eur).plus(Money.of(device.installation_eur))
    yearly = Money.of(device.connectivity_eur_year).plus(Money.of(device.upkeep_eur_year))
    running = yearly.times(years)
    power = power_of(node, device)
    if power is not None and power[1] is False:
        running = running.plus(_electricity(blueprint, power[0]).times(years))
    changes = Range(0, 0, 0)
    if life is not None:
        each = bought
        if device.replaceable:
            cells = Money(*life.cell.price_eur).times(life.count)
            each = cells.plus(Money.of(blueprint.sizing.prices.battery_change))
        changes = battery_changes(years, life.years)
        running = running.plus(
            Money(
                each.low * int(changes.low),
                each.typical * int(changes.typical),
                each.high * int(changes.high),
            )
        )
    return CostLine(node.id, node.names, count, bought.times(count), running.times(count), changes)


def battery_changes(years: int, life: Range) -> Range:
    """Changes of one device's battery within the years: none when it lasts as long. The longest
    life gives the fewest."""

    def times(lasting: float) -> int:
        return max(0, math.ceil(years / lasting) - 1) if lasting > 0 else 0

    return Range(times(life.high), times(life.typical), times(life.low))


def _shared_lines(blueprint: Blueprint) -> list[CostLine]:
    years = blueprint.sizing.years
    found = []
    for one in blueprint.sizing.shared:
        running = Money.of(one.year_eur).times(years)
        if one.power_w is not None:
            power = _electricity(blueprint, Range.of(one.power_w))
            running = running.plus(power.times(years))
        none = Range(0, 0, 0)
        found.append(CostLine(one.id, one.name.names, 0, Money.of(one.once_eur), running, none))
    return found


def _electricity(blueprint: Blueprint, watts: Range) -> Money:
    """Euros a year."""
    price = blueprint.sizing.prices.electricity_kwh
    kwh = watts.times(HOURS_A_YEAR / 1000)
    return Money(
        exact(kwh.low) * price.low, exact(kwh.typical) * price.typical, exact(kwh.high) * price.high
    )


def power_of(node: Node, device: DeviceSizing | None) -> tuple[Range, bool] | None:
    """Watts of one, and whether that is our assumption. A gateway takes 3 to 8 W when nothing is
    written."""
    if device is not None and device.power_w is not None:
        return Range.of(device.power_w), False
    on_cells = device is not None and (device.battery or device.power is PowerSource.BATTERY)
    if "gateway" in node.kinds and not on_cells:
        return _GATEWAY_W, True
    return None


def power_lines(blueprint: Blueprint) -> tuple[PowerLine, ...]:
    """Energy a year of what is on mains, and of the batteries."""
    own = {one.id: one for one in blueprint.sizing.devices}
    found = []
    for node in graph(blueprint).components:
        power = power_of(node, own.get(node.id))
        if power is not None:
            kwh = power[0].times(count_of(node, blueprint) * HOURS_A_YEAR / 1000)
            found.append(PowerLine(node.names, kwh, power[1]))
    for one in blueprint.sizing.shared:
        if one.power_w is not None:
            kwh = Range.of(one.power_w).times(HOURS_A_YEAR / 1000)
            found.append(PowerLine(one.name.names, kwh, assumed=False))
    cells = sum(
        life.joules_a_day * 365.25 / 3.6e6 * count_of(life.node, blueprint)
        for life in battery_lives(blueprint)
    )
    if cells:
        found.append(PowerLine(Text(N_("All batteries")), Range.of(cells), assumed=False))
    return tuple(found)
