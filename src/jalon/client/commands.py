"""Calls: commands.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict, Unpack, cast

from jalon.client.transport import Call, Transport, filled


class ActionShape(TypedDict):
    """Something a device can be told: a WoT action, or `set:<property>`. Lengths in seconds."""

    name: str
    title: str
    description: str
    input: dict[str, object] | None
    idempotent: bool
    dangerous: bool


class BulkLimits(TypedDict):
    """How commands to many devices are paced, unless who asks says otherwise."""

    rate: NotRequired[float]
    concurrency: NotRequired[int]
    stop_at: NotRequired[float]


class Selection(TypedDict):
    """Which devices: those that every key given holds for."""

    devices: NotRequired[list[str]]
    group: NotRequired[str | None]
    query: NotRequired[str | None]
    thing: NotRequired[str | None]
    site: NotRequired[str | None]


class BulkRequest(TypedDict):
    """The same command to many devices. Without `confirm`, the number of devices that were
    shown, nothing happens and the answer is a preview."""

    action: str
    input: NotRequired[object]
    select: Selection
    confirm: NotRequired[int | None]
    limits: NotRequired[BulkLimits | None]


class BulkShape(TypedDict):
    """The same command to many devices. `result` is success, partial-failure or error; empty
    while it goes on."""

    id: int
    action: str
    input: object
    by: str
    created: str
    done: int
    failed: int
    left_out: int
    open: int
    awaiting: int
    result: str
    stopped: str


CommandsState = Literal[
    "requested",
    "awaiting-approval",
    "queued",
    "sending",
    "sending-again",
    "sent",
    "delivered",
    "running",
    "completed",
    "failed",
    "timed-out",
    "expired",
    "cancelled",
    "rejected",
    "unknown",
]
"""How far a command has come."""


class StepShape(TypedDict):
    """Something that happened to a command, and the state it was in afterwards."""

    time: str
    step: str
    state: CommandsState
    who: str
    reason: str


class CommandDetail(TypedDict):
    """A command with its history, oldest first."""

    id: str
    number: int
    device: str
    action: str
    input: object
    state: CommandsState
    by: str
    approver: str
    created: str
    changed: str
    expires: str
    attempts: int
    bulk: int | None
    output: object
    reason: str
    steps: list[StepShape]


class CommandShape(TypedDict):
    """A command; `by` and `approver` are `user:<name>`, `rule:<id>` or `schedule:<id>`."""

    id: str
    number: int
    device: str
    action: str
    input: object
    state: CommandsState
    by: str
    approver: str
    created: str
    changed: str
    expires: str
    attempts: int
    bulk: int | None
    output: object
    reason: str


StateInput = Literal[
    "requested",
    "awaiting-approval",
    "queued",
    "sending",
    "sending-again",
    "sent",
    "delivered",
    "running",
    "completed",
    "failed",
    "timed-out",
    "expired",
    "cancelled",
    "rejected",
    "unknown",
]
"""How far a command has come."""


class CommandsPreviewShape(TypedDict):
    """What a bulk would do: to how many devices and which, and why not to others. `confirm` is
    the number to send."""

    confirm: int
    devices: list[str]
    refused: dict[str, str]
    dangerous: bool


class CommandsFindQuery(TypedDict):
    """Of `find`."""

    limit: NotRequired[int]
    before: NotRequired[int | None]
    """`number` of the last one read."""
    device: NotRequired[str | None]
    state: NotRequired[list[StateInput] | None]
    action: NotRequired[str | None]
    by: NotRequired[str | None]
    """As `user:admin`."""
    bulk: NotRequired[int | None]


class CommandsAskQuery(TypedDict):
    """Of `ask`."""

    at: NotRequired[str]
    """ISO 8601; without an offset in the site's zone."""
    expires: NotRequired[str]
    """ISO 8601; without an offset in the site's zone."""


class Commands:
    """Calls: commands."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ask_many(
        self, body: BulkRequest, idempotency_key: str | None = None
    ) -> BulkShape | CommandsPreviewShape:
        """Tell many devices to do the same.

        A preview first; with its number as `confirm` it begins. Devices are told one after the
        other at the rate of `limits`; when too many fail the rest is left out. Scope:
        commands:write.
        """
        call = Call(
            "POST",
            "/api/v1/bulks",
            body=body,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
        return cast("BulkShape | CommandsPreviewShape", self._transport.answer(call))

    def bulk(self, bulk_id: str) -> BulkShape:
        """How a command to many devices goes.

        The commands themselves: `/api/v1/commands?bulk=`. Scope: read.
        """
        call = Call("GET", filled("/api/v1/bulks/{bulk_id}", bulk_id=bulk_id))
        return cast("BulkShape", self._transport.answer(call))

    def stop(self, bulk_id: str) -> BulkShape:
        """Leave out the rest.

        What has left is not called back. Scope: commands:write.
        """
        call = Call("POST", filled("/api/v1/bulks/{bulk_id}/stop", bulk_id=bulk_id))
        return cast("BulkShape", self._transport.answer(call))

    def find(self, **query: Unpack[CommandsFindQuery]) -> list[CommandShape]:
        """Commands, the newest first.

        Those that fit everything given. Scope: read.
        """
        call = Call("GET", "/api/v1/commands", query=query)
        return cast("list[CommandShape]", self._transport.answer(call))

    def get(self, command_id: str) -> CommandDetail:
        """One command with its history.

        404 when there is none of that id. Scope: read.
        """
        call = Call("GET", filled("/api/v1/commands/{command_id}", command_id=command_id))
        return cast("CommandDetail", self._transport.answer(call))

    def cancel(self, command_id: str) -> CommandShape:
        """Cancel what has not left.

        422 when it has left or is over. Scope: commands:write.
        """
        call = Call("POST", filled("/api/v1/commands/{command_id}/cancel", command_id=command_id))
        return cast("CommandShape", self._transport.answer(call))

    def actions(self, device_id: str) -> list[ActionShape]:
        """What a device can be told.

        Actions of its type, and `set:<property>` for what can be written. Scope: read.
        """
        call = Call("GET", filled("/api/v1/devices/{device_id}/actions", device_id=device_id))
        return cast("list[ActionShape]", self._transport.answer(call))

    def ask(
        self,
        device_id: str,
        action: str,
        body: object = None,
        idempotency_key: str | None = None,
        **query: Unpack[CommandsAskQuery],
    ) -> CommandShape:
        """Tell a device to do something.

        202 when it is written down: it is sent at `at` or now, until `expires` at the latest. The
        answer's `state` is `awaiting-approval` for what a second administrator must approve.
        Scope: commands:write.
        """
        call = Call(
            "POST",
            filled(
                "/api/v1/devices/{device_id}/actions/{action}", device_id=device_id, action=action
            ),
            body=body,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
            query=query,
        )
        return cast("CommandShape", self._transport.answer(call))
