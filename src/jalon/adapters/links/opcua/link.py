"""An OPC UA server's variables, as the telemetry of devices."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.adapters.links.opcua import codec
from jalon.adapters.links.opcua.settings import Settings
from jalon.adapters.outbox import Outbox
from jalon.run.links import Host, LinkSettings, Member
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

__all__ = ["Settings", "make"]


class OpcUaLink:
    """The conversation with one server."""

    def __init__(self, settings: Settings, members: Sequence[Member]) -> None:
        self._settings = settings
        self._outbox = Outbox()
        self._places = [place for member in members for place in _places(member)]

    def serve(self, host: Host) -> None:
        """Subscribe, and hand over what the server tells. Raises LinkDown."""
        # The library is heavy and most commands never talk to a server.
        from jalon.adapters.links.opcua import session

        with self._outbox.sending(host):
            session.serve(self._settings, self._places, host, self._outbox)


def make(settings: LinkSettings, members: Sequence[Member]) -> OpcUaLink:
    """A link for these devices. Raises UsageError for one whose forms lead nowhere."""
    assert isinstance(settings, Settings)
    return OpcUaLink(settings, members)


def _places(member: Member) -> list[codec.Place]:
    device = member.device
    try:
        places = codec.places_of(device.id, device.address, member.thing.properties)
    except codec.Unfit as unfit:
        raise UsageError(
            Text(
                N_("{device} cannot be read over OPC UA: {reason}"),
                {"device": device.id, "reason": unfit.text},
            )
        ) from None
    if not places:
        message = N_("{device} has no property with an OPC UA form (`href: ns=2;s=…`).")
        raise UsageError(Text(message, {"device": device.id}))
    return places
