"""How an integration is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jalon.vocab.text import Text


class Kind(StrEnum):
    """The lists of `integrations.yaml`."""

    WEBHOOK = "webhooks"
    REPUBLISH = "republish"
    EXPORT = "exports"
    POSTGRESQL = "postgresql"
    HOME_ASSISTANT = "home_assistant"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is, since `since_ms`: `works` is None until it has shown it. `trouble` says why it
    does not. `last_ms` is when it last did something; `done` counts what, since the start.

    `waiting` is what it is behind, `dropped` what was given up because too much waited.
    """

    works: bool | None
    since_ms: int
    trouble: Text | None = None
    detail: str = ""
    last_ms: int | None = None
    done: int = 0
    waiting: int = 0
    dropped: int = 0
