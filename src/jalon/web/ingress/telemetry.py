"""Values of devices: one at a time, in batches, and of several devices through a gateway."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from jalon.app.posting import BYTES, JSON, MEDIA
from jalon.vocab.entries import IDENTIFIER
from jalon.vocab.text import N_, Text
from jalon.web.ingress.answers import Taken, answer
from jalon.web.ingress.bodies import body_of
from jalon.web.ingress.door import let_in
from jalon.web.ingress.inlet import Into
from jalon.web.problems import Refused

router = APIRouter(tags=["devices"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {}} for media in MEDIA},
    }
}
DeviceId = Annotated[str, Path(pattern=IDENTIFIER, description="The device's id.")]
Port = Annotated[int | None, Query(ge=0, le=255, description="FPort, for the codec of bytes.")]


@router.post(
    "/v1/telemetry",
    status_code=202,
    response_model=Taken,
    openapi_extra=_BODY,
    summary="Values of several devices, sent by a gateway",
)
async def many(request: Request, into: Into) -> Response:
    """An object of payloads by device id. Those for which the sender may not speak are refused,
    the others are stored."""
    grant = let_in(request, into.running)
    media = _media(request)
    if media == BYTES:
        raise Refused(415, Text(N_("Send bytes to the address of one device.")))
    async with body_of(request, into.budget) as body:
        receipt = await into.carry(lambda: into.posting.take_many(grant, media, body), len(body))
    return answer(request, receipt)


@router.post(
    "/v1/{device}/telemetry",
    status_code=202,
    response_model=Taken,
    openapi_extra=_BODY,
    summary="Values of one device",
)
async def one(request: Request, into: Into, device: DeviceId, port: Port = None) -> Response:
    """JSON (an object, or an array of them with `ts`), SenML, CBOR, or bytes for the codec of the
    device's type. On 202 everything that was taken is stored durably."""
    grant = let_in(request, into.running, device)
    media = _media(request)
    if media == BYTES and not into.posting.reads_bytes(device):
        raise Refused(415, Text(N_("The type of this device has no codec: send JSON.")))
    async with body_of(request, into.budget) as body:
        receipt = await into.carry(
            lambda: into.posting.take(grant, device, media, body, port), len(body)
        )
    return answer(request, receipt)


def _media(request: Request) -> str:
    given = request.headers.get("content-type")
    if given is None:
        return JSON
    media = MEDIA.get(given.partition(";")[0].strip().lower())
    if media is None:
        text = N_("{type} is not understood. Send a Content-Type of: {known}.")
        params = {"type": given[:60], "known": ", ".join(MEDIA)}
        raise Refused(415, Text(text, params))
    return media
