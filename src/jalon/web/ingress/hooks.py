"""Webhooks of LoRaWAN network servers: each event goes on as if it had come over MQTT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from jalon.app import webhooks
from jalon.app.webhooks import CHIRPSTACK, THINGS_STACK, NotUnderstood
from jalon.run.intake import MAX_PAYLOAD
from jalon.vocab.text import N_, Text
from jalon.web.ingress.bodies import body_of
from jalon.web.ingress.door import let_in
from jalon.web.ingress.inlet import Inlet, Into
from jalon.web.problems import Refused

router = APIRouter(prefix="/hooks", tags=["network servers"])

Kind = Annotated[str, Query(pattern="^[a-z]{1,20}$", description="As ChirpStack adds it.")]


@router.post("/chirpstack", status_code=202, summary="An event of ChirpStack v4")
async def chirpstack(request: Request, into: Into, event: Kind) -> Response:
    """Its HTTP integration with the JSON encoding. Signs in as `chirpstack`."""
    return await _take(request, into, CHIRPSTACK, event)


@router.post("/things-stack", status_code=202, summary="A message of The Things Stack v3")
@router.post(
    "/things-stack/{kind}",
    status_code=202,
    summary="A message of The Things Stack v3, by kind",
    name="things_stack_kind",
)
async def things_stack(request: Request, into: Into, kind: str = "") -> Response:
    """Its webhooks in JSON; what the message is stands in it, so `kind` may be anything. Signs in
    as `things-stack`."""
    return await _take(request, into, THINGS_STACK, kind)


async def _take(request: Request, into: Inlet, account: str, kind: str) -> Response:
    grant = let_in(request, into.running, account, fixed=True)
    async with body_of(request, into.budget) as body:
        if len(body) > MAX_PAYLOAD:
            raise Refused(413)
        try:
            topic = webhooks.topic_of(account, kind, _object(body))
        except NotUnderstood as error:
            text = N_("This is no event of the network server: {reason}.")
            raise Refused(422, Text(text, {"reason": str(error)})) from None
        if topic is None:  # nothing for us; said with a success, or it would be sent again
            return JSONResponse({"stored": False}, 202)
        if not await into.carry(lambda: into.posting.hand_over(grant, topic, body)):
            text = N_("This credential may not speak for {device}.")
            raise Refused(403, Text(text, {"device": topic}))
    return JSONResponse({"stored": True}, 202)


def _object(body: bytes) -> Mapping[str, object]:
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotUnderstood(str(error)) from None
    if not isinstance(event, dict):
        raise NotUnderstood("not a JSON object")
    return event
