"""Calls: fleet.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict, Unpack, cast

from jalon.client.shared import DeviceShape
from jalon.client.transport import Call, Transport


class Found(TypedDict):
    """One page of devices; `total` counts all that the search means."""

    total: int
    offset: int
    devices: list[DeviceShape]


class GroupShape(TypedDict):
    """A group: its devices are listed, or found by `query`. `devices` counts those of now."""

    id: str
    name: str
    query: str | None
    devices: int


class TagRequest(TypedDict):
    """Tags to put on devices and to take away, of some devices or of those that a search finds."""

    devices: NotRequired[list[str]]
    query: NotRequired[str | None]
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class Tagged(TypedDict):
    """Ids of the devices whose tags have changed."""

    changed: list[str]


class FleetSearchQuery(TypedDict):
    """Of `search`."""

    q: str
    """Such as: battery < 20 and site = "A" and not silent."""
    limit: NotRequired[int]
    offset: NotRequired[int]


class Fleet:
    """Calls: fleet."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def groups(self) -> list[GroupShape]:
        """Groups of devices.

        As fleet/groups.yaml has them. `group = <id>` in a search gives the devices. Scope: read.
        """
        call = Call("GET", "/api/v1/groups")
        return cast("list[GroupShape]", self._transport.answer(call))

    def search(self, **query: Unpack[FleetSearchQuery]) -> Found:
        """Devices that a search means.

        In the order of the fleet's file. A search that cannot be understood is answered with 422,
        the `column` (from 1) where it goes wrong and, if there is one, a `hint`. Scope: read.
        """
        call = Call("GET", "/api/v1/search", query=query)
        return cast("Found", self._transport.answer(call))

    def every_search(self, **query: Unpack[FleetSearchQuery]) -> Iterator[DeviceShape]:
        """`search`, page after page."""
        offset = query.get("offset", 0)
        while True:
            query["offset"] = offset
            page = self.search(**query)
            yield from page["devices"]
            offset += len(page["devices"])
            if not page["devices"] or offset >= page["total"]:
                return

    def tag(self, body: TagRequest) -> Tagged:
        """Tag devices.

        Put tags on devices and take others away, in one edit of the fleet's file. Scope:
        fleet:write.
        """
        call = Call("POST", "/api/v1/tags", body=body)
        return cast("Tagged", self._transport.answer(call))
