"""How long a battery lasts: drawn many times from what is not known exactly.

Each figure is drawn from a triangle between its low, typical and high; the spreading factor from
the shares of the devices. The seed is fixed: the same files give the same years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from jalon.catalogues.batteries import Battery, batteries
from jalon.catalogues.radio_energy import EnergyProfile, Phase, energy_profiles
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.battery import day_charge, life_years, phase_charge, with_retries
from jalon.design.sizing.figures import Label, Range
from jalon.design.sizing.lorawan import uplink_ms
from jalon.design.sizing.radio import messages_of
from jalon.design.sizing.traffic import Traffic, traffic
from jalon.design.spec.sizing import BatteryPack, DeviceSizing, Lorawan
from jalon.design.structure.graph import Node, graph
from jalon.vocab.text import N_, Text

DRAWS = 1000
_SEED = 5
_SLOWEST = 12
"""The spreading factor at which receive windows stay open longer."""

Draw = Mapping[str, float]
"""A value for each factor, by its id."""


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is not known exactly."""

    id: str
    label: Label
    range: Range


@dataclass(frozen=True, slots=True)
class Share:
    """What a term takes of the charge of a typical day, in mAh."""

    label: Label
    mah: float


@dataclass(frozen=True, slots=True)
class Swing:
    """Years with one factor at its low and at its high, all others typical."""

    label: Label
    range: Range
    at_low: float
    at_high: float

    @property
    def size(self) -> float:
        """Years between the two."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class BatteryLife:
    """Years of one component's battery. `years` are P10, P50, P90 after the cap of the shelf life;
    `uncapped` is P50 without it, `typical_years` with every figure typical. `swings` come largest
    first. Charges in mAh."""

    node: Node
    index: int
    cell: Battery
    profile: EnergyProfile
    count: int
    messages: float
    message_mah: float
    day_mah: float
    years: Range
    uncapped: float
    typical_years: float
    shelf: tuple[float, float]
    shares: tuple[Share, ...]
    swings: tuple[Swing, ...]

    @property
    def capped(self) -> bool:
        """Whether the cells would outlive what they can be kept."""
        return self.uncapped > self.shelf[0]

    @property
    def joules_a_message(self) -> float:
        """Energy of one message."""
        return self.message_mah * 3.6 * self.cell.volts

    @property
    def joules_a_day(self) -> float:
        """Energy of one day, self-discharge left out."""
        return self.day_mah * 3.6 * self.cell.volts


@lru_cache(maxsize=4)
def battery_lives(blueprint: Blueprint) -> tuple[BatteryLife, ...]:
    """Every component whose cells and profile are known, in the order of sizing.yaml."""
    nodes = graph(blueprint).nodes
    found = []
    for index, device in enumerate(blueprint.sizing.devices):
        node = nodes.get(device.id)
        cell = batteries().get(device.battery.cell) if device.battery else None
        profile = profile_of(device)
        if node is not None and device.battery is not None and cell and profile:
            flow = main_flow(blueprint, node.id)
            model = _Model(device, device.battery, cell, profile, flow)
            found.append(model.life(node, index))
    return tuple(found)


@lru_cache(maxsize=64)
def life_with(blueprint: Blueprint, component: str, profile: str) -> BatteryLife | None:
    """How long the component's battery would last on another radio; None without a battery."""
    node = graph(blueprint).nodes.get(component)
    for index, device in enumerate(blueprint.sizing.devices):
        cell = batteries().get(device.battery.cell) if device.battery else None
        other = energy_profiles().get(profile)
        if device.id == component and node and device.battery and cell and other:
            flow = main_flow(blueprint, component)
            changed = device.model_copy(update={"sleep_ua": None, "profile": profile})
            return _Model(changed, device.battery, cell, other, flow).life(node, index)
    return None


def profile_of(device: DeviceSizing) -> EnergyProfile | None:
    """Its profile: as written; LoRaWAN's when it says how it uses LoRaWAN."""
    if device.profile is None and device.lorawan is not None:
        return energy_profiles()["lorawan-class-a"]
    return energy_profiles().get(device.profile or "")


