"""How commands are handled, as it is written in `commands.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class CommandsFile(Strict):
    """The whole of `commands.yaml`."""
