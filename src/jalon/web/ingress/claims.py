"""Where a new device shows its provisioning key and becomes a device of the fleet."""

from __future__ import annotations

from functools import partial

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse, Response

from jalon.app.claims import Claimed, ClaimRefused, Refusal
from jalon.vocab.text import N_, Text
from jalon.web.ingress.bodies import body_of
from jalon.web.ingress.door import refuse_unencrypted
from jalon.web.ingress.inlet import Into
from jalon.web.problems import Refused

router = APIRouter(tags=["devices"])

_STATUS = {Refusal.CLAIMED: 409, None: 422}


class Claim(BaseModel):
    """What a new device shows. `csr` (PEM) asks for a certificate instead of a secret."""

    key: str = Field(max_length=200)
    hardware_id: str = Field(max_length=200)
    csr: str | None = Field(default=None, max_length=20_000)


class Broker(BaseModel):
    """Where the device connects over MQTT."""

    host: str
    port: int
    tls: bool


class Welcome(BaseModel):
    """What a device is now: its id and its credential. `authority` is the certificate by which it
    knows our server, when it was given one of its own."""

    device_id: str
    secret: str | None = None
    certificate: str | None = None
    authority: str | None = None
    mqtt: Broker | None = None


@router.post(
    "/v1/claim",
    status_code=201,
    response_model=Welcome,
    summary="Become a device with a provisioning key",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Claim.model_json_schema()}},
        }
    },
)
async def claim(request: Request, into: Into) -> Response:
    """The same hardware may come again with the same key until its credential was used once."""
    refuse_unencrypted(request, into.running, "")
    into.slow_down_claims(request)
    async with body_of(request, into.budget) as body:
        asked = _asked(body)
    reception = into.running.reception
    if reception is None:
        raise Refused(503, Text(N_("Nothing can be claimed now.")), retry_s=60)
    work = partial(
        reception.claims.claim,
        asked.key,
        asked.hardware_id,
        asked.csr.encode() if asked.csr is not None else None,
        address=request.client.host if request.client else "",
    )
    try:
        done = await into.carry(work)
    except ClaimRefused as error:
        raise Refused(_STATUS.get(error.reason, 403), error.text) from error
    here = request.url.hostname or ""
    return JSONResponse(_welcome(done, here).model_dump(exclude_none=True), 201)


def _asked(body: bytes) -> Claim:
    try:
        return Claim.model_validate(orjson.loads(body))
    except (ValidationError, orjson.JSONDecodeError):
        text = N_("Send JSON with “key” and “hardware_id”, and “csr” for a certificate.")
        raise Refused(422, Text(text)) from None


def _welcome(done: Claimed, here: str) -> Welcome:
    """`here` is what the device calls this machine: good when it listens everywhere."""
    made, mqtt = done.certificate, done.mqtt
    return Welcome(
        device_id=done.device_id,
        secret=done.secret,
        certificate=made.certificate_pem if made else None,
        authority=made.authority_pem if made else None,
        mqtt=Broker(host=mqtt.seen_from(here), port=mqtt.port, tls=mqtt.tls) if mqtt else None,
    )
