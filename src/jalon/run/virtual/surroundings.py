"""The physics around virtual devices: weather, and the air of a room with people in it.

Each UTC day is computed on a grid of minutes from a start that a nominal day before gives, so any
day can be had alone and is the same whenever it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from jalon.run.signals import Co2, Hourly, Outdoor, RoomTemperature
from jalon.run.virtual import calendars, chance
from jalon.run.virtual.calendars import MINUTES
from jalon.run.virtual.chance import Floats

_WEATHER = Outdoor(kind="outdoor-temperature")
_YEAR_MIN = 365.25 * MINUTES
_VOLUME_PER_SEAT = 7.0
# Grams of water in a m³ for each ppm of CO₂ that people add: 50 g and 17 litres an hour and
# person, more than half of it taken up by walls and clothes.
_WATER_PER_PPM = 1e-6 * 50 / 0.017 * 0.4
_THERMAL_H = 14.0
_THERMAL_WINDOWS_H = 6.0
_CLASS_SEATS = 30
_PERSON_WARMS = 0.03
_SUN_WARMS = 0.4
_LEAD_DAYS = 3
_LEAD_STEP_MIN = 10
_HEATING_MAX = 2.5
_PREHEAT_MIN = 150


@dataclass(frozen=True, slots=True)
class Place:
    """A room, or the whole site when a device has no room. `people` is its capacity; `visits` are
    times in which so many are there at least: start and end in minutes since 1970, people."""

    seed: int
    site: str
    zone: str
    room: str
    people: int
    visits: tuple[tuple[int, int, int], ...] = ()

    def key(self, *words: object) -> int:
        """A chance key that belongs to this place."""
        return chance.key(self.seed, self.site, self.room, *words)


@lru_cache(maxsize=1024)
def people(place: Place, calendar: Hourly, utc_day: int) -> Floats:
    """How many people are there at each minute."""
    share = calendars.presence(calendar, place.key("people"), place.zone, utc_day)
    crowd: Floats = np.round(share * place.people)
    for start, end, count in place.visits:
        rows = slice(max(start - utc_day * MINUTES, 0), max(end - utc_day * MINUTES, 0))
        crowd[rows] = np.maximum(crowd[rows], count)
    return crowd


@lru_cache(maxsize=512)
def outdoor(place: Place, signal: Outdoor, utc_day: int) -> Floats:
    """Outdoor temperature, °C, the same for every room of a site."""
    minutes = _minutes(utc_day)
    local = calendars.clock(place.zone, utc_day).minutes
    # Coldest at 5 o'clock; a clear sky makes the swing larger.
    swing = -np.cos(2 * np.pi * (local - 300) / MINUTES)
    clearness = 0.75 + 0.25 * chance.drifting(_sky(place), minutes / MINUTES)
    clouds = 0.4 * chance.drifting(_sky(place) + 1, minutes / 90)
    return _air_mass(place, signal, utc_day) + signal.day * swing * clearness + clouds


def _air_mass(place: Place, signal: Outdoor, utc_day: int) -> Floats:
    """Outdoor temperature without its daily swing: the season, coldest about 20 January, and the
    weather of the days."""
    minutes = _minutes(utc_day)
    season = -np.cos(2 * np.pi * (minutes - 20 * MINUTES) / _YEAR_MIN)
    weather = chance.drifting(_sky(place) + 2, minutes / (2.5 * MINUTES))
    return signal.mean + signal.season * season + 2.5 * weather


def _minutes(utc_day: int) -> Floats:
    return utc_day * MINUTES + np.arange(MINUTES, dtype=np.float64)


def _sky(place: Place) -> int:
    return chance.key(place.seed, place.site, "weather")


@lru_cache(maxsize=1024)
def co2(place: Place, signal: Co2, utc_day: int) -> Floats:
    """CO₂, ppm: rises towards a level set by the people and the air changes, and decays."""
    # Half a day of air changes leaves nothing of what was before.
    level, keep = (part[MINUTES // 2 :] for part in _air(place, signal, utc_day - 1))
    start = float(_towards(signal.outdoor, level, keep)[-1])
    return _towards(start, *_air(place, signal, utc_day))


def _air(place: Place, signal: Co2, utc_day: int) -> tuple[Floats, Floats]:
    """The level CO₂ goes towards at each minute, and what share of the distance a minute leaves."""
    crowd = people(place, signal.calendar, utc_day)
    volume = signal.volume or max(place.people, 4) * _VOLUME_PER_SEAT
    tightness = 0.7 + 0.8 * chance.uniform(place.key("tightness"))
    open_windows = _windows(place, signal.calendar, utc_day)
    changes = np.where(open_windows, signal.air_changes_windows, signal.air_changes * tightness)
    level = signal.outdoor + crowd * signal.per_person * 1000 / volume / changes
    return level, np.exp(-changes / 60)


@lru_cache(maxsize=1024)
def temperature(place: Place, signal: RoomTemperature, utc_day: int) -> Floats:
    """Air temperature of the room, °C."""
    start = signal.setback + 1.0
    # Walls remember for days: the lead is long, and coarse to stay cheap.
    for day in range(utc_day - _LEAD_DAYS, utc_day):
        start = float(_temperature_from(place, signal, day, start, _LEAD_STEP_MIN)[-1])
    return _temperature_from(place, signal, utc_day, start, 1)


def _temperature_from(
    place: Place, signal: RoomTemperature, utc_day: int, start: float, step_min: int
) -> Floats:
    outside, gains, exchange, targets = (
        column[::step_min].tolist() for column in _climate(place, signal, utc_day)
    )
    trace = np.empty(len(outside))
    inside, hours = start, step_min / 60
    rows = zip(outside, gains, exchange, targets, strict=True)
    for step, (out, gain, rate, target) in enumerate(rows):
        heating = min(max(4 * (target - inside), 0.0), _HEATING_MAX)
        inside += ((out - inside) * rate + gain + heating) * hours
        trace[step] = inside
    return trace


@lru_cache(maxsize=2048)
def _climate(
    place: Place, signal: RoomTemperature, utc_day: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Outdoor temperature (°C), gains (°C/h), exchange (1/h) and heating target (°C)."""
    outside = outdoor(place, _WEATHER, utc_day)
    local = calendars.clock(place.zone, utc_day)
    crowd = people(place, signal.calendar, utc_day)
    sun = np.clip(np.sin(np.pi * (local.minutes - 480) / 600), 0, 1)
    # Rooms differ: some face south, some have a window that does not close.
    exposure = 0.5 + chance.uniform(place.key("exposure"))
    # A room made for more people has more air and more walls to warm.
    size = max(place.people / _CLASS_SEATS, 1.0)
    gains = crowd * _PERSON_WARMS / size + sun * _SUN_WARMS * exposure
    open_windows = _windows(place, signal.calendar, utc_day)
    exchange = np.where(open_windows, 1 / _THERMAL_WINDOWS_H, 1 / _THERMAL_H)
    return outside, gains, exchange, _targets(place, signal, utc_day)


