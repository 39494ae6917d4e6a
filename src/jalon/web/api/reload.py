"""Lets this machine's commands tell the running solution that its files have changed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from jalon.app.reception import RELOAD_PATH
from jalon.web.context import Ctx

router = APIRouter()


@router.post(RELOAD_PATH, summary="Take the solution's files as they are now")
def reload(context: Ctx) -> Response:
    """204 when they are in force; 422 with the reason when they have a fault: then nothing has
    changed. For administrators and this machine's own commands."""
    context.running.reload()
    return Response(status_code=204)
