"""What is observed while the solution runs, for the commands of the design."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from jalon.app.design.drift import actual, as_json
from jalon.web.context import Ctx

router = APIRouter(prefix="/api/v1/design", tags=["design"])


@router.get("/actual", summary="What runs, to be compared with the architecture")
def show_actual(context: Ctx) -> Response:
    """Devices heard, listeners, links, destinations and strangers; `jalon design architecture
    --drift` compares them with architecture.yaml."""
    return Response(as_json(actual(context.running)), media_type="application/json")
