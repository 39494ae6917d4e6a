"""Who is told and how, as it is written in `notifications.yaml`."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from jalon.run.control import AlarmSeverity
from jalon.run.fleet import Zone
from jalon.run.notices.outlets import Outlet
from jalon.run.notices.rates import Rate
from jalon.vocab.durations import Duration
from jalon.vocab.entries import Identifier, Strict, refusal
from jalon.vocab.text import N_, Text

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _time(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise refusal(Text(N_("A time of day is written in quotes, as “08:00”."))) from None
    return text


TimeOfDay = Annotated[str, Field(pattern=r"^\d\d:\d\d$"), AfterValidator(_time)]
"""`HH:MM` in the zone of whom it is about."""


class Hours(Strict):
    """A part of the day; over midnight when it ends before it begins. With a calendar only while
    that is open."""

    start: TimeOfDay = Field(default="00:00", alias="from", description="First minute, as “08:00”.")
    end: TimeOfDay = Field(
        default="00:00", alias="to", description="It ends here; “00:00” is the end of the day."
    )
    days: list[Day] = Field(
        default_factory=lambda: list(DAYS),
        min_length=1,
        description="Days on which it begins: mon, tue, wed, thu, fri, sat, sun.",
    )
    calendar: Identifier | None = Field(
        default=None, description="A calendar of calendars.yaml that must be open too."
    )


class Quiet(Hours):
    """When somebody is not to be disturbed."""

    critical_passes: bool = Field(
        default=True, description="Whether what is critical is sent all the same."
    )


class Digest(Strict):
    """Messages are gathered and sent together; what is critical is never kept for it."""

    every: Duration | None = Field(default=None, description="How often, as 30 min.")
    daily: TimeOfDay | None = Field(default=None, description="Or once a day at this time.")

    @model_validator(mode="after")
    def _one(self) -> Digest:
        if (self.every is None) == (self.daily is None):
            raise refusal(Text(N_("Say either every (as 30 min) or daily (as “08:00”).")))
        if self.every is not None and self.every < 60_000:
            raise refusal(Text(N_("A digest comes every minute at most.")))
        return self


class Channel(Strict):
    """A way to reach a person. All that fit are used, except those kept in reserve."""

    id: Identifier | None = Field(
        default=None, description="Its name; needed when two use the same outlet."
    )
    outlet: Identifier = Field(description="Id of the outlet it uses.")
    address: str | None = Field(
        default=None,
        min_length=1,
        max_length=254,
        description="Mail address, telephone number, ntfy topic, Matrix room, or for the browser"
        " the name under which the person signs in.",
    )
    at_least: AlarmSeverity | None = Field(
        default=None, description="Only what is at least so severe; everything without it."
    )
    hours: Hours | None = Field(default=None, description="It is used only then.")
    quiet: Quiet | None = Field(default=None, description="What comes then waits for its end.")
    digest: Digest | None = Field(default=None, description="How messages are gathered.")
    reserve: bool = Field(
        default=False, description="Used only for what is critical, when another one has failed."
    )

    @property
    def key(self) -> str:
        """By which deliveries know it."""
        return self.id or self.outlet


class Person(Strict):
    """Somebody who is told."""

    id: Identifier = Field(description="Id, unique among people, groups and rotas.")
    name: str = Field(min_length=1, max_length=128, description="What people call them.")
    language: Literal["fr", "en"] = Field(default="en", description="In which they are written to.")
    zone: Zone | None = Field(
        default=None, description="IANA time zone of their hours; the first site's without it."
    )
    channels: list[Channel] = Field(
        default_factory=list, description="How they are reached, the preferred way first."
    )
    rate: Rate | None = Field(
        default=None,
        description="At most so many messages; the others come together, later. What is critical"
        " always passes.",
    )

    def channel(self, key: str) -> Channel | None:
        """The channel of that name."""
        return next((one for one in self.channels if one.key == key), None)


class Group(Strict):
    """Several who are told together."""

    id: Identifier = Field(description="Id, unique among people, groups and rotas.")
    name: str = Field(description="What people call it.")
    members: list[Identifier] = Field(description="Ids of people, rotas or other groups.")


def _local(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise refusal(Text(N_("Write it in the rota's own zone, without an offset.")))
    return value


LocalTime = Annotated[datetime, AfterValidator(_local)]


class Override(Strict):
    """Somebody takes another's place for a while."""

    person: Identifier = Field(description="Who is on call then.")
    start: LocalTime = Field(alias="from", description="As 2026-12-24T18:00, in the rota's zone.")
    end: LocalTime = Field(alias="to", description="When it ends.")


class Rota(Strict):
    """Who is on call, in turns."""

    id: Identifier = Field(description="Id, unique among people, groups and rotas.")
    name: str = Field(description="What people call it.")
    zone: Zone = Field(description="IANA time zone of its hand-over.")
    starts: date = Field(description="First day of the first turn, as 2026-01-05.")
    handover: TimeOfDay = Field(default="08:00", description="Time of day at which turns change.")
    turn_days: int = Field(default=7, ge=1, le=366, description="Days of a turn; 7 is a week.")
    people: list[Identifier] = Field(min_length=1, description="Ids of people, in turn.")
    overrides: list[Override] = Field(
        default_factory=list, description="Exceptions; the last written holds."
    )
    hours: Hours | None = Field(default=None, description="It is staffed only then.")
    otherwise: Identifier | None = Field(
        default=None, description="Who is told while it is not staffed: a person, group or rota."
    )

    @property
    def tz(self) -> ZoneInfo:
        """Its zone."""
        return ZoneInfo(self.zone)


class NotificationsFile(Strict):
    """The whole of `notifications.yaml`."""

    pages: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        description="Address at which people open these pages, for the links in messages.",
    )
    give_up: Duration = Field(
        default=86_400_000, ge=60_000, description="How long a message is tried, as 1 d."
    )
    reserve_after: Duration = Field(
        default=120_000,
        description="How long what is critical may fail before the person's next channel is used.",
    )
    keep: Duration = Field(
        default=30 * 86_400_000,
        ge=3_600_000,
        description="How long what became of messages is kept, as 30 d.",
    )
    outlets: list[Outlet] = Field(default_factory=list, description="By which messages leave.")
    people: list[Person] = Field(default_factory=list, description="Who can be told.")
    groups: list[Group] = Field(default_factory=list, description="Who is told together.")
    rotas: list[Rota] = Field(default_factory=list, description="Who is on call.")

    @property
    def recipients(self) -> frozenset[str]:
        """Ids of people, groups and rotas."""
        rotas = {one.id for one in self.rotas}
        return frozenset(rotas | {one.id for one in self.people} | {one.id for one in self.groups})

    def person(self, person_id: str) -> Person | None:
        """The person with that id."""
        return next((one for one in self.people if one.id == person_id), None)

    def outlet(self, outlet_id: str) -> Outlet | None:
        """The outlet with that id."""
        return next((one for one in self.outlets if one.id == outlet_id), None)
