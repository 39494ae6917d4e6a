"""Calls: dead letters.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict, Unpack, cast

from jalon.client.transport import Call, Transport

Reason = Literal[
    "unknown-topic",
    "unknown-device",
    "unknown-property",
    "invalid-utf8",
    "malformed",
    "oversized",
    "not-a-number",
    "wrong-type",
    "wrong-unit",
    "invalid-time",
    "future",
    "empty",
    "codec",
    "codec-limit",
    "replayed",
    "retired",
    "bug",
]
"""Why a message, or a part of it, could not become a reading."""


class LetterShape(TypedDict):
    """A dead letter as it is shown. What is not UTF-8 in `payload` is written as `\\xff`."""

    id: int
    received: str
    topic: str
    device: str | None
    reason: Reason
    detail: str
    payload: str


class Replayed(TypedDict):
    """What a replay did: letters tried, values stored and known already, letters that stay and
    why."""

    tried: NotRequired[int]
    stored: NotRequired[int]
    duplicates: NotRequired[int]
    refused: NotRequired[dict[str, int]]


class DeadLettersFindQuery(TypedDict):
    """Of `find`."""

    reason: NotRequired[Reason | None]
    """Only of this reason."""
    limit: NotRequired[int]


class DeadLettersReplayQuery(TypedDict):
    """Of `replay`."""

    reason: NotRequired[Reason | None]
    """Only of this reason."""
    id: NotRequired[int | None]
    """Only this one."""


class DeadLetters:
    """Calls: dead letters."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self, **query: Unpack[DeadLettersFindQuery]) -> list[LetterShape]:
        """Refused messages, the newest first.

        Those that wait; the oldest are dropped beyond the store's cap. Scope: read.
        """
        call = Call("GET", "/api/v1/deadletters", query=query)
        return cast("list[LetterShape]", self._transport.answer(call))

    def replay(self, **query: Unpack[DeadLettersReplayQuery]) -> Replayed:
        """Decode refused messages again.

        With the solution's files as they are now. Pages show a new property after a restart.
        Scope: admin.
        """
        call = Call("POST", "/api/v1/deadletters/replay", query=query)
        return cast("Replayed", self._transport.answer(call))
