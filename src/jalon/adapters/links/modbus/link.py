"""Modbus devices, over TCP or on a serial line: read in turn, one request at a time."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.adapters.links.modbus import codec
from jalon.adapters.links.modbus.settings import Settings
from jalon.adapters.links.modbus.turns import Round, rounds
from jalon.adapters.outbox import Outbox
from jalon.run.links import Host, LinkSettings, Member
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

__all__ = ["Settings", "make"]


class ModbusLink:
    """The conversation with one TCP host or one serial line."""

    def __init__(self, settings: Settings, members: Sequence[Member]) -> None:
        self._settings = settings
        self._members = members
        self._outbox = Outbox()
        self._plan()

    def _plan(self) -> list[Round]:
        found: list[Round] = []
        settings = self._settings
        for member in self._members:
            device = member.device
            try:
                unit = codec.unit_of(device.address)
                points = codec.points_of(member.thing.properties)
            except codec.Unfit as unfit:
                raise UsageError(
                    Text(
                        N_("{device} cannot be read over Modbus: {reason}"),
                        {"device": device.id, "reason": unfit.text},
                    )
                ) from None
            if not points:
                message = N_("{device} has no property with a Modbus form (`modv:entity`).")
                raise UsageError(Text(message, {"device": device.id}))
            found += rounds(
                unit, device.id, points, settings.poll_s, settings.gap, settings.most_registers
            )
        return found

    def serve(self, host: Host) -> None:
        """Read round after round until told to stop. Raises LinkDown when nobody answers."""
        # The library is heavy and most commands never talk to a device.
        from jalon.adapters.links.modbus import bus

        with self._outbox.sending(host):
            bus.serve(self._settings, self._plan(), host, self._outbox)


def make(settings: LinkSettings, members: Sequence[Member]) -> ModbusLink:
    """A link for these devices. Raises UsageError for one that cannot be read."""
    assert isinstance(settings, Settings)
    return ModbusLink(settings, members)
