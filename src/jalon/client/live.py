"""Calls: live.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict, Unpack

from jalon.client.transport import Call, Event, Transport


class LiveValuesQuery(TypedDict):
    """Of `values`."""

    device: NotRequired[list[str] | None]
    """Ids, at most 200."""


class Live:
    """Calls: live."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def values(self, **query: Unpack[LiveValuesQuery]) -> Iterator[Event]:
        """New values as server-sent events.

        `values`: a list of device, property, time, value and its text in the reader's language;
        the values known now come first, and a slow reader gets only the newest of each.
        `summary`: the fleet's figures, every few seconds. The stream ends when the session does.
        Scope: read.
        """
        call = Call("GET", "/api/v1/live", query=query)
        return self._transport.events(call)
