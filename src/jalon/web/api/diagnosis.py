"""Why a device is silent or refused, for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from jalon.app import diagnosis
from jalon.web.api.devices import device_or_refuse
from jalon.web.context import Ctx
from jalon.web.shell import PageDep

router = APIRouter(prefix="/api/v1", tags=["devices"])


class SuspicionShape(BaseModel):
    """A cause: its stable name, how sure it is (`certain`, `likely`, `possible`), and sentences in
    the reader's language."""

    cause: str
    likelihood: str
    says: str
    evidence: list[str]
    advice: str


@router.get("/devices/{device_id}/diagnosis", summary="Why a device is silent or refused")
def why(context: Ctx, page: PageDep, device_id: str) -> list[SuspicionShape]:
    """The most certain cause first; nothing when all is well."""
    device = device_or_refuse(context, device_id)
    zone = context.running.solution.site(device.site).tz
    return [
        SuspicionShape(
            cause=one.cause,
            likelihood=one.likelihood.name.lower(),
            says=page.say(one.says, zone),
            evidence=[page.say(fact, zone) for fact in one.evidence],
            advice=page.say(one.advice, zone),
        )
        for one in diagnosis.why(context.running, context.presence, device)
    ]
