"""What a sender is told."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jalon.app.posting import Problem, Receipt
from jalon.run.batch import Reason
from jalon.vocab.text import N_, Text
from jalon.web.problems import Refused, problem_body

SHOWN = 100


class NotTaken(BaseModel):
    """A part that was not taken. `reason` is a word for programs, `detail` says what was wrong
    with it in English."""

    device: str
    reason: Reason
    detail: str


class Taken(BaseModel):
    """What is stored durably: so many values; and what was not taken of the same request."""

    values: int
    refused: list[NotTaken] = []


def answer(request: Request, receipt: Receipt) -> Response:
    """202 when something was stored, 422 when nothing is of use, 403 when it may not be said."""
    if receipt.denied and not receipt.values and not receipt.problems:
        message = N_("This credential may not speak for {device}.")
        raise Refused(403, Text(message, {"device": ", ".join(receipt.denied[:5])}))
    refused = [
        NotTaken(device=one.device, reason=one.reason, detail=one.detail)
        for one in (*receipt.problems, *_denied(receipt))
    ][:SHOWN]
    if receipt.values:
        taken = Taken(values=receipt.values, refused=refused)
        return JSONResponse(taken.model_dump(mode="json"), 202)
    first = receipt.problems[0] if receipt.problems else None
    text = Text(N_("Nothing of this could be used: {reason}."), {"reason": _why(first)})
    body = problem_body(request, 422, text)
    body["refused"] = [one.model_dump(mode="json") for one in refused]
    return JSONResponse(body, 422, media_type="application/problem+json")


def _why(problem: Problem | None) -> str:
    if problem is None:
        return Reason.EMPTY.value
    return f"{problem.reason.value} ({problem.detail})"


def _denied(receipt: Receipt) -> list[Problem]:
    detail = "this credential may not speak for it"
    return [Problem(Reason.UNKNOWN_DEVICE, detail, device) for device in receipt.denied]
