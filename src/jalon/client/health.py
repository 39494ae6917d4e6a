"""Calls: health.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict, cast

from jalon.client.transport import Call, Transport


class Alive(TypedDict):
    """The process answers."""

    status: NotRequired[str]


class PartState(TypedDict):
    """One part and whether it works."""

    name: str
    ready: bool
    detail: str


class Readiness(TypedDict):
    """Ready when every part is."""

    ready: bool
    parts: list[PartState]


class Health:
    """Calls: health."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def live(self) -> Alive:
        """The process is alive.

        Answers as long as the web server runs; needs no account.
        """
        call = Call("GET", "/health/live")
        return cast("Alive", self._transport.answer(call))

    def ready(self) -> Readiness:
        """Every part is ready.

        503 with the reasons while a part is not ready; needs no account.
        """
        call = Call("GET", "/health/ready")
        return cast("Readiness", self._transport.answer(call))
