"""For supervisors: is the process alive, and is every part ready."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from jalon.web.context import Ctx

router = APIRouter(prefix="/health", tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "alive"


class PartState(BaseModel):
    """One part and whether it works."""

    name: str
    ready: bool
    detail: str


class Readiness(BaseModel):
    """Ready when every part is."""

    ready: bool
    parts: list[PartState]


@router.get("/live", summary="The process is alive")
async def live() -> Alive:
    """Answers as long as the web server runs; needs no account."""
    return Alive()


@router.get(
    "/ready",
    summary="Every part is ready",
    responses={503: {"model": Readiness, "description": "Some part is not ready."}},
)
def ready(context: Ctx, response: Response) -> Readiness:
    """503 with the reasons while a part is not ready; needs no account."""
    parts = [
        PartState(name=part.name, ready=part.ready, detail=part.detail)
        for part in context.running.parts()
    ]
    found = Readiness(ready=all(part.ready for part in parts), parts=parts)
    response.status_code = 200 if found.ready else 503
    return found
