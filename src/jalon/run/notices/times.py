"""When somebody may be told: hours, quiet hours and digests, in local time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jalon.run.calendars import CalendarsFile, OpeningHours, calendars_of
from jalon.run.notices.delivery import Hold
from jalon.run.notices.spec import DAYS, Channel, Digest, Hours
from jalon.vocab.times import DAY_MS, from_ms, to_ms

OpenAt = Callable[[str, int, ZoneInfo], bool]
"""Whether the calendar of that id is open at a moment (Unix ms), its hours read in a zone."""
_LOOK_DAYS = 15
_CALENDAR_STEP_MS = 5 * 60_000


def always(_calendar: str, _at_ms: int, _zone: ZoneInfo) -> bool:
    """For solutions without calendars."""
    return True


def opening(file: CalendarsFile) -> OpenAt:
    """Asks the calendars of a solution; one that is not there is always open."""
    known = calendars_of(file)
    cached: dict[tuple[str, str], OpeningHours] = {}

    def is_open(calendar: str, at_ms: int, zone: ZoneInfo) -> bool:
        spec = known.get(calendar)
        if spec is None:
            return True
        hours = cached.setdefault((calendar, zone.key), OpeningHours(spec, zone))
        return hours.is_open(at_ms)

    return is_open


def local_ms(day: date, clock: str, zone: ZoneInfo) -> int:
    """A time of day; one that the clock skips is read with the offset before the change, one that
    comes twice is the first."""
    return to_ms(datetime.combine(day, time.fromisoformat(clock), zone))


def _windows(hours: Hours, day: date, days: int, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """`[start, end)` of those that begin on `days` days from the day before `day`."""
    over = hours.end <= hours.start
    for number in range(-1, days):
        begins = day + timedelta(days=number)
        if DAYS[begins.weekday()] not in hours.days:
            continue
        start = local_ms(begins, hours.start, zone)
        end = local_ms(begins + timedelta(days=over), hours.end, zone)
        if start < end:
            yield start, end


def within(hours: Hours, at_ms: int, zone: ZoneInfo, is_open: OpenAt = always) -> bool:
    """Whether the moment is inside."""
    day = from_ms(at_ms).astimezone(zone).date()
    inside = any(start <= at_ms < end for start, end in _windows(hours, day, 1, zone))
    return inside and (hours.calendar is None or is_open(hours.calendar, at_ms, zone))


def next_inside(hours: Hours, at_ms: int, zone: ZoneInfo, is_open: OpenAt = always) -> int:
    """The first moment from `at_ms` on that is inside; `at_ms` itself when there is none for two
    weeks: better told at a bad time than never. With a calendar, to five minutes."""
    day = from_ms(at_ms).astimezone(zone).date()
    for start, end in _windows(hours, day, _LOOK_DAYS, zone):
        moment = max(start, at_ms)
        while moment < end:
            if hours.calendar is None or is_open(hours.calendar, moment, zone):
                return moment
            moment += _CALENDAR_STEP_MS
    return at_ms


def next_outside(hours: Hours, at_ms: int, zone: ZoneInfo, is_open: OpenAt = always) -> int:
    """The first moment from `at_ms` on that is outside; in two weeks at the latest."""
    moment = at_ms
    while moment < at_ms + (_LOOK_DAYS - 1) * DAY_MS:
        day = from_ms(moment).astimezone(zone).date()
        around = [end for start, end in _windows(hours, day, 1, zone) if start <= moment < end]
        if not around or (hours.calendar and not is_open(hours.calendar, moment, zone)):
            return moment
        step = moment + _CALENDAR_STEP_MS if hours.calendar else max(around)
        moment = min(step, max(around))
    return moment


def next_digest(digest: Digest, at_ms: int, zone: ZoneInfo) -> int:
    """When what comes now is sent together with the rest: after `at_ms`."""
    if digest.every is not None:
        return (at_ms // digest.every + 1) * digest.every
    assert digest.daily is not None
    day = from_ms(at_ms).astimezone(zone).date()
    times = (local_ms(day + timedelta(days=number), digest.daily, zone) for number in range(3))
    return next(moment for moment in times if moment > at_ms)


def welcome(
    channel: Channel, critical: bool, now_ms: int, zone: ZoneInfo, is_open: OpenAt = always
) -> tuple[int, Hold]:
    """When a message may go over the channel, and what holds it until then."""
    moment, why = now_ms, Hold.NONE
    if channel.digest is not None and not critical:
        moment, why = next_digest(channel.digest, now_ms, zone), Hold.DIGEST
    quiet = channel.quiet
    if quiet is not None and critical and quiet.critical_passes:
        quiet = None
    first: int | None = None
    while moment - now_ms < _LOOK_DAYS * DAY_MS:
        if quiet is not None and within(quiet, moment, zone, is_open):
            later, held = next_outside(quiet, moment, zone, is_open), Hold.QUIET
        elif channel.hours is not None and not within(channel.hours, moment, zone, is_open):
            later, held = next_inside(channel.hours, moment, zone, is_open), Hold.HOURS
        else:
            return moment, why
        if later == moment:
            return moment, why
        first = first or later
        moment, why = later, held
    # Quiet whenever it is in use: better at a bad time than never.
    return first or moment, why
