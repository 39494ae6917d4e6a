"""When schedules send their commands: local times of the site, through changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from cronsim import CronSim

from jalon.run.calendars import OpeningHours
from jalon.run.commands.spec import Edge, Missed, Schedule
from jalon.vocab.times import from_ms, to_ms

_MOST = 1_000
ON_TIME_MS = 60_000
"""An occurrence is on time while it is no older; what is older was missed."""


def times(
    schedule: Schedule, calendar: OpeningHours | None, zone: ZoneInfo, after_ms: int, until_ms: int
) -> Iterator[int]:
    """When it is due (Unix ms) in `(after_ms, until_ms]`. `calendar` is the one it names."""
    cron = cron_of(schedule)
    if cron is None:
        if calendar is not None:
            yield from _edges(calendar, schedule.on is Edge.OPENS, after_ms, until_ms)
        return
    for moment in occurrences(cron, zone, after_ms, until_ms):
        if calendar is None or calendar.is_open(moment):
            yield moment


def _edges(calendar: OpeningHours, opens: bool, after_ms: int, until_ms: int) -> Iterator[int]:
    edge = calendar.next_edge_ms(after_ms)
    while edge is not None and edge <= until_ms:
        if calendar.is_open(edge) is opens:
            yield edge
        edge = calendar.next_edge_ms(edge)


def cron_of(schedule: Schedule) -> str | None:
    """The times of a schedule as a cron expression; None for one that follows a calendar."""
    if schedule.cron is not None:
        return schedule.cron
    if schedule.at is None:
        return None
    hour, minute = schedule.at.split(":")
    days = ",".join(one.value for one in schedule.days) or "*"
    return f"{int(minute)} {int(hour)} * * {days}"


def occurrences(cron: str, zone: ZoneInfo, after_ms: int, until_ms: int) -> Iterator[int]:
    """Moments (Unix ms) in `(after_ms, until_ms]`, at most a thousand.

    A local time that the clock skips in spring is moved behind the gap; one that comes twice in
    autumn comes once. Expressions that run every hour or more often follow the real time.
    """
    moments = CronSim(cron, from_ms(after_ms).astimezone(zone))
    for _number in range(_MOST):
        moment = next(moments, None)
        if moment is None or to_ms(moment) > until_ms:
            return
        if to_ms(moment) > after_ms:
            yield to_ms(moment)


def chosen(schedule: Schedule, due: Sequence[int], now_ms: int) -> list[int]:
    """Those of the occurrences up to now that are to be run: on time, or made up for, of which only
    the last one counts."""
    on_time = [one for one in due if now_ms - one <= ON_TIME_MS]
    if on_time or schedule.missed is Missed.SKIP:
        return on_time
    late = [one for one in due if now_ms - one <= schedule.late]
    return late[-1:]
