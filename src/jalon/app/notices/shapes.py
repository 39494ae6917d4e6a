"""Deliveries and who is on call, as the API and the commands show them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from jalon.app.notices.book import OnCall
from jalon.app.notices.dispatch import NOTICE
from jalon.run.control import AlarmSeverity, Message
from jalon.run.notices.delivery import Delivery
from jalon.vocab.text import Names
from jalon.vocab.times import from_ms

PATH = "/api/v1/notifications"
ON_CALL = "/api/v1/on-call"
_SEVERITIES = {one.rank: one.value for one in AlarmSeverity}


class DeliveryShape(BaseModel):
    """A message to one person over one channel, or a call of a web service (`kind`). `state` is
    queued, held, sending, sent, failed or given-up; `hold` says why it is held: quiet, digest,
    hours or rate; `error` is what the last try said, in English."""

    id: int
    kind: str
    key: str
    title: str
    severity: str | None
    person: str
    channel: str
    outlet: str
    state: str
    hold: str
    tries: int
    created: datetime
    due: datetime
    done: datetime | None
    error: str

    @classmethod
    def of(cls, one: Delivery, language: str) -> DeliveryShape:
        """The shape of one, its title in a language."""
        return cls(
            id=one.id,
            kind=one.kind,
            key=one.key,
            title=title_of(one, language),
            severity=_SEVERITIES.get(one.rank),
            person=one.person,
            channel=one.channel,
            outlet=one.lane.partition(":")[2],
            state=one.state.value,
            hold=one.hold.value,
            tries=one.tries,
            created=from_ms(one.created_ms),
            due=from_ms(one.due_ms),
            done=None if one.done_ms is None else from_ms(one.done_ms),
            error=str(one.error) if one.error else "",
        )


class DeliveryList(BaseModel):
    """The newest first; `before` for the next page, null when there is none."""

    deliveries: list[DeliveryShape]
    before: int | None


class TestRequest(BaseModel):
    """Who is to get a test message, and over which channel; over all of them without one."""

    __test__ = False  # no test of pytest
    model_config = ConfigDict(extra="forbid")

    person: str = Field(max_length=64)
    channel: str = Field(default="", max_length=64)


class TestSent(BaseModel):
    """The deliveries that were made."""

    __test__ = False
    deliveries: list[int]


class ShiftShape(BaseModel):
    """Who is on call from `start` to `end`; null while the rota is not staffed."""

    person: str | None
    start: datetime
    end: datetime


class OnCallShape(BaseModel):
    """A rota: who is on call now, then who follows."""

    rota: str
    name: str
    zone: str
    shifts: list[ShiftShape]

    @classmethod
    def of(cls, one: OnCall) -> OnCallShape:
        """The shape of one."""
        shifts = [
            ShiftShape(person=each.person, start=from_ms(each.start_ms), end=from_ms(each.end_ms))
            for each in one.shifts
        ]
        return cls(rota=one.rota.id, name=one.rota.name, zone=one.rota.zone, shifts=shifts)


def title_of(one: Delivery, language: str) -> str:
    """What it tells of, in a line; the key of what is no message to people."""
    if one.kind != NOTICE:
        return one.key
    return Names(Message.model_validate_json(one.content).title).in_language(language)
