"""Which periods an export has to write: whole hours, days, weeks or months of a zone."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jalon.run.edges import bucket_edges
from jalon.run.ports import Calendar
from jalon.vocab.times import from_ms


class Period(NamedTuple):
    """`[start_ms, end_ms)`; days of 23 and 25 hours, and an hour that comes twice, included."""

    start_ms: int
    end_ms: int


def period_of(every: Calendar, zone: ZoneInfo, time_ms: int) -> Period:
    """The period a moment is in."""
    start, end = bucket_edges(time_ms, time_ms + 1, every, zone)[:2]
    return Period(start, end)


def over(every: Calendar, zone: ZoneInfo, since_ms: int, now_ms: int, wait_ms: int) -> list[Period]:
    """Periods that begin at `since_ms` or later and ended `wait_ms` ago or earlier, the oldest
    first. Raises UsageError for more than can be."""
    edges = bucket_edges(since_ms, now_ms - wait_ms, every, zone)
    return [
        Period(start, end)
        for start, end in pairwise(edges)
        if start >= since_ms and end + wait_ms <= now_ms
    ]


def label(every: Calendar, zone: ZoneInfo, period: Period) -> str:
    """What the period is called in the name of a file; no two periods of a zone are called the
    same."""
    local: datetime = from_ms(period.start_ms).astimezone(zone)
    match every:
        case Calendar.HOUR:
            return local.strftime("%Y-%m-%dT%H%z")
        case Calendar.DAY:
            return local.strftime("%Y-%m-%d")
        case Calendar.WEEK:
            return local.strftime("%G-W%V")
        case Calendar.MONTH:
            return local.strftime("%Y-%m")
