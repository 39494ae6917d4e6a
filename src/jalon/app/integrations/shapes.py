"""Integrations as the API and the commands tell of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, Field

from jalon.app.integrations.service import Shown
from jalon.vocab.text import Text
from jalon.vocab.times import from_ms

API_PATH = "/api/v1/integrations"


class ExportRunShape(BaseModel):
    """One period of an export, `[start, end)`: `state` is running, done or failed."""

    start: datetime
    end: datetime
    state: str
    tries: int
    rows: int
    bytes: int
    place: str
    error: str


class IntegrationShape(BaseModel):
    """An integration of `integrations.yaml`. `state` is `works`, `fails`, `starting` or `off`;
    `done` counts what it did since the start (for a webhook, calls that are remembered), `waiting`
    what it is behind, `dropped` what was given up."""

    id: str
    kind: str
    state: str
    since: datetime | None
    trouble: str
    detail: str
    last: datetime | None = Field(description="When it last did something.")
    done: int
    waiting: int
    dropped: int
    runs: list[ExportRunShape]

    @classmethod
    def of(cls, shown: Shown, say: Callable[[Text], str] = str) -> IntegrationShape:
        """As it is told; `say` gives sentences in the reader's language."""
        now = shown.standing
        return cls(
            id=shown.settings.id,
            kind=shown.kind,
            state=state(shown),
            since=from_ms(now.since_ms) if now else None,
            trouble=say(now.trouble) if now and now.trouble else "",
            detail=now.detail if now else "",
            last=from_ms(now.last_ms) if now and now.last_ms is not None else None,
            done=now.done if now else 0,
            waiting=now.waiting if now else 0,
            dropped=now.dropped if now else 0,
            runs=[
                ExportRunShape(
                    start=from_ms(run.start_ms),
                    end=from_ms(run.end_ms),
                    state=run.state,
                    tries=run.tries,
                    rows=run.rows,
                    bytes=run.bytes,
                    place=run.place,
                    error=run.error,
                )
                for run in shown.runs
            ],
        )


def state(shown: Shown) -> str:
    """In one word."""
    if shown.standing is None:
        return "off"
    works = {True: "works", False: "fails", None: "starting"}
    return works[shown.standing.works]
