"""What is watched, and what was decided of it: `watch.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class WatchFile(Strict):
    """The whole of `watch.yaml`."""
