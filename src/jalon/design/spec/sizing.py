"""What sizing needs to know beyond the architecture: `sizing.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class SizingFile(Strict):
    """The whole of `sizing.yaml`."""