def _targets(place: Place, signal: RoomTemperature, utc_day: int) -> Floats:
    """What the heating aims at, minute by minute: comfort from before the first slot to the last's
    end on open days."""
    local = calendars.clock(place.zone, utc_day)
    targets = np.full(MINUTES, signal.setback)
    for day in np.unique(local.days):
        if calendars.is_open(signal.calendar, int(day)):
            slots = calendars.slots(signal.calendar, int(day))
            heated = (local.minutes >= slots[0][0] - _PREHEAT_MIN) & (
                local.minutes < slots[-1][1] - 30
            )
            targets[(local.days == day) & heated] = signal.comfort
    return targets


def humidity(place: Place, warmth: RoomTemperature, air: Co2, utc_day: int) -> Floats:
    """Relative humidity of the room's air, %."""
    inside = temperature(place, warmth, utc_day)
    exhaled = (co2(place, air, utc_day) - air.outdoor) * _WATER_PER_PPM
    # The dew point of the air outside follows the air mass, not the hour.
    water = _saturated(_air_mass(place, _WEATHER, utc_day) - 2.5) + exhaled
    return np.clip(100 * water / _saturated(inside), 5, 100)


def _saturated(celsius: Floats) -> Floats:
    """Grams of water in a m³ of saturated air (Magnus formula)."""
    pressure = 611.2 * np.exp(17.62 * celsius / (243.12 + celsius))
    saturated: Floats = pressure * 1000 / (461.5 * (celsius + 273.15))
    return saturated


def _windows(place: Place, calendar: Hourly, utc_day: int) -> Floats:
    """Whether windows are open: in the breaks, where the habit is."""
    local = calendars.clock(place.zone, utc_day)
    opened = np.zeros(MINUTES, dtype=np.bool_)
    habit = chance.uniform(place.key("windows"))
    for day in np.unique(local.days):
        if not calendars.is_open(calendar, int(day)):
            continue
        slots = calendars.slots(calendar, int(day))
        for (_, start), (end, _) in pairwise(slots):
            if chance.uniform(place.key("windows", start), int(day)) < habit:
                airing = (local.minutes >= start) & (local.minutes < min(end, start + 20))
                opened |= (local.days == day) & airing
    return opened.astype(np.float64)


def _towards(start: float, levels: Floats, keep: Floats) -> Floats:
    """First-order response: each minute the distance to the level shrinks by `keep`."""
    trace = np.empty(len(levels))
    now = start
    for minute, (level, share) in enumerate(zip(levels.tolist(), keep.tolist(), strict=True)):
        now = level + (now - level) * share
        trace[minute] = now
    return trace
