"""What the solution decides, and what devices answer: the words that rules, alarms, notices,
commands, twins and updates share.

A decision is stored in the same transaction as the readings it came from, and carried out exactly
once: see `app.control`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Union

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Scalar = bool | int | float | str | None
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""What devices say may be any number; a database keeps 64 bits."""
Words = dict[str, str]
"""A text by two-letter language code."""


class AlarmSeverity(StrEnum):
    """Perceived severity, after ITU-T X.733; what is cleared has none."""

    WARNING = "warning"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """1 for a warning to 4 for critical."""
        return list(AlarmSeverity).index(self) + 1


class SubjectKind(StrEnum):
    """What a rule watches, and an alarm is about."""

    DEVICE = "device"
    ROOM = "room"
    SITE = "site"
    SOLUTION = "solution"
    LINK = "link"


class Subject(NamedTuple):
    """What it is about. `id` of a room is `<site>/<room>`; of the solution it is ""."""

    kind: SubjectKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Subject:
        """The inverse of `str`. Raises ValueError."""
        kind, colon, key = text.partition(":")
        if not colon:
            raise ValueError(f"{text!r} is no subject")
        return cls(SubjectKind(kind), key)


class Stated(BaseModel):
    """A part of a decision."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Due(Stated):
    """A decision. `subject` is `str(Subject)`; `at_ms` is when what it is about happened (event
    time, Unix ms UTC). `key` makes it unique: the same key is carried out once, for ever.
    `by` is who decided: `rule:<id>`, `user:<name>`, `device:<id>`, `schedule:<id>`."""

    at_ms: int
    key: str
    by: str
    subject: str


class AlarmDue(Due):
    """An alarm of (`by`, `subject`) takes this severity; None clears it. `values` are those seen,
    by the name they have in the rule; `words` say it to people."""

    kind: Literal["alarm"] = "alarm"
    severity: AlarmSeverity | None
    words: Words = Field(default_factory=dict)
    values: dict[str, Scalar] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)


class NoticeDue(Due):
    """Somebody is to be told, without an alarm. `to` are ids of people, groups or rotas of
    `notifications.yaml`."""

    kind: Literal["notice"] = "notice"
    to: list[str]
    words: Words
    severity: AlarmSeverity | None = None
    values: dict[str, Scalar] = Field(default_factory=dict)


class CommandDue(Due):
    """A device is to do something: a WoT `action` with its input. `subject` is the device."""

    kind: Literal["command"] = "command"
    action: str
    input: object = None
    expires_ms: int | None = None


class DesireDue(Due):
    """The twin of `subject` (a device) is wanted to be so: property → value."""

    kind: Literal["desire"] = "desire"
    desired: dict[str, object]


class CallDue(Due):
    """A webhook of `integrations.yaml` is to be called, with these values."""

    kind: Literal["call"] = "call"
    webhook: str
    words: Words = Field(default_factory=dict)
    severity: AlarmSeverity | None = None
    values: dict[str, Scalar] = Field(default_factory=dict)


class FiredDue(Due):
    """For the memory of a rule: it changed its mind. `active` is whether one of its levels holds
    now; a level may have no severity. `late` says that what it saw was too old to act on; `dry`
    that the rule only watches; `silenced` that a silence was in force."""

    kind: Literal["fired"] = "fired"
    active: bool = True
    severity: AlarmSeverity | None
    values: dict[str, Scalar] = Field(default_factory=dict)
    dry: bool = False
    late: bool = False
    silenced: bool = False


class ResultHeard(Due):
    """A device says how a command went (`v1/<device>/result`)."""

    kind: Literal["result"] = "result"
    command: str
    status: Literal["running", "completed", "failed"]
    output: object = None
    error: str = ""


class StateHeard(Due):
    """A device reports its state (`v1/<device>/state`): property → value, and the version of the
    desired state it has taken in, if it says so."""

    kind: Literal["state"] = "state"
    reported: dict[str, object]
    version: Whole | None = None


class EventHeard(Due):
    """A device tells an event of its Thing Model (`v1/<device>/event`)."""

    kind: Literal["event"] = "event"
    event: str
    data: object = None


class ProgressHeard(Due):
    """A device tells how its update goes (`v1/<device>/update/status`). `state` is one of
    `run.updates`; `offset` bytes have come; `versions` is what it runs by component."""

    kind: Literal["progress"] = "progress"
    state: str
    package: str = ""
    offset: Whole = 0
    error: str = ""
    versions: dict[str, str] = Field(default_factory=dict)


class DownlinkHeard(Due):
    """A network server tells what became of a LoRaWAN downlink; `stage` as in its codec."""

    kind: Literal["downlink"] = "downlink"
    downlink: str
    stage: str
    detail: str = ""


Decision = Annotated[
    Union[  # noqa: UP007 - one name a line reads better
        AlarmDue,
        NoticeDue,
        CommandDue,
        DesireDue,
        CallDue,
        FiredDue,
        ResultHeard,
        StateHeard,
        EventHeard,
        ProgressHeard,
        DownlinkHeard,
    ],
    Field(discriminator="kind"),
]

_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


def write(decision: Due) -> bytes:
    """As it is stored."""
    return decision.model_dump_json().encode()


def read(stored: bytes) -> Decision:
    """The inverse of `write`. Raises pydantic.ValidationError."""
    return _DECISION.validate_json(stored)


Outcome = tuple[list[Decision], Mapping[str, bytes | None]]
"""What a look at new readings gives: decisions, and what is to be remembered of timers and levels
by key, None to forget. Both are stored with the readings."""


class AlarmNews(Stated):
    """What just became of an alarm, for those who must know. `what` is a transition of
    `run.alarms` (raised, worsened, eased, acknowledged, cleared…); `who` did it."""

    alarm: int
    what: str
    at_ms: int
    rule: str
    subject: str
    severity: AlarmSeverity | None
    words: Words
    who: str = ""
    comment: str = ""
    values: dict[str, Scalar] = Field(default_factory=dict)


class Message(Stated):
    """Something to tell people. `to` are ids of people, groups or rotas of `notifications.yaml`;
    `path` is the page that shows more. The same `key` is sent once to each person and channel.
    `at_ms` is since when it is so. Names and units of `subject` (`str(Subject)`) and of `values`
    (by property or by the name they have in the rule) are added for each reader."""

    key: str
    at_ms: int
    to: list[str]
    title: Words
    body: Words = Field(default_factory=dict)
    severity: AlarmSeverity | None = None
    alarm: int | None = None
    path: str = "/"
    subject: str = ""
    values: dict[str, Scalar] = Field(default_factory=dict)


class CallOut(Stated):
    """A web service to be called: a webhook of `integrations.yaml` and the JSON it gets."""

    key: str
    at_ms: int
    webhook: str
    content: dict[str, object]
