"""Virtual devices: what a real device of the same type would report, for any moment.

Nothing is remembered between calls except what was commanded and what a scenario does: a value
follows from the seed, the device, the property and the time, so back-fill and real time agree
wherever they meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from jalon.run.fleet import Device, Room, Site
from jalon.run.signals import Battery, Co2, Cold, Door, RoomHumidity, RoomTemperature, Signal
from jalon.run.things import Property, PropertyType, ThingModel
from jalon.run.virtual import chance, waves
from jalon.run.virtual.cabinets import Cabinet, Changes
from jalon.run.virtual.chance import Floats, Ints
from jalon.run.virtual.fates import Fate
from jalon.run.virtual.surroundings import Place
from jalon.run.virtual.waves import Scene, Wave
from jalon.vocab.reading import Value
from jalon.vocab.times import DAY_MS

DEFAULT_PERIOD_S = 600.0
_CLASSROOM = 26
_HOUR_MS = 3_600_000
_YEAR_MS = 365.25 * DAY_MS
_DRIFT_EPOCH_MS = 1_735_689_600_000  # 2025-01-01
# What a sensor cannot report, however noisy it is.
_BOUNDS: dict[type[Signal], tuple[float, float]] = {
    Co2: (350, 40_000),
    RoomHumidity: (0, 100),
    Battery: (0, 100),
}

Report = dict[str, Value]
"""Property → value, as one message carries them."""


@dataclass(frozen=True, slots=True)
class Radio:
    """How messages get lost: each one by chance `loss`, and by outages of up to `outage_h` hours
    that begin on a day by chance `outage`."""

    loss: float = 0.004
    outage: float = 0.02
    outage_h: float = 3.0


WIRED = Radio()
LORAWAN = Radio(loss=0.015, outage=0.04)


class VirtualDevice:
    """One device that exists only as arithmetic. `seed` makes another, equally likely, world."""

    def __init__(
        self, device: Device, thing: ThingModel, site: Site, room: Room | None, seed: int = 0
    ) -> None:
        self.id = device.id
        self.period_ms = round((thing.period_s or DEFAULT_PERIOD_S) * 1000)
        self.radio = WIRED if device.dev_eui is None else LORAWAN
        self._of = chance.key(seed, device.id)
        self._signals = {
            name: (declared, declared.signal)
            for name, declared in thing.properties.items()
            if declared.signal is not None
        }
        crowd = room.capacity if room and room.capacity is not None else _CLASSROOM
        self._place = Place(seed, site.id, site.zone, room.id if room else "", crowd)
        self._changes: Changes = ()
        self.fate = Fate()

    @property
    def properties(self) -> list[str]:
        """The properties it reports: those with a signal."""
        return list(self._signals)

    def times(self, start_ms: int, end_ms: int) -> list[int]:
        """When it would report in `[start_ms, end_ms)`, were nothing ever lost.

        Every device has its own phase, and each report comes up to a few seconds late.
        """
        phase = self._of % self.period_ms
        first = -((phase - start_ms) // self.period_ms) - 1
        last = -((phase - end_ms) // self.period_ms)
        ticks = np.arange(first, last + 1, dtype=np.int64)
        jitter = min(3000, self.period_ms // 10)
        late = (chance.uniforms(chance.key(self._of, "late"), ticks) * jitter).astype(np.int64)
        moments = ticks * self.period_ms + phase + late
        kept: list[int] = moments[(moments >= start_ms) & (moments < end_ms)].tolist()
        return kept

    def report(self, time_ms: int) -> Report | None:
        """What it reports at that moment; None when that message is lost on the way."""
        return next((values for _, values in self._reports([time_ms])), None)

    def reports(self, start_ms: int, end_ms: int) -> Iterator[tuple[int, Report]]:
        """Every report that arrives of `[start_ms, end_ms)`, with its time, in time order."""
        for day in range(start_ms // DAY_MS, -(-end_ms // DAY_MS)):
            start, end = max(start_ms, day * DAY_MS), min(end_ms, (day + 1) * DAY_MS)
            yield from self._reports(self.times(start, end))

    def command(self, setpoint: float, time_ms: int) -> bool:
        """Change the set-point from `time_ms` on; False when the device has none."""
        if not any(isinstance(signal, Cold) for _, signal in self._signals.values()):
            return False
        self._changes = (*self._changes, (time_ms // waves.MINUTE_MS, setpoint))
        return True

    def hold(self, name: str, value: Value, time_ms: int) -> bool:
        """Report this value from then on; False when it reports no such property."""
        if name not in self._signals:
            return False
        self.fate.hold(name, value, time_ms)
        return True

    def _reports(self, times: list[int]) -> Iterator[tuple[int, Report]]:
        """The reports at `times`, all of one UTC day, but for those that are lost."""
        moments = np.array(times, dtype=np.int64)
        moments = moments[self._arrives(moments)] if len(moments) else moments
        if not len(moments) or not self._signals:
            return
        scene = self._scene()
        columns = [
            self.fate.over(name, self._column(scene, name, declared, signal, moments), moments)
            for name, (declared, signal) in self._signals.items()
        ]
        names = list(self._signals)
        for time_ms, *values in zip(moments.tolist(), *columns, strict=True):
            yield time_ms, dict(zip(names, values, strict=True))

    def _scene(self) -> Scene:
        signals = [signal for _, signal in self._signals.values()]
        warmth = next((s for s in signals if isinstance(s, RoomTemperature)), None)
        air = next((s for s in signals if isinstance(s, Co2)), None)
        cold = next((s for s in signals if isinstance(s, Cold)), None)
        door = next((s for s in signals if isinstance(s, Door)), None)
        cold = cold or Cold(kind="cold")
        cabinet = Cabinet(self._of, self._place.zone, cold, door, self.fate.held_open)
        warmth = warmth or RoomTemperature(kind="room-temperature")
        place = replace(self._place, visits=self.fate.visits)
        return Scene(self._of, place, warmth, air, cabinet, self._changes)

    def _column(
        self, scene: Scene, name: str, declared: Property, signal: Signal, times: Ints
    ) -> list[Value]:
        key = chance.key(self._of, name)
        times = _stuck(key, signal, times)
        wave = waves.wave(scene, signal, times)
        if declared.type not in (PropertyType.NUMBER, PropertyType.INTEGER):
            values: list[Value] = wave.tolist()
            return values
        return _sensed(key, declared, signal, times, wave.astype(np.float64))

    def _arrives(self, times: Ints) -> Wave:
        radio, key = self.radio, chance.key(self._of, "radio")
        arrives = chance.uniforms(key, times) >= radio.loss
        day = int(times[0]) // DAY_MS
        if chance.uniform(key + 1, day) < radio.outage:
            start = day * DAY_MS + int(chance.uniform(key + 2, day) * DAY_MS)
            lasts = int(chance.uniform(key + 3, day) * radio.outage_h * _HOUR_MS)
            arrives &= (times < start) | (times >= start + lasts)
        return arrives & self.fate.heard(times)


def _stuck(key: int, signal: Signal, times: Ints) -> Ints:
    """A stuck sensor goes on reporting what it saw when it got stuck."""
    day = int(times[0]) // DAY_MS
    if not signal.stuck or chance.uniform(key + 1, day) >= signal.stuck:
        return times
    start = day * DAY_MS + int(chance.uniform(key + 2, day) * 16 * _HOUR_MS)
    end = start + int((2 + 6 * chance.uniform(key + 3, day)) * _HOUR_MS)
    return np.where((times >= start) & (times < end), start, times)


def _sensed(key: int, declared: Property, signal: Signal, times: Ints, true: Floats) -> list[Value]:
    """The true value through the sensor: noise, drift, bounds, spikes, resolution."""
    seen = true
    if signal.noise:
        seen = seen + signal.noise * chance.normals(key, times)
    if signal.drift:
        seen = seen + signal.drift * (times - _DRIFT_EPOCH_MS) / _YEAR_MS
    if bounds := _BOUNDS.get(type(signal)):
        seen = np.clip(seen, *bounds)
    if signal.spikes:
        far = _beyond(declared, float(np.max(np.abs(true))))
        seen = np.where(chance.uniforms(key + 4, times) < signal.spikes, far, seen)
    if signal.resolution:
        digits = max(0, math.ceil(-math.log10(signal.resolution)) + 1)
        seen = np.round(np.round(seen / signal.resolution) * signal.resolution, digits)
    if declared.type is PropertyType.INTEGER:
        whole: list[Value] = np.round(seen).astype(np.int64).tolist()
        return whole
    values: list[Value] = seen.tolist()
    return values


def _beyond(declared: Property, largest: float) -> float:
    """A value no healthy sensor gives: beyond the declared range when there is one."""
    if declared.maximum is not None:
        span = declared.maximum - (declared.minimum or 0.0)
        return declared.maximum + 0.2 * abs(span)
    return 10 * largest + 100
