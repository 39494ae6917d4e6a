"""Calls: twins.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from jalon.client.transport import Call, Transport, filled


class DesiredShape(TypedDict):
    """What a property is to be: since which version of the desired state, when and by whom."""

    value: object
    version: int
    time: str
    by: str


class ReportedShape(TypedDict):
    """What a device said last of a property: in its state, or as a value it measured."""

    value: object
    time: str
    source: Literal["state", "telemetry"]


class TwinShape(TypedDict):
    """A twin. `version` is that of the desired state, `taken` the one that the device says it
    has taken in; `delta` is what is wanted and not so yet; `sent` when the way to the device
    took it in charge; `trouble` why it cannot be sent."""

    device: str
    version: int
    taken: int
    desired: dict[str, DesiredShape]
    reported: dict[str, ReportedShape]
    delta: dict[str, object]
    sent: str | None
    trouble: str


class Twins:
    """Calls: twins."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, device_id: str) -> TwinShape:
        """The twin of a device.

        Desired and reported state and what is open between them. The header ETag is the version
        of the desired state. Scope: read.
        """
        call = Call("GET", filled("/api/v1/devices/{device_id}/twin", device_id=device_id))
        return cast("TwinShape", self._transport.answer(call))

    def desire(
        self, device_id: str, body: dict[str, object], if_match: str | None = None
    ) -> TwinShape:
        """Want a device to be so.

        JSON Merge Patch (RFC 7396) of the desired state. With If-Match it is refused with 412
        when somebody else was faster; the answer's ETag is the version there is. Scope:
        twins:write.
        """
        call = Call(
            "PATCH",
            filled("/api/v1/devices/{device_id}/twin/desired", device_id=device_id),
            body=body,
            headers={"if-match": if_match},
        )
        return cast("TwinShape", self._transport.answer(call))
