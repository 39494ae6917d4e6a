"""Calls: alarms.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NotRequired, TypedDict, Unpack, cast

from jalon.client.transport import Call, Event, Transport, filled


class Acknowledged(TypedDict):
    """How many were acknowledged."""

    acknowledged: int


class Acknowledgement(TypedDict):
    """Many at once; those that wait for nobody are left as they are."""

    alarms: list[int]
    comment: NotRequired[str]


class AlarmAct(TypedDict):
    """What somebody does. With `version`, 409 when the alarm has changed since they saw it."""

    comment: NotRequired[str]
    version: NotRequired[int | None]


class AlarmAssignment(TypedDict):
    """Who takes care of it; empty for nobody in particular."""

    comment: NotRequired[str]
    version: NotRequired[int | None]
    person: str


AlarmSeverity = Literal["warning", "minor", "major", "critical"]
"""Perceived severity, after ITU-T X.733; what is cleared has none."""


AlarmsState = Literal["normal", "active", "acknowledged", "cleared", "resolved", "closed"]
"""`NORMAL` is before there is an alarm. `CLEARED`: the condition is over and nobody has
acknowledged it; `RESOLVED`: over and acknowledged, kept open for a while so that what
comes back is the same alarm."""


class AlarmShape(TypedDict):
    """An alarm. `severity` is the last one while it held; `parent` is the alarm of its common
    cause, `children` counts those it stands for."""

    id: int
    by: str
    rule: str
    subject: str
    state: AlarmsState
    severity: AlarmSeverity
    words: dict[str, str]
    values: dict[str, bool | int | float | str | None]
    tags: list[str]
    site: str
    raised: str
    since: str
    cleared: str | None
    closed: str | None
    occurrences: int
    version: int
    assigned: str
    acknowledged_by: str
    acknowledged: str | None
    silenced_until: str | None
    flapping: bool
    parent: int | None
    children: int


EventShape = Literal[
    "raised",
    "worsened",
    "eased",
    "cleared",
    "acknowledged",
    "assigned",
    "commented",
    "told",
    "escalated",
    "silenced",
    "unsilenced",
    "flapping",
    "steady",
    "grouped",
    "released",
    "closed",
]
"""What happens to an alarm: one line of its history each."""


class EntryShape(TypedDict):
    """A line of an alarm's history: `at` it happened, `noted` it was written down."""

    what: EventShape
    at: str
    noted: str
    who: str
    comment: str
    severity: AlarmSeverity | None
    values: dict[str, bool | int | float | str | None]


class AlarmDetail(TypedDict):
    """An alarm with its history, oldest first."""

    alarm: AlarmShape
    history: list[EntryShape]


class AlarmList(TypedDict):
    """Some alarms; `total` counts all that match. Open ones first, the most severe of them
    first."""

    total: int
    offset: int
    alarms: list[AlarmShape]


class AlarmSilence(TypedDict):
    """How long nobody is told of it."""

    comment: NotRequired[str]
    version: NotRequired[int | None]
    minutes: int


SilenceKind = Literal["maintenance", "silence"]
"""`MAINTENANCE`: rules watch and remember, and do nothing else. `SILENCE`: alarms are raised
and shown, and nobody is told until it ends."""


class SilenceRequest(TypedDict):
    """A silence to be ordered, until `end` or for `minutes`; `start` is now without it."""

    scope: str
    kind: NotRequired[SilenceKind]
    start: NotRequired[str | None]
    end: NotRequired[str | None]
    minutes: NotRequired[int | None]
    why: NotRequired[str]


class AlarmsSilenceShape(TypedDict):
    """A silence. Those of `alarms.yaml` have the id 0."""

    id: int
    kind: SilenceKind
    scope: str
    start: str
    end: str
    who: str
    why: str


class AlarmsFindQuery(TypedDict):
    """Of `find`."""

    limit: NotRequired[int]
    offset: NotRequired[int]
    state: NotRequired[str]
    """open, unacknowledged, active, cleared, closed or all."""
    severity: NotRequired[list[str] | None]
    """warning, minor, major or critical."""
    site: NotRequired[str]
    rule: NotRequired[str]
    subject: NotRequired[str]
    """As `device:zay-cm2-a`."""
    q: NotRequired[str]
    """Words to look for."""


