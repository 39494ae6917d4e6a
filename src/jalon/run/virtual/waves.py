"""The true value of each kind of signal at given moments, before the sensor's own flaws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jalon.run.signals import (
    Battery,
    Choice,
    Co2,
    Co2Level,
    Cold,
    Compressor,
    Constant,
    Daily,
    Door,
    Outdoor,
    People,
    Power,
    Presence,
    RoomHumidity,
    RoomTemperature,
    Route,
    Setpoint,
    Signal,
)
from jalon.run.virtual import cabinets, calendars, chance, surroundings
from jalon.run.virtual.cabinets import Cabinet, Changes
from jalon.run.virtual.calendars import MINUTES
from jalon.run.virtual.chance import Floats, Ints
from jalon.run.virtual.surroundings import Place
from jalon.vocab.reading import Location
from jalon.vocab.times import DAY_MS

MINUTE_MS = 60_000
_BATTERY_EPOCH_MS = 1_735_689_600_000  # 2025-01-01
_KM_PER_DEGREE = 111.2
# Share of full voltage at each share of charge left, of a lithium thionyl chloride cell: flat for
# most of its life, then a knee.
_CHARGE = (0.0, 0.03, 0.08, 0.2, 0.5, 0.9, 1.0)
_VOLTAGE = (0.0, 0.35, 0.62, 0.8, 0.9, 0.97, 1.0)

Wave = NDArray[Any]
"""Floats, or objects for texts and locations."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a device's signals share: where it is, its cabinet, its room's heating and air."""

    of: int
    place: Place
    warmth: RoomTemperature
    air: Co2 | None
    cabinet: Cabinet
    changes: Changes


def wave(scene: Scene, signal: Signal, times: Ints) -> Wave:
    """The values at `times` (Unix ms, all of one UTC day, ascending)."""
    return _WAVES[type(signal)](scene, signal, times)


def _day(times: Ints) -> int:
    return int(times[0]) // DAY_MS


def _at(grid: Floats, times: Ints) -> Floats:
    """A minute grid read between its points."""
    positions = (times - _day(times) * DAY_MS) / MINUTE_MS
    return np.interp(positions, np.arange(MINUTES), grid)


