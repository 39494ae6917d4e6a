"""Commands as the API and the commands of this machine ask for them and show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from jalon.app.commands.bulks import BulkAsked, Preview
from jalon.app.commands.views import Bulk, Command, CommandStep
from jalon.run.commands.affordances import Affordance
from jalon.run.commands.bulk import Error, PartialFailure
from jalon.run.commands.spec import BulkLimits, Handling, Selection
from jalon.run.commands.states import State
from jalon.run.wot.describe import schema
from jalon.vocab.text import Text
from jalon.vocab.times import from_ms

COMMANDS = "/api/v1/commands"
BULKS = "/api/v1/bulks"
AT_MOST = 1000
Say = Callable[[Text], str]


def actions_path(device_id: str) -> str:
    """Where the API tells what a device can be asked."""
    return f"/api/v1/devices/{device_id}/actions"


class CommandShape(BaseModel):
    """A command; `by` and `approver` are `user:<name>`, `rule:<id>` or `schedule:<id>`."""

    id: str
    number: int
    device: str
    action: str
    input: Any
    state: State
    by: str
    approver: str
    created: datetime
    changed: datetime
    expires: datetime
    attempts: int
    bulk: int | None
    output: Any
    reason: str

    @classmethod
    def of(cls, one: Command, say: Say) -> CommandShape:
        """The shape of one."""
        return cls(
            id=one.id,
            number=one.number,
            device=one.device,
            action=one.action,
            input=one.input,
            state=one.state,
            by=one.by,
            approver=one.approver,
            created=from_ms(one.created_ms),
            changed=from_ms(one.changed_ms),
            expires=from_ms(one.expires_ms),
            attempts=one.attempts,
            bulk=one.bulk,
            output=one.output,
            reason="" if one.reason is None else say(one.reason),
        )


class StepShape(BaseModel):
    """Something that happened to a command, and the state it was in afterwards."""

    time: datetime
    step: str
    state: State
    who: str
    reason: str


class CommandDetail(CommandShape):
    """A command with its history, oldest first."""

    steps: list[StepShape]

    @classmethod
    def with_steps(cls, one: Command, steps: Iterable[CommandStep], say: Say) -> CommandDetail:
        """The shape of one."""
        told = [
            StepShape(
                time=from_ms(step.at_ms),
                step=step.step,
                state=step.state,
                who=step.who,
                reason="" if step.reason is None else say(step.reason),
            )
            for step in steps
        ]
        return cls(**CommandShape.of(one, say).model_dump(), steps=told)


class ActionShape(BaseModel):
    """Something a device can be told: a WoT action, or `set:<property>`. Lengths in seconds."""

    name: str
    title: str
    description: str
    input: dict[str, Any] | None
    idempotent: bool
    dangerous: bool

    @classmethod
    def of(cls, one: Affordance, handling: Handling, language: str) -> ActionShape:
        """The shape of one."""
        return cls(
            name=one.name,
            title=one.names.in_language(language),
            description=one.hints.in_language(language),
            input=None if one.input is None else schema(one.input),
            idempotent=one.idempotent,
            dangerous=handling.dangerous,
        )


class Person(BaseModel):
    """Who approves, when a command of this machine asks: it is nobody itself."""

    model_config = ConfigDict(extra="forbid")

    user: str = Field(max_length=64)
    password: str = Field(max_length=1024)
    why: str = Field(default="", max_length=500)


class BulkRequest(BaseModel):
    """The same command to many devices. Without `confirm`, the number of devices that were shown,
    nothing happens and the answer is a preview."""

    model_config = ConfigDict(extra="forbid")

    action: str = Field(max_length=80)
    input: Any = None
    select: Selection
    confirm: int | None = Field(default=None, ge=1)
    limits: BulkLimits | None = None

    def asked(self, devices: list[str], by: str, key: str) -> BulkAsked:
        """What it asks for."""
        return BulkAsked(devices, self.action, self.input, by, key, self.limits)


class PreviewShape(BaseModel):
    """What a bulk would do: to how many devices and which, and why not to others. `confirm` is the
    number to send."""

    confirm: int
    devices: list[str]
    refused: dict[str, str]
    dangerous: bool

    @classmethod
    def of(cls, one: Preview, say: Say) -> PreviewShape:
        """The shape of one."""
        return cls(
            confirm=len(one.devices),
            devices=one.devices,
            refused={device: say(text) for device, text in one.refused.items()},
            dangerous=one.dangerous,
        )


class BulkShape(BaseModel):
    """The same command to many devices. `result` is success, partial-failure or error; empty while
    it goes on."""

    id: int
    action: str
    input: Any
    by: str
    created: datetime
    done: int
    failed: int
    left_out: int
    open: int
    awaiting: int
    result: str
    stopped: str

    @classmethod
    def of(cls, one: Bulk, say: Say) -> BulkShape:
        """The shape of one."""
        progress = one.progress
        return cls(
            id=one.id,
            action=one.action,
            input=one.input,
            by=one.by,
            created=from_ms(one.created_ms),
            done=progress.done,
            failed=progress.failed,
            left_out=progress.left_out,
            open=progress.open,
            awaiting=one.awaiting,
            result=result_word(one),
            stopped="" if one.stopped is None else say(one.stopped),
        )


def result_word(one: Bulk) -> str:
    """How it ended, in one word."""
    match one.result:
        case None:
            return ""
        case PartialFailure():
            return "partial-failure"
        case Error():
            return "error"
        case _:
            return "success"
