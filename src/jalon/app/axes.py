"""Round numbers and times for the axes of charts."""

from __future__ import annotations

import math
from datetime import timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from jalon.app.formats import Formats
from jalon.vocab.times import DAY_MS, from_ms, to_ms

_HOUR_MS = 3_600_000


def y_steps(low: float, high: float) -> list[float]:
    """Four to seven round numbers that enclose `[low, high]`."""
    if high == low:
        margin = abs(low) * 0.1 or 1.0
        low, high = low - margin, high + margin
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= raw * 0.999)
    first = math.floor(low / step)
    last = math.ceil(high / step)
    return [index * step for index in range(first, last + 1)]


def x_steps(start_ms: int, end_ms: int, zone: ZoneInfo, formats: Formats) -> list[tuple[int, str]]:
    """Up to eight local times with their labels."""
    length = end_ms - start_ms
    if length > 2 * DAY_MS:
        return _days((start_ms, end_ms), zone, formats, max(1, math.ceil(length / DAY_MS / 7)))
    widths = (5, 10, 15, 30, 60, 120, 180, 240, 360)
    step = next((w * 60_000 for w in widths if length / (w * 60_000) <= 8), 12 * _HOUR_MS)
    offset = from_ms(start_ms).astimezone(zone).utcoffset() or timedelta()
    shift = round(offset.total_seconds() * 1000)
    first = -(-(start_ms + shift) // step) * step - shift
    return [
        (at, format_datetime(from_ms(at), "HH:mm", tzinfo=zone, locale=formats.locale))
        for at in range(first, end_ms, step)
    ]


def _days(
    span: tuple[int, int], zone: ZoneInfo, formats: Formats, every: int
) -> list[tuple[int, str]]:
    day = from_ms(span[0]).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    steps = []
    day += timedelta(days=1)
    while to_ms(day) < span[1]:
        steps.append((to_ms(day), format_datetime(day, "d MMM", locale=formats.locale)))
        day += timedelta(days=every)
    return steps
