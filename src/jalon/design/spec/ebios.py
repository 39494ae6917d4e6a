"""The EBIOS RM study, as far as people write it: `ebios.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class EbiosFile(Strict):
    """The whole of `ebios.yaml`."""
