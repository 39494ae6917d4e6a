"""Alarms and silences as the API and the commands ask for them and show them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from jalon.run.alarms.alarm import Alarm, Entry
from jalon.run.alarms.life import Event, State
from jalon.run.control import AlarmSeverity, Scalar
from jalon.run.silences import Silence, SilenceKind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms, to_ms

ALARMS = "/api/v1/alarms"
SILENCES = "/api/v1/silences"
AT_MOST = 1000
_MINUTE_MS = 60_000


class AlarmShape(BaseModel):
    """An alarm. `severity` is the last one while it held; `parent` is the alarm of its common
    cause, `children` counts those it stands for."""

    id: int
    by: str
    rule: str
    subject: str
    state: State
    severity: AlarmSeverity
    words: dict[str, str]
    values: dict[str, Scalar]
    tags: list[str]
    site: str
    raised: datetime
    since: datetime
    cleared: datetime | None
    closed: datetime | None
    occurrences: int
    version: int
    assigned: str
    acknowledged_by: str
    acknowledged: datetime | None
    silenced_until: datetime | None
    flapping: bool
    parent: int | None
    children: int

    @classmethod
    def of(cls, one: Alarm) -> AlarmShape:
        """The shape of one."""
        return cls(
            id=one.id,
            by=one.by,
            rule=one.rule,
            subject=str(one.subject),
            state=one.state,
            severity=one.severity,
            words=one.words,
            values=dict(one.values),
            tags=list(one.tags),
            site=one.site,
            raised=from_ms(one.raised_ms),
            since=from_ms(one.since_ms),
            cleared=_time(one.cleared_ms),
            closed=_time(one.closed_ms),
            occurrences=one.occurrences,
            version=one.version,
            assigned=one.assigned,
            acknowledged_by=one.acknowledged_by,
            acknowledged=_time(one.acknowledged_ms),
            silenced_until=_time(one.silenced_ms),
            flapping=one.flapping,
            parent=one.parent,
            children=one.children,
        )


class EntryShape(BaseModel):
    """A line of an alarm's history: `at` it happened, `noted` it was written down."""

    what: Event
    at: datetime
    noted: datetime
    who: str
    comment: str
    severity: AlarmSeverity | None
    values: dict[str, Scalar]

    @classmethod
    def of(cls, one: Entry) -> EntryShape:
        """The shape of one."""
        return cls(
            what=one.what,
            at=from_ms(one.at_ms),
            noted=from_ms(one.noted_ms),
            who=one.who,
            comment=one.comment,
            severity=one.severity,
            values=dict(one.values),
        )


class AlarmDetail(BaseModel):
    """An alarm with its history, oldest first."""

    alarm: AlarmShape
    history: list[EntryShape]


class AlarmList(BaseModel):
    """Some alarms; `total` counts all that match. Open ones first, the most severe of them
    first."""

    total: int
    offset: int
    alarms: list[AlarmShape]


class AlarmAct(BaseModel):
    """What somebody does. With `version`, 409 when the alarm has changed since they saw it."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field(default="", max_length=2000)
    version: int | None = None


class AlarmAssignment(AlarmAct):
    """Who takes care of it; empty for nobody in particular."""

    person: str = Field(max_length=64)


class AlarmSilence(AlarmAct):
    """How long nobody is told of it."""

    minutes: int = Field(ge=1, le=31 * 24 * 60)


class Acknowledgement(BaseModel):
    """Many at once; those that wait for nobody are left as they are."""

    model_config = ConfigDict(extra="forbid")

    alarms: list[int] = Field(min_length=1, max_length=AT_MOST)
    comment: str = Field(default="", max_length=2000)


class Acknowledged(BaseModel):
    """How many were acknowledged."""

    acknowledged: int


class SilenceShape(BaseModel):
    """A silence. Those of `alarms.yaml` have the id 0."""

    id: int
    kind: SilenceKind
    scope: str
    start: datetime
    end: datetime
    who: str
    why: str

    @classmethod
    def of(cls, one: Silence) -> SilenceShape:
        """The shape of one."""
        start, end = from_ms(one.start_ms), from_ms(one.end_ms)
        return cls(
            id=one.id,
            kind=one.kind,
            scope=one.scope,
            start=start,
            end=end,
            who=one.who,
            why=one.why,
        )


class SilenceRequest(BaseModel):
    """A silence to be ordered, until `end` or for `minutes`; `start` is now without it."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(
        max_length=160,
        description="`site:<id>`, `room:<site>/<room>`, `device:<id>`, `link:<id>`, `solution:`"
        " or `rule:<id>`.",
    )
    kind: SilenceKind = SilenceKind.SILENCE
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = Field(default=None, ge=1, le=366 * 24 * 60)
    why: str = Field(default="", max_length=500)

    def order(self, who: str, now_ms: int) -> Silence:
        """What is wanted. Raises UsageError."""
        if (self.end is None) == (self.minutes is None):
            raise UsageError(Text(N_("Say either until when or for how many minutes.")))
        start = now_ms if self.start is None else _ms(self.start)
        end = start + (self.minutes or 0) * _MINUTE_MS if self.end is None else _ms(self.end)
        return Silence(0, self.kind, self.scope.strip(), start, end, who, self.why.strip())


def _time(time_ms: int | None) -> datetime | None:
    return None if time_ms is None else from_ms(time_ms)


def _ms(time: datetime) -> int:
    if time.tzinfo is None:
        raise UsageError(Text(N_("Write the time with its offset, as 2026-03-16T08:00+01:00.")))
    return to_ms(time)