def _held(grid: Floats, times: Ints) -> Floats:
    """A minute grid read without going between its points, for what is counted or switched."""
    return grid[(times % DAY_MS) // MINUTE_MS]


def _co2(scene: Scene, signal: Co2, times: Ints) -> Wave:
    return _at(surroundings.co2(scene.place, signal, _day(times)), times)


def _temperature(scene: Scene, signal: RoomTemperature, times: Ints) -> Wave:
    return _at(surroundings.temperature(scene.place, signal, _day(times)), times)


def _humidity(scene: Scene, signal: RoomHumidity, times: Ints) -> Wave:
    air = scene.air or Co2(kind="co2", calendar=signal.calendar)
    return _at(surroundings.humidity(scene.place, scene.warmth, air, _day(times)), times)


def _people(scene: Scene, signal: People, times: Ints) -> Wave:
    return _held(surroundings.people(scene.place, signal.calendar, _day(times)), times)


def _presence(scene: Scene, signal: Presence, times: Ints) -> Wave:
    return _held(surroundings.people(scene.place, signal.calendar, _day(times)), times) > 0


def _outdoor(scene: Scene, signal: Outdoor, times: Ints) -> Wave:
    return _at(surroundings.outdoor(scene.place, signal, _day(times)), times)


def _cold(scene: Scene, signal: Cold, times: Ints) -> Wave:
    # Probes that differ only in lag and flaws see one and the same compressor.
    cabinet = replace(scene.cabinet, cold=signal)
    return _at(cabinets.day(cabinet, scene.changes, _day(times)).probe, times)


def _setpoint(scene: Scene, _signal: Setpoint, times: Ints) -> Wave:
    cold = scene.cabinet.cold
    minutes = (times // MINUTE_MS).tolist()
    return np.array([cabinets.setpoint_at(cold, scene.changes, minute) for minute in minutes])


def _door(scene: Scene, signal: Door, times: Ints) -> Wave:
    cabinet = scene.cabinet
    starts, ends = cabinets.openings(cabinet.of, cabinet.zone, signal, _day(times))
    seconds = (times % DAY_MS) // 1000
    is_open = np.zeros(len(times), dtype=np.bool_)
    for start, end in cabinet.held_open:
        is_open |= (times // 1000 >= start) & (times // 1000 < end)
    if len(starts):
        last = np.searchsorted(starts, seconds, side="right") - 1
        is_open |= (last >= 0) & (seconds < ends[np.maximum(last, 0)])
    return is_open


def _power(scene: Scene, signal: Power, times: Ints) -> Wave:
    day = cabinets.day(scene.cabinet, scene.changes, _day(times))
    running = signal.idle_w + day.running * (signal.running_w - signal.idle_w)
    return _held(np.where(day.defrosting > 0, signal.defrost_w, running), times)


def _compressor(scene: Scene, signal: Compressor, times: Ints) -> Wave:
    day = cabinets.day(scene.cabinet, scene.changes, _day(times))
    states = np.where(day.defrosting > 0, 2, day.running)
    words = np.array([signal.idle, signal.running, signal.defrost], dtype=object)
    return words[_held(states, times).astype(np.int64)]


def _co2_level(scene: Scene, signal: Co2Level, times: Ints) -> Wave:
    air = scene.air or Co2(kind="co2", calendar=signal.calendar)
    seen = _at(surroundings.co2(scene.place, air, _day(times)), times)
    words = np.array(signal.words, dtype=object)
    return words[np.minimum(np.searchsorted(signal.limits, seen), len(words) - 1)]


def _battery(scene: Scene, signal: Battery, times: Ints) -> Wave:
    started = chance.uniform(scene.of) if signal.started is None else signal.started
    age = (times - _BATTERY_EPOCH_MS) / (signal.life_days * DAY_MS) + started
    left = 1 - np.mod(age, 1.0)
    if signal.curve == "lithium":
        left = np.interp(left, _CHARGE, _VOLTAGE)
    return signal.empty + (signal.full - signal.empty) * left


def _daily(scene: Scene, signal: Daily, times: Ints) -> Wave:
    local = calendars.clock(scene.place.zone, _day(times))
    minutes = _held(local.minutes.astype(np.float64), times)
    # 1970-01-01 was a Thursday.
    rest = (_held(local.days.astype(np.float64), times) + 3) % 7 >= 5
    swing = signal.amplitude * np.cos(2 * np.pi * (minutes / 60 - signal.peak_hour) / 24)
    values = signal.mean + np.where(rest, signal.weekend, 1.0) * swing
    return values if signal.floor is None else np.maximum(values, signal.floor)


def _constant(_scene: Scene, signal: Constant, times: Ints) -> Wave:
    return np.full(len(times), signal.value, dtype=object)


def _choice(scene: Scene, signal: Choice, times: Ints) -> Wave:
    spells = times // max(1, round(signal.lasts_min * MINUTE_MS))
    drawn = chance.uniforms(chance.key(scene.of, "choice"), spells) * len(signal.values)
    return np.array(signal.values, dtype=object)[drawn.astype(np.int64)]


def _route(scene: Scene, signal: Route, times: Ints) -> Wave:
    local = calendars.clock(scene.place.zone, _day(times))
    rows = (times % DAY_MS) // MINUTE_MS
    minutes = local.minutes[rows] + (times % MINUTE_MS) / MINUTE_MS
    departs = signal.departs.hour * 60 + signal.departs.minute
    found = np.empty(len(times), dtype=object)
    legs = _timetable(signal)
    for row, (day, minute) in enumerate(
        zip(local.days[rows].tolist(), minutes.tolist(), strict=True)
    ):
        late = 25 * chance.uniform(scene.of, day)
        away = minute - departs - late if calendars.is_open(signal.calendar, day) else 0.0
        found[row] = _along(legs, away)
    return found


def _timetable(signal: Route) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Minutes after departure with latitude and longitude then: arrival at and departure from
    every stop, there and back."""
    there = signal.stops
    stops = [*there, *there[-2::-1]]
    times, places = [0.0], [stops[0]]
    for before, after in pairwise(stops):
        north = after.latitude - before.latitude
        east = (after.longitude - before.longitude) * math.cos(math.radians(after.latitude))
        driving = math.hypot(north, east) * _KM_PER_DEGREE / signal.speed * 60
        times += [times[-1] + driving, times[-1] + driving + signal.stop_min]
        places += [after, after]
    return (
        tuple(times),
        tuple(place.latitude for place in places),
        tuple(place.longitude for place in places),
    )


def _along(
    legs: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]], minute: float
) -> Location:
    times, latitudes, longitudes = legs
    # 5 decimals of a degree: one metre, as a satellite receiver reports.
    return Location(
        round(float(np.interp(minute, times, latitudes)), 5),
        round(float(np.interp(minute, times, longitudes)), 5),
    )


_WAVES: dict[type[Signal], Callable[[Scene, Any, Ints], Wave]] = {
    Co2: _co2,
    RoomTemperature: _temperature,
    RoomHumidity: _humidity,
    People: _people,
    Presence: _presence,
    Outdoor: _outdoor,
    Cold: _cold,
    Setpoint: _setpoint,
    Door: _door,
    Power: _power,
    Compressor: _compressor,
    Co2Level: _co2_level,
    Battery: _battery,
    Daily: _daily,
    Constant: _constant,
    Choice: _choice,
    Route: _route,
}
