"""A refrigerated cabinet: compressor, defrost and door, minute by minute."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from jalon.run.signals import Cold, Door
from jalon.run.virtual import calendars, chance
from jalon.run.virtual.calendars import MINUTES
from jalon.run.virtual.chance import Floats, Ints

_AMBIENT = 21.0
_DEFROST_WARMS = 5.0
_SECONDS = 86_400
_LEAD_MIN = 480


@dataclass(frozen=True, slots=True)
class Cabinet:
    """One refrigerated device. `door` is None when it has none (or none that reports); `held_open`
    are times in which it stands open, in seconds since 1970."""

    of: int
    zone: str
    cold: Cold
    door: Door | None
    held_open: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """What the cabinet does at each minute of a UTC day. Temperatures in °C."""

    air: Floats
    probe: Floats
    running: Floats
    defrosting: Floats


Changes = tuple[tuple[int, float], ...]
"""Set-points commanded, as (minute since 1970, value), in time order."""


def setpoint_at(cold: Cold, changes: Changes, minute: int) -> float:
    """The set-point in force at a minute since 1970."""
    at = bisect_right(changes, minute, key=lambda change: change[0])
    return changes[at - 1][1] if at else cold.setpoint


@lru_cache(maxsize=512)
def day(cabinet: Cabinet, changes: Changes, utc_day: int) -> Day:
    """One UTC day, led in by the last hours of the day before."""
    cold = cabinet.cold
    first = utc_day * MINUTES - _LEAD_MIN
    length = _LEAD_MIN + MINUTES
    local = np.concatenate(
        (
            calendars.clock(cabinet.zone, utc_day - 1).minutes[-_LEAD_MIN:],
            calendars.clock(cabinet.zone, utc_day).minutes,
        )
    )
    period = max(1, round(cold.defrost_h * 60))
    # Cabinets of one shop do not all defrost at once.
    phase = int(chance.uniform(cabinet.of) * period)
    defrosting = (local + phase) % period < cold.defrost_min
    opened = np.concatenate(
        (_open_share(cabinet, utc_day - 1)[-_LEAD_MIN:], _open_share(cabinet, utc_day))
    )
    targets = [setpoint_at(cold, changes, first + minute) for minute in range(length)]
    air, running = _run(cold, targets, defrosting.tolist(), opened.tolist())
    probe = _lagged(air, cold.lag_min) if cold.lag_min else air
    kept = slice(_LEAD_MIN, None)
    return Day(air[kept], probe[kept], running[kept], defrosting[kept].astype(np.float64))


def _run(
    cold: Cold, targets: Sequence[float], defrosting: Sequence[bool], opened: Sequence[float]
) -> tuple[Floats, Floats]:
    """Air temperature and compressor state, by a two-point control around the targets."""
    air = np.empty(len(targets))
    running = np.zeros(len(targets))
    now, on = targets[0], True
    for minute, target in enumerate(targets):
        if now > target + cold.band / 2:
            on = True
        elif now < target - cold.band / 2:
            on = False
        # Insulation leaks in proportion to what lies between inside and outside.
        slope = cold.warming * (_AMBIENT - now) / max(_AMBIENT - cold.setpoint, 1.0)
        slope += cold.door_warming * opened[minute] * (_AMBIENT - now) / _AMBIENT
        if defrosting[minute]:
            slope += _DEFROST_WARMS
        elif on:
            slope -= cold.cooling + cold.warming
            running[minute] = 1
        now = min(now + slope / 60, _AMBIENT)
        air[minute] = now
    return air, running


def _lagged(air: Floats, lag_min: float) -> Floats:
    trace = np.empty(len(air))
    now, share = float(air[0]), 1 / (1 + lag_min)
    for minute, value in enumerate(air.tolist()):
        now += (value - now) * share
        trace[minute] = now
    return trace


@lru_cache(maxsize=1024)
def openings(of: int, zone: str, door: Door, utc_day: int) -> tuple[Ints, Ints]:
    """Start and end of the door's openings, in seconds of the UTC day, in time order.

    Openings never overlap and end with the day.
    """
    presence = calendars.presence(door.calendar, of, zone, utc_day)
    minutes = np.arange(MINUTES, dtype=np.int64) + utc_day * MINUTES
    busy = presence > 0
    chosen = np.flatnonzero(busy & (chance.uniforms(of + 1, minutes) < door.per_hour / 60))
    starts = chosen * 60 + (chance.uniforms(of + 2, minutes[chosen]) * 59).astype(np.int64)
    # Mostly short, sometimes long: an exponential with the mean asked for.
    lasting = -np.log1p(-chance.uniforms(of + 3, minutes[chosen])) * door.open_s + 3
    if len(starts) and chance.uniform(of + 4, utc_day) < door.forgotten:
        lasting[int(chance.uniform(of + 5, utc_day) * len(starts))] += 1500
    ends = np.minimum(starts + lasting.astype(np.int64), _SECONDS)
    ends[:-1] = np.minimum(ends[:-1], starts[1:])
    return starts, ends


def _open_share(cabinet: Cabinet, utc_day: int) -> Floats:
    """Which share of each minute the door is open. Nobody opens a cabinet without a door."""
    share = np.zeros(MINUTES)
    midnight = utc_day * _SECONDS
    held = [
        (max(start - midnight, 0), min(end - midnight, _SECONDS))
        for start, end in cabinet.held_open
    ]
    if cabinet.door is not None:
        starts, ends = openings(cabinet.of, cabinet.zone, cabinet.door, utc_day)
        held += zip(starts.tolist(), ends.tolist(), strict=True)
    for start, end in held:
        for minute in range(start // 60, min(-(-end // 60), MINUTES)):
            share[minute] += (min(end, minute * 60 + 60) - max(start, minute * 60)) / 60
    return np.minimum(share, 1.0)
