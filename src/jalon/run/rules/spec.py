"""Rules as they are written: one file of `rules/`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class RuleFile(Strict):
    """The whole of `rules/*.yaml`."""
