"""Who may sign updates and how they are rolled out, as it is written in `updates.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class UpdatesFile(Strict):
    """The whole of `updates.yaml`."""
