"""What people are told by a running solution."""

from __future__ import annotations

from jalon.app.ground import Ground
from jalon.run.control import Message, NoticeDue


class Notices:
    """Every method may be called from any thread."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def start(self) -> None:
        """Begin what runs by itself."""

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""

    def carry_out(self, due: NoticeDue) -> None:
        """Tell; a part of the transaction it is called in."""

    def post(self, message: Message) -> None:
        """Put into the outbox; a part of the transaction it is called in."""
