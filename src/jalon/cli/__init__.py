"""One file a verb. `main` is the command `jalon`."""

from __future__ import annotations

from jalon.cli.shell import main

__all__ = ["main"]
