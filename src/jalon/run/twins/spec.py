"""Groups of devices, as they are written in `fleet/groups.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class GroupsFile(Strict):
    """The whole of `fleet/groups.yaml`."""

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the groups."""
        return frozenset()
