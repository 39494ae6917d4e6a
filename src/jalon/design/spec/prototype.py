"""Hypotheses, written before the run that judges them: `prototype.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class PrototypeFile(Strict):
    """The whole of `prototype.yaml`."""
