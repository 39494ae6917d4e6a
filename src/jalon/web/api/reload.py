"""Lets this machine's commands tell the running solution that its files have changed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from jalon.app.reception import RELOAD_PATH
from jalon.app.scopes import Scope
from jalon.web.context import Ctx
from jalon.web.scopes import requires

router = APIRouter()


@router.post(
    RELOAD_PATH,
    summary="Take the solution's files as they are now",
    status_code=204,
    dependencies=[requires(Scope.ADMIN)],
)
def reload(context: Ctx) -> Response:
    """204 when they are in force; 422 with the reason when they have a fault: then nothing has
    changed."""
    context.running.reload()
    return Response(status_code=204)
