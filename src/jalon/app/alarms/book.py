"""Writes down what becomes of alarms: the one place that changes their state."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jalon.adapters.stores.registry.alarms import AlarmTable, StrayTable, TimerTable
from jalon.adapters.stores.registry.alarms_schema import AlarmEntryRow, AlarmRow
from jalon.app.ground import Ground
from jalon.app.solution import Solution
from jalon.run.alarms.alarm import SYSTEM
from jalon.run.alarms.facts import Facts, Whereabouts
from jalon.run.alarms.life import TURNING, Event, State, after
from jalon.run.alarms.spec import AlarmsFile, Around, Group
from jalon.run.control import (
    AlarmDue,
    AlarmNews,
    AlarmSeverity,
    Scalar,
    Subject,
    SubjectKind,
    Words,
)

Listener = Callable[[AlarmNews], None]
GATHERED = "group:"
"""Before the id of the group that raised an alarm to stand for others."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be written down. `at_ms` is when it happened, now if None."""

    what: Event
    who: str = SYSTEM
    at_ms: int | None = None
    comment: str = ""
    values: Mapping[str, Scalar] | None = None
    key: str | None = None


class Book:
    """Every method is a part of the transaction it is called in."""

    def __init__(self, ground: Ground, listeners: Sequence[Listener]) -> None:
        self._ground = ground
        self._listeners = listeners
        self._known: tuple[Solution, Whereabouts] | None = None
        self._crowds: dict[Around, Counter[str | None]] = {}
        self.table = AlarmTable(ground.registry)
        self.strays = StrayTable(ground.registry)
        self.timers = TimerTable(ground.registry)

    @property
    def now_ms(self) -> int:
        """The clock."""
        return self._ground.now_ms()

    @property
    def solution(self) -> Solution:
        """The files as they are now."""
        return self._ground.solution()

    @property
    def settings(self) -> AlarmsFile:
        """What `alarms.yaml` says now."""
        return self.solution.control.alarms

    @property
    def whereabouts(self) -> Whereabouts:
        """Where everything is now."""
        solution = self.solution
        if self._known is None or self._known[0] is not solution:
            self._known = (solution, Whereabouts(solution.fleet))
            self._crowds = {}
        return self._known[1]

    def population(self, around: Around, subject: str) -> int:
        """How many devices in service are around a subject."""
        places = self.whereabouts.in_service()
        crowd = self._crowds.get(around)
        if crowd is None:
            crowd = self._crowds[around] = Counter(around.of(place) for place in places)
        return crowd[subject]

    def facts(self, row: AlarmRow) -> Facts:
        """What selections see of an alarm."""
        return self._facts(row.by, row.subject, AlarmSeverity(row.severity), json.loads(row.tags))

    def scopes(self, row: AlarmRow) -> list[str]:
        """By which names silences cover it."""
        place = self.whereabouts.place(Subject.parse(row.subject))
        return [row.by, *place.scopes]

    def gathers(self, row: AlarmRow) -> dict[str, Group]:
        """The groups of which it may be a consequence, by `group|subject`."""
        facts = self.facts(row)
        found = {}
        for group in self.settings.groups if facts.rule else ():
            if (subject := group.consequence(facts)) is not None:
                found[f"{group.id}|{subject}"] = group
        return found

    def open(self, due: AlarmDue, severity: AlarmSeverity) -> AlarmRow:
        """A new alarm in state `normal`; raising it is the next act."""
        now = self.now_ms
        facts = self._facts(due.by, due.subject, severity, due.tags)
        row = AlarmRow(
            open_key=f"{due.by}|{due.subject}",
            by=due.by,
            subject=due.subject,
            site=facts.place.site,
            state=State.NORMAL.value,
            severity=severity.value,
            rank=severity.rank,
            words=_json(due.words),
            seen=_json(due.values),
            tags=_json(due.tags),
            raised_ms=due.at_ms,
            since_ms=due.at_ms,
            changed_ms=due.at_ms,
            own_ms=now,
            occurrences=0,
            version=0,
            assigned="",
            acknowledged_by="",
            flapping=False,
            causes=self._causes(facts),
            told="[]",
        )
        self.table.add(row)
        return row

    def note(self, row: AlarmRow, act: Act) -> None:
        """Write down what happened and let it follow: state, version, history, news. Raises
        Impossible when the table of `run.alarms.life` does not have it."""
        row.state = after(State(row.state), act.what).value
        if act.what in TURNING:
            row.version += 1
        at_ms = self.now_ms if act.at_ms is None else act.at_ms
        severity = None if row.cleared_ms is not None else AlarmSeverity(row.severity)
        self.table.add(
            AlarmEntryRow(
                alarm_id=row.id,
                key=act.key,
                what=act.what.value,
                at_ms=at_ms,
                noted_ms=self.now_ms,
                who=act.who[:128],
                comment=act.comment,
                severity=severity.value if severity else None,
                seen=_json(act.values or {}),
            )
        )
        news = AlarmNews(
            alarm=row.id,
            what=act.what.value,
            at_ms=at_ms,
            rule=row.by,
            subject=row.subject,
            severity=severity,
            words=words_of(row),
            who=act.who,
            comment=act.comment,
            values=dict(act.values or {}),
        )
        for listener in self._listeners:
            listener(news)

    def close(self, row: AlarmRow, act: Act) -> None:
        """Close it: no timer is left, and what comes back is a new alarm."""
        self.note(row, act)
        row.open_key = None
        row.closed_ms = self.now_ms
        row.cleared_ms = row.cleared_ms or self.now_ms
        row.hold_due = row.silence_due = row.steady_due = row.close_due = row.quiet_due = None
        row.flapping = False
        self.timers.halt(row.id)
        self.strays.settle(row.id)
        self.table.save(row)

    def save(self, row: AlarmRow) -> None:
        """Keep what was changed in it."""
        self.table.save(row)

    def _facts(self, by: str, subject: str, severity: AlarmSeverity, tags: Sequence[str]) -> Facts:
        place = self.whereabouts.place(Subject.parse(subject))
        kind, _, name = by.partition(":")
        rule = name if kind == "rule" else ""
        return Facts(rule, severity, place, frozenset(tags) | place.tags)

    def _causes(self, facts: Facts) -> str | None:
        if facts.rule:
            for group in self.settings.groups:
                if (subject := group.origin(facts)) is not None:
                    return f"{group.id}|{subject}"
        return None


def words_of(row: AlarmRow) -> Words:
    """What it says to people, by language."""
    found: Words = json.loads(row.words)
    return found or {"en": row.by.partition(":")[2] or row.by}


def page_of(row: AlarmRow) -> str:
    """Where the alarm is shown."""
    return f"/alarms/{row.id}"


def is_device(subject: str) -> bool:
    """Whether an alarm of this subject is about a device."""
    return Subject.parse(subject).kind is SubjectKind.DEVICE


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
