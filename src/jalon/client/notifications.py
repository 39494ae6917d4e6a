"""Calls: notifications.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict, Unpack, cast

from jalon.client.transport import Call, Event, Transport, filled


class DeliveryShape(TypedDict):
    """A message to one person over one channel, or a call of a web service (`kind`). `state` is
    queued, held, sending, sent, failed or given-up; `hold` says why it is held: quiet,
    digest, hours or rate; `error` is what the last try said, in English."""

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
    created: str
    due: str
    done: str | None
    error: str


class DeliveryList(TypedDict):
    """The newest first; `before` for the next page, null when there is none."""

    deliveries: list[DeliveryShape]
    before: int | None


class ShiftShape(TypedDict):
    """Who is on call from `start` to `end`; null while the rota is not staffed."""

    person: str | None
    start: str
    end: str


class OnCallShape(TypedDict):
    """A rota: who is on call now, then who follows."""

    rota: str
    name: str
    zone: str
    shifts: list[ShiftShape]


class TestRequest(TypedDict):
    """Who is to get a test message, and over which channel; over all of them without one."""

    person: str
    channel: NotRequired[str]


class TestSent(TypedDict):
    """The deliveries that were made."""

    deliveries: list[int]


class NotificationsFindQuery(TypedDict):
    """Of `find`."""

    state: NotRequired[list[str] | None]
    """queued, held, sent…"""
    person: NotRequired[str]
    outlet: NotRequired[str]
    limit: NotRequired[int]
    before: NotRequired[int | None]


class Notifications:
    """Calls: notifications."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self, **query: Unpack[NotificationsFindQuery]) -> DeliveryList:
        """Messages to people, and calls of web services.

        What became of each, the newest first. Scope: read.
        """
        call = Call("GET", "/api/v1/notifications", query=query)
        return cast("DeliveryList", self._transport.answer(call))

    def live(self) -> Iterator[Event]:
        """Messages for open pages as server-sent events.

        `notice`: a message for the one who is signed in, over an outlet of the kind `browser`, as
        it comes. The stream ends when the session does. Scope: read.
        """
        call = Call("GET", "/api/v1/notifications/live")
        return self._transport.events(call)

    def test(self, body: TestRequest) -> TestSent:
        """Send a test message.

        At once, whatever the person's hours; 422 for a person or a channel that is not there.
        Scope: admin.
        """
        call = Call("POST", "/api/v1/notifications/test", body=body)
        return cast("TestSent", self._transport.answer(call))

    def get(self, delivery_id: str) -> DeliveryShape:
        """One message to one person.

        What became of it. Scope: read.
        """
        call = Call("GET", filled("/api/v1/notifications/{delivery_id}", delivery_id=delivery_id))
        return cast("DeliveryShape", self._transport.answer(call))

    def give_up(self, delivery_id: str) -> None:
        """Give it up.

        It goes out no more; 422 for what does not wait. Scope: admin.
        """
        call = Call(
            "POST", filled("/api/v1/notifications/{delivery_id}/give-up", delivery_id=delivery_id)
        )
        self._transport.answer(call)

    def retry(self, delivery_id: str) -> None:
        """Send it now.

        Also what was refused or given up; 422 for what was sent. Scope: admin.
        """
        call = Call(
            "POST", filled("/api/v1/notifications/{delivery_id}/retry", delivery_id=delivery_id)
        )
        self._transport.answer(call)

    def on_call(self) -> list[OnCallShape]:
        """Who is on call.

        In each rota: now, then who follows. Scope: read.
        """
        call = Call("GET", "/api/v1/on-call")
        return cast("list[OnCallShape]", self._transport.answer(call))
