"""Who is told and how, as it is written in `notifications.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class NotificationsFile(Strict):
    """The whole of `notifications.yaml`."""

    @property
    def recipients(self) -> frozenset[str]:
        """Ids of people, groups and chains."""
        return frozenset()
