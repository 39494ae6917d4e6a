"""What was read and agreed, with its fingerprint: `reviews.yaml`."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class ReviewsFile(Strict):
    """The whole of `reviews.yaml`."""