def main_flow(blueprint: Blueprint, component: str) -> Traffic | None:
    """The flow that a component's own messages take: the most frequent that leaves it."""
    leaving = [
        one
        for one in traffic(blueprint).values()
        if one.edge.source.id == component and not one.edge.down
    ]
    return max(leaving, key=lambda one: one.per_day or 0, default=None)


class _Model:
    """One device: its factors, and the years that values of them give."""

    def __init__(
        self,
        device: DeviceSizing,
        pack: BatteryPack,
        cell: Battery,
        profile: EnergyProfile,
        flow: Traffic | None,
    ) -> None:
        self._device, self._pack, self._cell, self._profile = device, pack, cell, profile
        self._messages = messages_of(flow, device)
        self._payload = (flow.payload if flow else None) or 0
        lorawan = device.lorawan or Lorawan()
        shares = lorawan.spreading.by_factor
        self._spreading = sorted(shares)
        self._weights = [shares[number] / sum(shares.values()) for number in self._spreading]
        self._airtimes = {
            number: uplink_ms(self._payload, number, lorawan.mac_bytes) / 1000
            for number in range(7, 13)
        }
        self._done = [
            (f"do-{one.id}", self._messages if one.per_day is None else one.per_day)
            for one in device.activities
        ]
        self._on_air = any(phase.airtime for phase in profile.phases)
        shelf = pack.shelf_life_y
        self._shelf = (shelf.low, shelf.high) if shelf else cell.shelf_life
        self.factors = {one.id: one for one in self._factors()}

    def _factors(self) -> list[Factor]:
        device, cell, pack = self._device, self._cell, self._pack
        sleep = Range.of(device.sleep_ua) if device.sleep_ua else Range.of(self._profile.sleep_ua)
        found = [
            Factor("sleep", Text(N_("Current asleep (µA)")), sleep),
            Factor("retries", Text(N_("Share sent again")), Range.of(device.retries)),
            Factor("capacity", Text(N_("Capacity of a cell (mAh)")), Range.of(cell.capacity)),
            Factor("usable", Text(N_("Share of it that is usable")), Range.of(pack.usable)),
            Factor(
                "discharge",
                Text(N_("Self-discharge (% a year)")),
                Range.of(cell.self_discharge),
            ),
        ]
        if pack.cold_share:
            label = Text(N_("Share left at −20 °C"))
            found.append(Factor("cold", label, Range.of(cell.cold)))
        if self._on_air:
            label = Text(N_("Spreading factor"))
            found.append(Factor("spreading", label, self._spread_range()))
        for phase in self._profile.phases:
            current, seconds = Range.of(phase.current_ma), Range.of(phase.seconds)
            found.append(Factor(f"{phase.id}-mA", phase.names, current))
            if not phase.airtime and not seconds.sure:
                found.append(Factor(f"{phase.id}-s", phase.names, seconds))
        for one in device.activities:
            charge = Range(
                one.current_ma.low * one.seconds.low / 3600,
                one.current_ma.typical * one.seconds.typical / 3600,
                one.current_ma.high * one.seconds.high / 3600,
            )
            label = Text(N_("{name}: charge (mAh)"), {"name": one.name})
            found.append(Factor(f"do-{one.id}", label, charge))
        return found

    def _spread_range(self) -> Range:
        """The lowest and highest factor in use, and the median of the devices'."""
        reached = 0.0
        middle = self._spreading[-1]
        for number, weight in zip(self._spreading, self._weights, strict=True):
            reached += weight
            if reached >= 0.5:
                middle = number
                break
        return Range(self._spreading[0], middle, self._spreading[-1])

    def life(self, node: Node, index: int) -> BatteryLife:
        """Everything about it."""
        typical = {one.id: one.range.typical for one in self.factors.values()}
        drawn = self._drawn()
        message, day, shares = self._charges(typical)
        shelf = self._shelf
        return BatteryLife(
            node,
            index,
            self._cell,
            self._profile,
            self._pack.count,
            self._messages,
            message,
            day,
            drawn[0],
            drawn[1],
            self._years(typical),
            shelf,
            shares,
            tuple(self._swings(typical)),
        )

    def _drawn(self) -> tuple[Range, float]:
        """P10, P50 and P90 of years, capped by draws of the shelf life; and P50 uncapped."""
        import numpy

        source = numpy.random.default_rng(_SEED)
        columns = {
            one.id: numpy.full(DRAWS, one.range.typical)
            if one.range.sure
            else source.triangular(one.range.low, one.range.typical, one.range.high, DRAWS)
            for one in self.factors.values()
        }
        chosen = source.choice(self._spreading, DRAWS, p=self._weights)
        years = numpy.empty(DRAWS)
        for number in self._spreading:
            some = chosen == number
            # Arrays take the place of numbers: the formulas add, multiply and divide only.
            draw = {name: cast(float, column[some]) for name, column in columns.items()}
            years[some] = self._years({**draw, "spreading": number})
        kept = numpy.minimum(years, source.uniform(*self._shelf, DRAWS))
        low, middle, high = (float(one) for one in numpy.percentile(kept, [10, 50, 90]))
        return Range(low, middle, high), float(numpy.median(years))

    def _swings(self, typical: Draw) -> list[Swing]:
        found = []
        for one in self.factors.values():
            if not one.range.sure:
                low = self._years({**typical, one.id: one.range.low})
                high = self._years({**typical, one.id: one.range.high})
                found.append(Swing(self._label(one), one.range, low, high))
        return sorted(found, key=lambda swing: -swing.size)

    def _label(self, one: Factor) -> Label:
        """Phases have two factors: the label says which."""
        name = one.id.removesuffix("-mA").removesuffix("-s")
        phase = next((two for two in self._profile.phases if two.id == name), None)
        if phase is None:
            return one.label
        message = N_("{phase}: current (mA)") if one.id.endswith("-mA") else N_("{phase}: time (s)")
        return Text(message, {"phase": phase.names})

    def _years(self, draw: Draw) -> float:
        phases, done = self._parts(draw)
        day = day_charge(self._messages, sum(phases), draw["sleep"], sum(done))
        cold = 1 - self._pack.cold_share * (1 - draw.get("cold", 1))
        capacity = draw["capacity"] * self._pack.count
        return life_years(capacity, draw["usable"] * cold, day, draw["discharge"] / 100)

    def _parts(self, draw: Draw) -> tuple[list[float], list[float]]:
        """mAh of each phase of a message with its repetitions; mAh a day of each activity."""
        retries = draw["retries"]
        phases = [with_retries(self._phase(one, draw), retries) for one in self._profile.phases]
        return phases, [draw[name] * times for name, times in self._done]

    def _charges(self, draw: Draw) -> tuple[float, float, tuple[Share, ...]]:
        """mAh of a message, mAh of a day, and what takes how much of it."""
        phases, done = self._parts(draw)
        message = sum(phases)
        day = day_charge(self._messages, message, draw["sleep"], sum(done))
        lost = draw["capacity"] * self._pack.count * draw["discharge"] / 100 / 365
        shares = (
            *(
                Share(phase.names, charge * self._messages)
                for phase, charge in zip(self._profile.phases, phases, strict=True)
            ),
            *(
                Share(one.name.names, charge)
                for one, charge in zip(self._device.activities, done, strict=True)
            ),
            Share(Text(N_("Asleep")), draw["sleep"] / 1000 * 24),
            Share(Text(N_("Self-discharge")), lost),
        )
        return message, day, shares

    def _phase(self, phase: Phase, draw: Draw) -> float:
        spreading = int(draw.get("spreading", 7))
        if phase.airtime:
            seconds = self._airtimes[spreading]
        else:
            seconds = draw.get(f"{phase.id}-s", phase.seconds[1])
            if phase.seconds_slow and spreading >= _SLOWEST:
                seconds = phase.seconds_slow[1]
            if phase.bit_rate:
                seconds += self._payload * 8 / phase.bit_rate
        return phase_charge([(draw[f"{phase.id}-mA"], seconds)])
