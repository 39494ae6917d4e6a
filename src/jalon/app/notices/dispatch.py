"""Which ways a message takes to each person, and which one when a way fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jalon.app.ground import Ground
from jalon.app.notices.book import Book
from jalon.app.notices.carrying import CRITICAL
from jalon.app.notices.outbox import Outbox
from jalon.run.control import Message
from jalon.run.journal import Kind
from jalon.run.notices.delivery import UNDER_WAY, Delivery, Hold, Parcel, State
from jalon.run.notices.spec import Channel, Person
from jalon.run.notices.times import welcome

NOTICE = "notice"
"""The kind of parcel that goes to people."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to one person, and when it is welcome there."""

    channel: Channel
    due_ms: int
    hold: Hold = Hold.NONE


class Dispatch:
    """Puts messages to people into the outbox."""

    def __init__(self, ground: Ground, book: Book, outbox: Outbox) -> None:
        self._ground = ground
        self._book = book
        self._outbox = outbox

    def post(self, message: Message) -> None:
        """One delivery for each person and channel, in the transaction it is called in."""
        reached = 0
        for person in self._book.people(message.to):
            for way in self._ways(person, message):
                self.put(message, person, way)
                reached += 1
        if not reached and (message.severity is not None or message.alarm is None):
            said = " ".join(message.title.values())[:200]
            note = {"message": said, "to": ", ".join(message.to)}
            self._ground.journal.note(Kind.NOTICE_TO_NOBODY, **note)

    def put(self, message: Message, person: Person, way: Way) -> bool:
        """One delivery; False when it is there already."""
        return self._outbox.put(
            Parcel(
                kind=NOTICE,
                key=message.key,
                lane=f"outlet:{way.channel.outlet}",
                content=message.model_dump_json(),
                due_ms=way.due_ms,
                until_ms=way.due_ms + self._book.file.give_up,
                rank=message.severity.rank if message.severity else 0,
                person=person.id,
                channel=way.channel.key,
                hold=way.hold,
                about=_about(message),
            )
        )

    def _ways(self, person: Person, message: Message) -> Iterator[Way]:
        """The channels that fit, when each may be used. When all are outside their hours, the one
        that opens first."""
        critical = message.severity is not None and message.severity.rank == CRITICAL
        fit = [one for one in person.channels if not one.reserve] or person.channels
        fit = [one for one in fit if self._is_severe_enough(one, person, message)]
        now, zone, is_open = self._ground.now_ms(), self._book.zone(person), self._book.is_open
        ways = [Way(one, *welcome(one, critical, now, zone, is_open)) for one in fit]
        ready = [way for way in ways if way.hold is not Hold.HOURS]
        yield from ready or sorted(ways, key=lambda way: way.due_ms)[:1]

    def _is_severe_enough(self, channel: Channel, person: Person, message: Message) -> bool:
        if channel.at_least is None:
            return True
        if message.severity is not None:
            return message.severity.rank >= channel.at_least.rank
        # Who was told that it began is told that it is over.
        about = _about(message)
        return bool(about) and channel.key in self._outbox.records.heard_of(about, person.id)

    def missed(self, delivery: Delivery, final: bool) -> None:
        """A try failed: the operator learns of the last one, and what is critical takes another
        way. A part of the transaction that records it."""
        found = self._outbox.records.get(delivery.id)
        if final and found is not None:
            note = {"channel": delivery.channel, "error": str(found.error or "")}
            self._ground.journal.note(Kind.NOTICE_FAILED, who=delivery.person, **note)
        now = self._ground.now_ms()
        if delivery.rank >= CRITICAL and (final or not self._is_fresh(delivery, now)):
            self._use_reserve(delivery, now)

    def _is_fresh(self, delivery: Delivery, now_ms: int) -> bool:
        """Whether it has been failing for so short a time that it may still arrive soon."""
        return now_ms - (delivery.first_ms or delivery.due_ms) < self._book.file.reserve_after

    def _use_reserve(self, failed: Delivery, now_ms: int) -> None:
        """The person's next channel, unless another one has brought the message or may soon."""
        person = self._book.file.person(failed.person)
        if person is None:
            return
        known = self._outbox.records.of_key(NOTICE, failed.key, person.id)
        others = [one for one in known if one.id != failed.id]
        if any(
            one.state is State.SENT or (one.state in UNDER_WAY and self._is_fresh(one, now_ms))
            for one in others
        ):
            return
        used = {failed.channel, *(one.channel for one in others)}
        message = Message.model_validate_json(failed.content)
        for channel in person.channels:
            if channel.key not in used:
                self.put(message, person, Way(channel, now_ms))
                return


def _about(message: Message) -> str:
    return f"alarm:{message.alarm}" if message.alarm is not None else ""
