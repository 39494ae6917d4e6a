"""Parts of `notifications.yaml` that people and outlets share."""

from __future__ import annotations

from pydantic import Field

from jalon.vocab.durations import Duration
from jalon.vocab.entries import Strict


class Rate(Strict):
    """How many messages may go."""

    most: int = Field(ge=1, le=100_000, description="So many.")
    per: Duration = Field(ge=1000, description="In any such length of time, as 1 h.")
