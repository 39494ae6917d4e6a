"""The commands of a running solution."""

from __future__ import annotations

from jalon.app.ground import Ground
from jalon.run.control import CommandDue, DownlinkHeard, ResultHeard


class Commands:
    """Every method may be called from any thread."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def start(self) -> None:
        """Begin what runs by itself."""

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""

    def carry_out(self, due: CommandDue | ResultHeard | DownlinkHeard) -> None:
        """Take in; a part of the transaction it is called in."""
