"""Where buckets begin and end, in fixed widths or by a zone's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from jalon.run.ports import Calendar
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms, local_day

HOUR_MS = 3_600_000
MOST_BUCKETS = 100_000
_STEP_MS = 6 * HOUR_MS
_SHORTEST_MS = {
    Calendar.HOUR: HOUR_MS,
    Calendar.DAY: 24 * HOUR_MS,
    Calendar.WEEK: 7 * 24 * HOUR_MS,
    Calendar.MONTH: 28 * 24 * HOUR_MS,
}


def bucket_edges(start_ms: int, end_ms: int, width: int | Calendar, zone: ZoneInfo) -> list[int]:
    """Ascending bounds: bucket i is `[edges[i], edges[i + 1])`; empty for an empty range.

    Fixed widths begin at `start_ms` and the last one is cut at `end_ms`; calendar buckets are
    whole, so the first may begin before `start_ms` and the last end after `end_ms`. Raises
    UsageError for more than MOST_BUCKETS, a width below 1 or years the calendar does not have.
    """
    shortest = _SHORTEST_MS[width] if isinstance(width, Calendar) else width
    if shortest < 1 or (end_ms - start_ms) / shortest > MOST_BUCKETS:
        text = N_("The range would need more than {most} intervals. Take wider ones.")
        raise UsageError(Text(text, {"most": MOST_BUCKETS}))
    if start_ms >= end_ms:
        return []
    try:
        match width:
            case int():
                return [*range(start_ms, end_ms, width), end_ms]
            case Calendar.HOUR:
                return _hours(start_ms, end_ms, zone)
            case Calendar.DAY | Calendar.WEEK | Calendar.MONTH:
                return _days(start_ms, end_ms, width, zone)
    except (OverflowError, ValueError) as error:
        text = N_("The calendar does not reach that far. Choose a range of this century.")
        raise UsageError(Text(text)) from error


def offset_ms(zone: ZoneInfo, time_ms: int) -> int:
    """What the zone adds to UTC at that moment, in milliseconds."""
    offset = from_ms(time_ms).astimezone(zone).utcoffset()
    return int((offset or timedelta()) / timedelta(milliseconds=1))


def clock_changes(zone: ZoneInfo, start_ms: int, end_ms: int) -> list[int]:
    """Moments in `(start_ms, end_ms]` at which the zone's offset becomes another one."""
    changes = []
    before = start_ms
    offset = offset_ms(zone, before)
    while before < end_ms:
        after = min(before + _STEP_MS, end_ms)
        if offset_ms(zone, after) != offset:
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                if offset_ms(zone, middle) == offset:
                    low = middle
                else:
                    high = middle
            changes.append(high)
            offset = offset_ms(zone, after)
        before = after
    return changes


def _hours(start_ms: int, end_ms: int, zone: ZoneInfo) -> list[int]:
    """Hours of the wall clock; a clock change always begins a new one."""
    first, last = start_ms - HOUR_MS, end_ms + HOUR_MS
    changes = clock_changes(zone, first, last)
    edges = set(changes)
    for begin, end in zip([first, *changes], [*changes, last + 1], strict=True):
        into_hour = (begin + offset_ms(zone, begin)) % HOUR_MS
        edges.update(range(begin + -into_hour % HOUR_MS, end, HOUR_MS))
    return _around(sorted(edges), start_ms, end_ms)


def _days(start_ms: int, end_ms: int, width: Calendar, zone: ZoneInfo) -> list[int]:
    day = _first_day(from_ms(start_ms).astimezone(zone).date(), width)
    edges: list[int] = []
    while not edges or edges[-1] < end_ms:
        edge = local_day(day, zone)[0]
        if not edges or edge > edges[-1]:  # a day that a zone skipped has no length
            edges.append(edge)
        day = _next_day(day, width)
    return _around(edges, start_ms, end_ms)


def _first_day(day: date, width: Calendar) -> date:
    if width is Calendar.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if width is Calendar.MONTH else day


def _next_day(day: date, width: Calendar) -> date:
    if width is Calendar.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if width is Calendar.WEEK else 1)


def _around(edges: list[int], start_ms: int, end_ms: int) -> list[int]:
    """From the last edge at or before the start to the first at or after the end."""
    first = max(i for i, edge in enumerate(edges) if edge <= start_ms)
    last = min(i for i, edge in enumerate(edges) if edge >= end_ms)
    return edges[first : last + 1]
