"""Messages that could not become readings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from jalon.app.deadletters import API_PATH, LetterShape, Replayed, StoreLetters
from jalon.app.scopes import Scope
from jalon.run.batch import Reason
from jalon.web.context import Ctx
from jalon.web.scopes import requires

router = APIRouter(prefix=API_PATH, tags=["dead letters"])

MaybeReason = Annotated[Reason | None, Query(description="Only of this reason.")]


@router.get("", summary="Refused messages, the newest first")
def letters(
    context: Ctx,
    reason: MaybeReason = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
) -> list[LetterShape]:
    """Those that wait; the oldest are dropped beyond the store's cap."""
    return _letters(context).waiting(reason, limit)


@router.post(
    "/replay", summary="Decode refused messages again", dependencies=[requires(Scope.ADMIN)]
)
def replay(
    context: Ctx,
    reason: MaybeReason = None,
    id: Annotated[int | None, Query(ge=1, description="Only this one.")] = None,
) -> Replayed:
    """With the solution's files as they are now. Pages show a new property after a restart."""
    return _letters(context).replay(reason, id)


def _letters(context: Ctx) -> StoreLetters:
    running = context.running
    return StoreLetters(running.store, running.solution.folder)