class Alarms:
    """Calls: alarms."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self, **query: Unpack[AlarmsFindQuery]) -> AlarmList:
        """Alarms.

        Open ones first, the most severe of them first, then the newest. Scope: read.
        """
        call = Call("GET", "/api/v1/alarms", query=query)
        return cast("AlarmList", self._transport.answer(call))

    def every_find(self, **query: Unpack[AlarmsFindQuery]) -> Iterator[AlarmShape]:
        """`find`, page after page."""
        offset = query.get("offset", 0)
        while True:
            query["offset"] = offset
            page = self.find(**query)
            yield from page["alarms"]
            offset += len(page["alarms"])
            if not page["alarms"] or offset >= page["total"]:
                return

    def acknowledge_many(self, body: Acknowledgement) -> Acknowledged:
        """Acknowledge many alarms.

        Those that wait for it are acknowledged, the others stay as they are. Scope: alarms:write.
        """
        call = Call("POST", "/api/v1/alarms/acknowledge", body=body)
        return cast("Acknowledged", self._transport.answer(call))

    def live(self) -> Iterator[Event]:
        """News of alarms as server-sent events.

        `alarms`: how many are active and how many nobody has acknowledged, now and each time
        something became of one; `mark` grows with it. The stream ends when the session does.
        Scope: read.
        """
        call = Call("GET", "/api/v1/alarms/live")
        return self._transport.events(call)

    def get(self, alarm_id: str) -> AlarmDetail:
        """One alarm with its history.

        Every line of its history, the oldest first. Scope: read.
        """
        call = Call("GET", filled("/api/v1/alarms/{alarm_id}", alarm_id=alarm_id))
        return cast("AlarmDetail", self._transport.answer(call))

    def acknowledge(self, alarm_id: str, body: AlarmAct) -> AlarmShape:
        """Acknowledge.

        Nobody else is told of it. Counts for the alarms it stands for too. Scope: alarms:write.
        """
        call = Call(
            "POST", filled("/api/v1/alarms/{alarm_id}/acknowledge", alarm_id=alarm_id), body=body
        )
        return cast("AlarmShape", self._transport.answer(call))

    def assign(self, alarm_id: str, body: AlarmAssignment) -> AlarmShape:
        """Assign to somebody.

        Who takes care of it. Scope: alarms:write.
        """
        call = Call(
            "POST", filled("/api/v1/alarms/{alarm_id}/assign", alarm_id=alarm_id), body=body
        )
        return cast("AlarmShape", self._transport.answer(call))

    def close(self, alarm_id: str, body: AlarmAct) -> AlarmShape:
        """Close.

        What comes back after this is a new alarm. One that still holds needs a comment. Scope:
        alarms:write.
        """
        call = Call("POST", filled("/api/v1/alarms/{alarm_id}/close", alarm_id=alarm_id), body=body)
        return cast("AlarmShape", self._transport.answer(call))

    def comment(self, alarm_id: str, body: AlarmAct) -> AlarmShape:
        """Comment.

        A line in its history, also when it is closed. Scope: alarms:write.
        """
        call = Call(
            "POST", filled("/api/v1/alarms/{alarm_id}/comment", alarm_id=alarm_id), body=body
        )
        return cast("AlarmShape", self._transport.answer(call))

    def silence(self, alarm_id: str, body: AlarmSilence) -> AlarmShape:
        """Silence for a time.

        Nobody is told of it until then. Scope: alarms:write.
        """
        call = Call(
            "POST", filled("/api/v1/alarms/{alarm_id}/silence", alarm_id=alarm_id), body=body
        )
        return cast("AlarmShape", self._transport.answer(call))

    def unsilence(self, alarm_id: str, body: AlarmAct) -> AlarmShape:
        """End its silence.

        People are told of it again. Scope: alarms:write.
        """
        call = Call(
            "POST", filled("/api/v1/alarms/{alarm_id}/unsilence", alarm_id=alarm_id), body=body
        )
        return cast("AlarmShape", self._transport.answer(call))

    def silences(self) -> list[AlarmsSilenceShape]:
        """Silences.

        Those that hold now or later; planned ones for the next days. Scope: read.
        """
        call = Call("GET", "/api/v1/silences")
        return cast("list[AlarmsSilenceShape]", self._transport.answer(call))

    def order_silence(self, body: SilenceRequest) -> AlarmsSilenceShape:
        """Order a silence.

        `silence`: alarms are shown and nobody is told. `maintenance`: rules watch and do nothing.
        Scope: rules:write.
        """
        call = Call("POST", "/api/v1/silences", body=body)
        return cast("AlarmsSilenceShape", self._transport.answer(call))

    def end_silence(self, silence_id: str) -> None:
        """End a silence.

        People are told again from now on. Scope: rules:write.
        """
        call = Call("POST", filled("/api/v1/silences/{silence_id}/end", silence_id=silence_id))
        self._transport.answer(call)
