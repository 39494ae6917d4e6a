"""How alarms are handled, as it is written in `alarms.yaml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from jalon.run.alarms.facts import Facts, Place
from jalon.run.control import AlarmSeverity, Subject, SubjectKind
from jalon.run.silences import SilenceKind
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, Wording

_MINUTE, _DAY = 60_000, 86_400_000


class Which(Strict):
    """Some alarms: those for which all that is given holds."""

    rules: list[str] = Field(default_factory=list, description="Ids of rules; any if none.")
    severities: list[AlarmSeverity] = Field(
        default_factory=list, description="warning, minor, major, critical; any if none."
    )
    sites: list[str] = Field(default_factory=list, description="Ids of sites; any if none.")
    tags: list[str] = Field(
        default_factory=list,
        description="Tags, of which the rule or the device has one; any if none.",
    )

    def has(self, facts: Facts) -> bool:
        """Whether an alarm is one of these."""
        return (
            (not self.rules or facts.rule in self.rules)
            and (not self.severities or facts.severity in self.severities)
            and (not self.sites or facts.place.site in self.sites)
            and (not self.tags or not facts.tags.isdisjoint(self.tags))
        )


class Step(Strict):
    """Who is told, and how long after the step before."""

    to: list[Identifier] = Field(
        min_length=1, description="Ids of people, groups or rotas of notifications.yaml."
    )
    after: Duration = Field(
        default=0, description="Time since the step before in which nobody acknowledged."
    )


class Escalation(Strict):
    """Who is told of some alarms, one after the other, until somebody acknowledges."""

    id: Identifier = Field(description="Id of the chain.")
    alarms: Which = Field(default_factory=Which, description="The alarms it is for; all if none.")
    during: Identifier | None = Field(
        default=None,
        description="Calendar in whose open hours it tells; what comes before waits for them.",
    )
    outside: Identifier | None = Field(
        default=None, description="Calendar outside whose open hours it tells."
    )
    steps: list[Step] = Field(min_length=1, description="The steps, in their order.")
    repeat_after: Duration | None = Field(
        default=None, description="Begin again this long after the last step."
    )
    repeat_times: int = Field(default=3, ge=1, le=100, description="Begin again at most so often.")


class Around(StrEnum):
    """What alarms of a common cause have in common."""

    GATEWAY = "gateway"
    LINK = "link"
    ROOM = "room"
    SITE = "site"
    SOLUTION = "solution"

    def of(self, place: Place) -> str | None:
        """The subject they are around, as text; None for what is nowhere near one."""
        kind, name = {
            Around.GATEWAY: (SubjectKind.DEVICE, place.gateway),
            Around.LINK: (SubjectKind.LINK, place.link),
            Around.ROOM: (SubjectKind.ROOM, place.room),
            Around.SITE: (SubjectKind.SITE, place.site),
            Around.SOLUTION: (SubjectKind.SOLUTION, ""),
        }[self]
        return str(Subject(kind, name)) if name or self is Around.SOLUTION else None


class Group(Strict):
    """Alarms of a common cause, told as one. The cause is an alarm of its own, or so many alarms at
    once that there must be one."""

    id: Identifier = Field(description="Id of the group.")
    title: Wording = Field(description="What the alarm says that stands for all of them.")
    around: Around = Field(
        description="What they share: gateway (the tag gateway:<id>), link, room, site, solution."
    )
    members: Which = Field(description="The alarms that are consequences.")
    cause: Which | None = Field(
        default=None, description="The alarm that is the cause, when there is one."
    )
    at_least: int | None = Field(
        default=None, ge=2, description="So many at once have a common cause."
    )
    share: float | None = Field(
        default=None, gt=0, le=100, description="Per cent of the devices around it that have."
    )
    within: Duration = Field(
        default=5 * _MINUTE,
        description="What counts as at once; so long nobody is told of a single member.",
    )
    severity: AlarmSeverity | None = Field(
        default=None, description="Severity of the common alarm; else the highest of its members."
    )

    def consequence(self, facts: Facts) -> str | None:
        """Around which subject an alarm is a member, if it is one."""
        if self.is_cause(facts) or not self.members.has(facts):
            return None
        return self.around.of(facts.place)

    def origin(self, facts: Facts) -> str | None:
        """For which subject an alarm is the cause, if it is one."""
        if not self.is_cause(facts):
            return None
        subject = facts.place.subject
        if self.around is Around.GATEWAY and subject.kind is SubjectKind.DEVICE:
            return str(subject)
        return self.around.of(facts.place)

    def is_cause(self, facts: Facts) -> bool:
        """Whether an alarm is of the kind that causes the others."""
        return self.cause is not None and self.cause.has(facts)

    def enough(self, devices: int) -> int | None:
        """How many at once have a common cause, of so many devices; None when numbers do not
        tell."""
        shared = None if self.share is None else max(2, -int(-devices * self.share // 100))
        numbers = [one for one in (self.at_least, shared) if one is not None]
        return min(numbers, default=None)


class Flapping(Strict):
    """When an alarm that comes and goes is no news any more."""

    changes: int = Field(default=6, ge=3, description="So many times raised or cleared…")
    within: Duration = Field(default=10 * _MINUTE, description="…in this time is flapping.")
    steady: Duration = Field(
        default=10 * _MINUTE, description="Without a change for so long, people are told again."
    )


class Closing(Strict):
    """When alarms that are over are closed, and forgotten."""

    acknowledged: Duration = Field(
        default=15 * _MINUTE,
        description="An acknowledged one, so long after it cleared; before, it may come back.",
    )
    unacknowledged: Duration = Field(
        default=7 * _DAY, description="One that nobody acknowledged, so long after it cleared."
    )
    keep: Duration = Field(default=730 * _DAY, description="Closed ones are deleted after this.")


class PlannedSilence(Strict):
    """A silence that comes back by calendar."""

    id: Identifier = Field(description="Id of the planned silence.")
    kind: SilenceKind = Field(
        default=SilenceKind.SILENCE,
        description="silence: nobody is told; maintenance: rules do nothing but watch.",
    )
    scope: str = Field(description="site:<id>, room:<site>/<room>, device:<id> or rule:<id>.")
    calendar: Identifier = Field(description="Id of a calendar.")
    when: Literal["open", "closed"] = Field(
        default="closed", description="Whether it holds while the calendar is open or closed."
    )
    why: Wording | None = Field(default=None, description="What it is for.")


class AlarmsFile(Strict):
    """The whole of `alarms.yaml`."""

    escalations: list[Escalation] = Field(
        default_factory=list, description="Who is told of which alarms."
    )
    groups: list[Group] = Field(default_factory=list, description="Alarms of a common cause.")
    flapping: Flapping = Field(default_factory=Flapping, description="Alarms that come and go.")
    closing: Closing = Field(default_factory=Closing, description="When alarms are closed.")
    silences: list[PlannedSilence] = Field(
        default_factory=list, description="Silences that come back."
    )
