"""What technologies are weighed for each layer: `choices.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class ChoicesFile(Strict):
    """The whole of `choices.yaml`."""
