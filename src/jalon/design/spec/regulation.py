"""What the law asks of the solution, and the client's values: `regulation.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class RegulationFile(Strict):
    """The whole of `regulation.yaml`."""
