"""How commands are handled, as it is written in `commands.yaml`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, model_validator

from jalon.run.calendars import Day
from jalon.run.commands.affordances import Affordance
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, refusal
from jalon.vocab.text import N_, Text

_FIELDS = 5
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
ANY = "*"
_DAY_MS = 86_400_000
_KEPT_MS = 60 * _DAY_MS
"""A key must outlive whatever may ask with it again: schedules look back a month."""


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise refusal(Text(N_("A time of day is written in quotes, as “07:30”.")))
    return text


def _cron(text: str) -> str:
    try:
        never = next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)), None) is None
    except CronSimError:
        never = True
    if never or len(text.split()) != _FIELDS:
        message = N_("This is no cron expression of five fields, such as “0 7 * * 1-5”.")
        raise refusal(Text(message))
    return text


Clock = Annotated[str, AfterValidator(_clock)]
Cron = Annotated[str, AfterValidator(_cron)]


class Edge(StrEnum):
    """When a calendar begins or ends to be open."""

    OPENS = "opens"
    CLOSES = "closes"


class Missed(StrEnum):
    """What is done with an occurrence during which Jalon did not run."""

    SKIP = "skip"
    RUN = "run"


class Policy(Strict):
    """How some commands are handled. The entries are read in order; each says something of the
    commands that it fits, and a later one wins over an earlier one and over the Thing Model."""

    thing: str = Field(default=ANY, description="Type of device; every type without it.")
    action: str = Field(
        default=ANY, description="Action, or set:<property>; every action without it."
    )
    dangerous: bool | None = Field(
        default=None, description="Whether a second administrator must approve."
    )
    confirm: bool | None = Field(
        default=None, description="Whether the page asks once more before it is sent."
    )
    timeout: Duration | None = Field(
        default=None, description="How long the device may take to answer."
    )
    expires: Duration | None = Field(
        default=None, description="How long a command may wait for its device."
    )
    retries: int | None = Field(
        default=None, ge=0, le=10, description="How often it is told again without an answer."
    )
    rate: float | None = Field(
        default=None, gt=0, description="At most so many of one device and action an hour."
    )
    who: list[str] | None = Field(
        default=None,
        description="Names of the users who may ask for it; rules are written rule:<id>, schedules"
        " schedule:<id>. Every administrator, rule and schedule without it.",
    )

    def fits(self, thing: str, action: str) -> bool:
        """Whether it speaks of this action of this type."""
        return self.thing in (ANY, thing) and self.action in (ANY, action)


class Selection(Strict):
    """Which devices: those that every key given holds for."""

    devices: list[Identifier] = Field(default_factory=list, description="Ids of devices.")
    group: Identifier | None = Field(
        default=None, description="Id of a group of fleet/groups.yaml."
    )
    query: str | None = Field(
        default=None, max_length=1000, description="Question to the fleet, as in its search."
    )
    thing: str | None = Field(default=None, description="Type of device.")
    site: str | None = Field(default=None, description="Id of a site.")

    @property
    def is_empty(self) -> bool:
        """Whether it selects nothing at all."""
        return not (self.devices or self.group or self.query or self.thing or self.site)


class Schedule(Selection):
    """A command that is sent by itself, at a time of day, by cron, or with a calendar."""

    id: Identifier = Field(description="Id, by which its commands are known.")
    action: str = Field(description="Action, or set:<property>.")
    input: Any = Field(default=None, description="What the action takes.")
    at: Clock | None = Field(default=None, description="Time of day at the site, as “07:30”.")
    days: list[Day] = Field(
        default_factory=list, description="Days of the week for `at`; every day without it."
    )
    cron: Cron | None = Field(
        default=None, description="Five fields: minute, hour, day, month, day of the week."
    )
    calendar: Identifier | None = Field(
        default=None,
        description="Id of a calendar of calendars.yaml: with `on`; or to leave out times of `at`"
        " or `cron` at which it is closed.",
    )
    on: Edge | None = Field(default=None, description="opens or closes: when the calendar does.")
    missed: Missed = Field(
        default=Missed.SKIP,
        description="run: an occurrence missed while Jalon did not run is made up for; skip: not.",
    )
    late: Duration = Field(default=3_600_000, description="With `missed: run`: at most this late.")
    enabled: bool = Field(default=True, description="Whether it is in force.")

    @model_validator(mode="after")
    def _one_time(self) -> Schedule:
        if sum(one is not None for one in (self.at, self.cron, self.on)) != 1:
            raise refusal(Text(N_("Say when: one of `at`, `cron`, or `calendar` with `on`.")))
        if self.on is not None and self.calendar is None:
            raise refusal(Text(N_("Say which calendar opens or closes: `calendar`.")))
        if self.is_empty:
            raise refusal(Text(N_("Say for which devices: devices, group, query, thing or site.")))
        return self


class BulkLimits(Strict):
    """How commands to many devices are paced, unless who asks says otherwise."""

    rate: float = Field(default=5.0, gt=0, le=100, description="Devices a second, at most.")
    concurrency: int = Field(
        default=20, ge=1, le=1000, description="Commands on their way at the same time, at most."
    )
    stop_at: float = Field(
        default=20.0, gt=0, le=100, description="Percent of failures at which the rest is stopped."
    )


class CommandsFile(Strict):
    """The whole of `commands.yaml`."""

    policies: list[Policy] = Field(
        default_factory=list, description="How commands are handled, by type and action."
    )
    approvers: list[str] = Field(
        default_factory=list,
        description="People, groups or chains of notifications.yaml told of what needs approval.",
    )
    approval_expires: Duration = Field(
        default=3_600_000, description="How long an approval may be waited for."
    )
    keep: Duration = Field(
        default=730 * _DAY_MS,
        description="Those that are over are deleted after this, their keys with them; 60 days at"
        " least.",
    )
    bulk: BulkLimits = Field(
        default_factory=BulkLimits, description="How commands to many devices are paced."
    )
    schedules: list[Schedule] = Field(
        default_factory=list, description="Commands that are sent by themselves."
    )

    @property
    def kept_ms(self) -> int:
        """How long those that are over are kept."""
        return max(self.keep, _KEPT_MS)

    def handling(self, thing: str, one: Affordance) -> Handling:
        """How a command is handled, of everything that is written about it."""
        found = Handling(
            dangerous=one.dangerous,
            timeout_ms=one.timeout_ms,
            expires_ms=one.expires_ms,
            retries=one.retries,
        )
        for policy in self.policies:
            if policy.fits(thing, one.name):
                found = found.with_policy(policy)
        return found


class Handling(Strict):
    """How one command is handled; times in milliseconds, None for what the way decides."""

    dangerous: bool = False
    confirm: bool = False
    timeout_ms: int | None = None
    expires_ms: int | None = None
    retries: int | None = None
    rate: float | None = None
    who: tuple[str, ...] | None = None

    def with_policy(self, policy: Policy) -> Handling:
        """What the policy says wins."""
        said: dict[str, object] = {
            "dangerous": policy.dangerous,
            "confirm": policy.confirm,
            "timeout_ms": policy.timeout,
            "expires_ms": policy.expires,
            "retries": policy.retries,
            "rate": policy.rate,
            "who": None if policy.who is None else tuple(policy.who),
        }
        given = {name: one for name, one in said.items() if one is not None}
        return self.model_copy(update=given)

    def allows(self, who: str) -> bool:
        """Whether `user:<name>`, `rule:<id>` or `schedule:<id>` may ask for it."""
        known = person(who)
        return self.who is None or known in self.who or known.removeprefix("user:") in self.who


def person(who: str) -> str:
    """Who it is, whatever program they use: `user:ann (dashboard)` is `user:ann`."""
    return who.partition(" (")[0]
