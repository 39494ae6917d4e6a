"""The alarms of a running solution."""

from __future__ import annotations

from jalon.app.ground import Ground
from jalon.run.control import AlarmDue


class Alarms:
    """Every method may be called from any thread."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def start(self) -> None:
        """Begin what runs by itself."""

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""

    def carry_out(self, due: AlarmDue) -> None:
        """Raise, change or clear; a part of the transaction it is called in."""
