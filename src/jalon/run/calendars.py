"""Opening hours, holidays and closed days, by name, in local time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from jalon.vocab.entries import Identifier, Strict, Wording, refusal
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms, to_ms

SPAN = r"^([01]?\d|2[0-3]):[0-5]\d-(([01]?\d|2[0-3]):[0-5]\d|24:00)$"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _span(value: object) -> object:
    """`8:30-12:00`; one that ends before it begins goes on past midnight."""
    text = re.sub(r"\s*[-–]\s*", "-", value.strip()) if isinstance(value, str) else ""
    if not re.match(SPAN, text):
        message = N_("Opening hours are written as 08:30-12:00, 24 hours a day as 00:00-24:00.")
        raise refusal(Text(message))
    return text


Span = Annotated[str, BeforeValidator(_span), Field(description="From when to when.")]


class Day(StrEnum):
    """Days of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Period(Strict):
    """Days from `first` to `last`, both included."""

    first: date = Field(alias="from", description="First day, as 2026-10-17.")
    last: date | None = Field(
        default=None, alias="to", description="Last day, included; one day only without it."
    )
    name: str | None = Field(default=None, description="What it is: winter holidays.")

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.last is not None and self.last < self.first:
            raise refusal(Text(N_("The last day comes before the first.")))
        return self

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.first <= day <= (self.last or self.first)


class SpecialDay(Period):
    """Days with hours of their own."""

    hours: list[Span] = Field(default_factory=list, description="Hours of these days.")


class CalendarSpec(Strict):
    """When something is open, in the local time of the site it is asked for."""

    id: Identifier = Field(description="Id by which rules name it.")
    title: Wording | None = Field(default=None, description="What people call it.")
    week: dict[Day, list[Span]] = Field(
        default_factory=dict, description="Opening hours by day: mon to sun; others are closed."
    )
    closed: list[Period] = Field(
        default_factory=list, description="Days on which it is closed all the same."
    )
    special: list[SpecialDay] = Field(
        default_factory=list, description="Days with other hours; they go before `closed`."
    )

    def spans(self, day: date) -> tuple[tuple[int, int], ...]:
        """Hours of a day in minutes of the local clock; the end may be past 24:00."""
        for one in self.special:
            if one.holds(day):
                return tuple(map(_minutes, one.hours))
        if any(one.holds(day) for one in self.closed):
            return ()
        return tuple(map(_minutes, self.week.get(Day(DAYS[day.weekday()]), ())))


class CalendarsFile(Strict):
    """The whole of `calendars.yaml`."""

    calendars: list[CalendarSpec] = Field(default_factory=list, description="Every calendar.")

    @model_validator(mode="after")
    def _ids_are_unique(self) -> CalendarsFile:
        seen: set[str] = set()
        for one in self.calendars:
            if one.id in seen:
                message = N_("There are two calendars “{id}”.")
                raise refusal(Text(message, {"id": one.id}))
            seen.add(one.id)
        return self

    @property
    def ids(self) -> frozenset[str]:
        """Ids of all calendars."""
        return frozenset(one.id for one in self.calendars)


def _minutes(span: str) -> tuple[int, int]:
    start, end = (
        int(hour) * 60 + int(minute)
        for hour, minute in (part.split(":") for part in span.split("-"))
    )
    return start, end if end > start else end + 1440


@dataclass(frozen=True)
class OpeningHours:
    """A calendar in a zone. On the days the clock changes, hours are those of the clock."""

    spec: CalendarSpec
    zone: ZoneInfo
    _known: dict[date, tuple[tuple[int, ...], tuple[bool, ...]]] = field(
        default_factory=dict, compare=False, hash=False
    )

    def is_open(self, at_ms: int) -> bool:
        """Whether it is open at that moment (Unix ms)."""
        edges, states = self._day(from_ms(at_ms).astimezone(self.zone).date())
        return states[bisect_right(edges, at_ms) - 1]

    def next_edge_ms(self, at_ms: int, within_days: int = 366) -> int | None:
        """When it opens or closes next, after that moment."""
        state = self.is_open(at_ms)
        day = from_ms(at_ms).astimezone(self.zone).date()
        for ahead in range(within_days):
            edges, states = self._day(day + timedelta(days=ahead))
            for edge, other in zip(edges, states, strict=True):
                if edge > at_ms and other != state:
                    return edge
        return None

    def _day(self, day: date) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """Moments of a local day since which it is open or closed; the first is midnight."""
        found = self._known.get(day)
        if found is None:
            if len(self._known) > 1000:
                self._known.clear()
            found = self._known[day] = self._edges(day)
        return found

    def _edges(self, day: date) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        before = day - timedelta(days=1)
        spans = [(start - 1440, end - 1440) for start, end in self.spec.spans(before) if end > 1440]
        spans += self.spec.spans(day)
        spans = [(max(start, 0), min(end, 1440)) for start, end in spans]
        cuts = sorted({0, 1440, *(minute for span in spans for minute in span)})
        edges, states = [], []
        for start, end in pairwise(cuts):
            at = _moment(day, start, self.zone)
            if at < _moment(day, end, self.zone):
                edges.append(at)
                states.append(any(first <= start < last for first, last in spans))
        return tuple(edges), tuple(states)


def _moment(day: date, minute: int, zone: ZoneInfo) -> int:
    """When the local clock first shows that minute; one that it skips is when it jumps over it."""
    whole = datetime.combine(day + timedelta(days=minute // 1440), datetime.min.time())
    local = (whole + timedelta(minutes=minute % 1440)).replace(tzinfo=zone)
    after = local.replace(fold=1)
    skipped = (local.utcoffset() or timedelta(0)) < (after.utcoffset() or timedelta(0))
    if not skipped:
        return to_ms(local)
    # Read with the offset after the jump it lies before it: the jump itself is in between.
    return _jump(to_ms(after), to_ms(local), zone)


@lru_cache(maxsize=256)
def _jump(low: int, high: int, zone: ZoneInfo) -> int:
    offset = from_ms(low).astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        same = from_ms(middle).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return high


def calendars_of(file: CalendarsFile) -> Mapping[str, CalendarSpec]:
    """The calendars by id."""
    return {one.id: one for one in file.calendars}
