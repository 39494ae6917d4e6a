"""What leaves for other systems, as it is written in `integrations.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class IntegrationsFile(Strict):
    """The whole of `integrations.yaml`."""

    @property
    def webhook_ids(self) -> frozenset[str]:
        """Ids of the webhooks."""
        return frozenset()
