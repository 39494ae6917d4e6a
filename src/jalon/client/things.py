"""Calls: things.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import cast

from jalon.client.transport import Call, Transport, filled


class Things:
    """Calls: things."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def describe(self, device_id: str) -> None:
        """The W3C Thing Description of a device.

        TD 1.1, with addresses as the reader has reached this one. Scope: read.
        """
        call = Call("GET", filled("/api/v1/things/{device_id}", device_id=device_id))
        self._transport.answer(call)

    def properties(self, device_id: str) -> dict[str, object]:
        """Newest values by property.

        Properties never reported are left out. Scope: read.
        """
        call = Call("GET", filled("/api/v1/things/{device_id}/properties", device_id=device_id))
        return cast("dict[str, object]", self._transport.answer(call))

    def property(self, device_id: str, name: str) -> object:
        """Newest value of one property, bare.

        404 while it was never reported. Scope: read.
        """
        call = Call(
            "GET",
            filled("/api/v1/things/{device_id}/properties/{name}", device_id=device_id, name=name),
        )
        return self._transport.answer(call)
