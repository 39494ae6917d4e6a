"""Personal data and what is done with it: `privacy.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class PrivacyFile(Strict):
    """The whole of `privacy.yaml`."""
