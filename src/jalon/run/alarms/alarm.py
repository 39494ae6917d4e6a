"""An alarm and its history as they are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from jalon.run.alarms.life import HOLDING, OPEN, UNSEEN, Event, State
from jalon.run.control import AlarmSeverity, Scalar, Subject, Words

SYSTEM = "system"
"""Who did what nobody asked for. Comments of this one are message ids."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`by` is who raised it (`rule:<id>`…); `severity` is the last one while it held. Times are
    Unix ms UTC: `raised_ms` the first time, `since_ms` the last. `parent` is the alarm of its
    common cause; `children` counts those it stands for."""

    id: int
    by: str
    subject: Subject
    state: State
    severity: AlarmSeverity
    words: Words
    values: Mapping[str, Scalar]
    tags: tuple[str, ...]
    site: str
    raised_ms: int
    since_ms: int
    changed_ms: int
    cleared_ms: int | None
    closed_ms: int | None
    occurrences: int
    version: int
    assigned: str
    acknowledged_by: str
    acknowledged_ms: int | None
    silenced_ms: int | None
    """Until when it is silenced."""
    flapping: bool
    parent: int | None
    children: int = 0

    @property
    def rule(self) -> str:
        """The id of the rule, "" when none raised it."""
        kind, _, name = self.by.partition(":")
        return name if kind == "rule" else ""

    @property
    def holds(self) -> bool:
        """Whether the condition still holds."""
        return self.state in HOLDING

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.state in OPEN

    @property
    def waits(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.state in UNSEEN


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an alarm's history: `at_ms` when it happened, `noted_ms` when it was written."""

    id: int
    alarm: int
    what: Event
    at_ms: int
    noted_ms: int
    who: str
    comment: str
    severity: AlarmSeverity | None
    values: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which alarms somebody wants to see; what is empty does not matter. `alone` leaves out those
    that another one stands for; `text` is looked for in words, subject and rule."""

    states: Collection[State] = ()
    severities: Collection[AlarmSeverity] = ()
    site: str = ""
    rule: str = ""
    subject: str = ""
    text: str = ""
    assigned: str = ""
    parent: int | None = None
    alone: bool = False
