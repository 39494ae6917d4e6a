"""For whom it must work, and what is promised: `accessibility.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class AccessibilityFile(Strict):
    """The whole of `accessibility.yaml`."""
