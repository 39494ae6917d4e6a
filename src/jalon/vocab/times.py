"""UTC inside, the site's own days outside."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000


def to_ms(moment: datetime) -> int:
    """Unix milliseconds of an aware datetime; a naive one is refused with ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is ambiguous")
    return round(moment.timestamp() * 1000)


def from_ms(time_ms: int) -> datetime:
    """The UTC datetime of Unix milliseconds."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def local_day(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Start and end (exclusive) of a local calendar day, in Unix milliseconds.

    23 or 25 hours apart on the days the clock changes.
    """
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return to_ms(start), to_ms(end)


def parse_time(text: str, zone: ZoneInfo) -> int:
    """Unix milliseconds of an ISO 8601 text; without an offset it is read in `zone`.

    A local time that the clock skips is read with the offset before the change; one that comes
    twice is read as the first. Raises ValueError.
    """
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
