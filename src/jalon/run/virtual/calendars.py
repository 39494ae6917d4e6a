"""When people are where: the local clock of a UTC day, and the presence it brings.

Simulation goes by UTC days of 1440 minutes, so that every day has the same length; what people do
follows the local clock, the days of 23 and 25 hours included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from jalon.run.signals import Hourly
from jalon.run.virtual import chance
from jalon.run.virtual.chance import Floats, Ints

MINUTES = 1440
_EPOCH = date(1970, 1, 1)
# Slots of presence, in local minutes of the day; what lies between them is a break.
_SCHOOL = ((510, 600), (615, 720), (810, 930), (945, 990))
_SCHOOL_WEDNESDAY = ((510, 600), (615, 720))
_OFFICE = ((510, 735), (810, 1080))
_SHOP = ((540, 1170),)
_ALWAYS = ((0, 1440),)
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
# Easter Monday, Ascension Day, Whit Monday, in days after Easter Sunday.
_MOVING_HOLIDAYS = frozenset({1, 39, 50})


@dataclass(frozen=True, slots=True)
class Clock:
    """The local clock at each of the 1440 minutes of a UTC day: `days` since 1970-01-01 and
    `minutes` of that day."""

    days: Ints
    minutes: Ints


@lru_cache(maxsize=512)
def clock(zone: str, utc_day: int) -> Clock:
    """The local clock during one UTC day (days since 1970-01-01)."""
    tz = ZoneInfo(zone)
    start = datetime.combine(_EPOCH + timedelta(days=utc_day), datetime.min.time(), UTC)
    offsets = [
        int((start + timedelta(minutes=m)).astimezone(tz).utcoffset() / timedelta(minutes=1))  # type: ignore[operator]
        for m in range(0, MINUTES, 15)
    ]
    local = utc_day * MINUTES + np.arange(MINUTES, dtype=np.int64) + np.repeat(offsets, 15)
    return Clock(local // MINUTES, local % MINUTES)


@lru_cache(maxsize=4096)
def is_open(calendar: Hourly, local_day: int) -> bool:
    """Whether people come at all on that local day (days since 1970-01-01)."""
    day = _EPOCH + timedelta(days=local_day)
    if calendar is Hourly.ALWAYS:
        return True
    if is_public_holiday(day):
        return False
    if calendar is Hourly.SHOP:
        return day.weekday() < 6
    if calendar is Hourly.SCHOOL and is_school_holiday(day):
        return False
    return day.weekday() < 5


def is_public_holiday(day: date) -> bool:
    """The eleven public holidays of metropolitan France."""
    return (day.month, day.day) in _FIXED_HOLIDAYS or (
        day - _easter(day.year)
    ).days in _MOVING_HOLIDAYS


def is_school_holiday(day: date) -> bool:
    """The pattern of French school holidays, good for any year: two weeks from the third Saturday
    of October, December and February and the second of April, and the summer. The real dates
    differ by zone and are set by decree; a simulation needs only their rhythm."""
    if day.month == 8 or (day.month == 7 and day >= _saturday(day.year, 7, 1)):
        return True
    starts = [_saturday(day.year, month, nth) for month, nth in ((2, 3), (4, 2), (10, 3))]
    starts += [_saturday(year, 12, 3) for year in (day.year - 1, day.year)]
    return any(timedelta(0) <= day - start < timedelta(days=16) for start in starts)


def presence(calendar: Hourly, of: int, zone: str, utc_day: int) -> Floats:
    """The share of a place's capacity that is there, at each minute of a UTC day.

    `of` is the place's key: two sensors in one room see the same people.
    """
    local = clock(zone, utc_day)
    found = np.zeros(MINUTES)
    for day in np.unique(local.days):
        if is_open(calendar, int(day)):
            rows = local.days == day
            found[rows] = _day_of(calendar, of, int(day))[local.minutes[rows]]
    return found


def slots(calendar: Hourly, local_day: int) -> tuple[tuple[int, int], ...]:
    """From when to when people are there on an open day, in local minutes."""
    match calendar:
        case Hourly.SCHOOL:
            # 1970-01-01 was a Thursday.
            return _SCHOOL_WEDNESDAY if (local_day + 3) % 7 == 2 else _SCHOOL
        case Hourly.OFFICE:
            return _OFFICE
        case Hourly.SHOP:
            return _SHOP
        case Hourly.ALWAYS:
            return _ALWAYS


@lru_cache(maxsize=2048)
def _day_of(calendar: Hourly, of: int, local_day: int) -> Floats:
    share = np.zeros(MINUTES)
    draws = chance.uniforms(of, np.arange(8, dtype=np.int64) + local_day * 16)
    minutes = np.arange(MINUTES, dtype=np.float64)
    ramp = 4.0 if calendar is Hourly.SCHOOL else 35.0
    for slot, (start, end) in enumerate(slots(calendar, local_day)):
        if calendar is Hourly.SCHOOL and draws[slot] < 0.1:
            continue  # the class is elsewhere: sport, library, outing
        level = (0.8 + 0.18 * draws[7]) if calendar is Hourly.SCHOOL else 0.3 + 0.5 * draws[slot]
        arriving = np.clip((minutes - start) / ramp, 0, 1)
        leaving = np.clip((end - minutes) / ramp, 0, 1)
        share = np.maximum(share, level * np.minimum(arriving, leaving))
    return share


def _saturday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(5 - first.weekday()) % 7 + 7 * (nth - 1))


@lru_cache(maxsize=64)
def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)
