"""How devices that speak HTTP are updated: what they are offered, its bytes, how it goes."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from jalon.app.running import Running
from jalon.app.updates.service import Updates
from jalon.run.updates.manifest import CHUNK_MOST, Offer, read_manifest
from jalon.vocab.entries import IDENTIFIER
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.ingress.bodies import body_of
from jalon.web.ingress.door import let_in
from jalon.web.ingress.inlet import Inlet, Into
from jalon.web.problems import Refused

router = APIRouter(prefix="/v1/devices/{device}/update", tags=["devices"])
DeviceId = Annotated[str, Path(pattern=IDENTIFIER, description="The device's id.")]
PackageId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="The package offered.")]
_OBJECT = TypeAdapter(dict[str, object])
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@router.get("", summary="What a device is offered", response_model=Offer, responses={204: {}})
async def offer(request: Request, into: Into, device: DeviceId) -> Response:
    """204 when there is nothing to install."""
    updates = _updates(request, into, device)
    found = await into.carry(lambda: updates.offer(device))
    return JSONResponse(found.model_dump()) if found else Response(status_code=204)


@router.get(
    "/{package}",
    summary="The bytes of the package that a device is offered",
    response_class=Response,
    responses={206: {"content": {"application/octet-stream": {}}}},
)
async def piece(request: Request, into: Into, device: DeviceId, package: PackageId) -> Response:
    """206 with at most 64 KiB of it, from the first byte of `Range` (from the beginning without);
    `Content-Range` says what it is. 404 when this device is offered another package, or none."""
    updates = _updates(request, into, device)
    start, length = _range(request)
    try:
        found = await into.carry(lambda: updates.offer(device))
        data = await into.carry(lambda: updates.piece(device, package, start, length))
    except (UsageError, StoreError) as error:
        raise Refused(404, error.text) from error
    if found is None:
        raise Refused(404, Text(N_("This package is not offered to this device.")))
    size = read_manifest(found.envelope.content).size
    if not data:
        headers = {"content-range": f"bytes */{size}"}
        return Response(status_code=416, headers=headers)
    headers = {
        "content-range": f"bytes {start}-{start + len(data) - 1}/{size}",
        "accept-ranges": "bytes",
    }
    return Response(data, 206, headers, media_type="application/octet-stream")


@router.post("/status", status_code=204, summary="A device tells how its update goes")
async def status(request: Request, into: Into, device: DeviceId) -> Response:
    """The same JSON as over MQTT; on 204 it is stored durably."""
    updates = _updates(request, into, device)
    async with body_of(request, into.budget) as body:
        try:
            said = _OBJECT.validate_json(body)
            await into.carry(lambda: updates.heard(device, said))
        except ValidationError:
            text = Text(N_("Send a JSON object with “state” and “package”."))
            raise Refused(422, text) from None
    return Response(status_code=204)


def _updates(request: Request, into: Inlet, device: str) -> Updates:
    """The service, for a device that has shown who it is. Raises Refused."""
    running: Running = into.running
    let_in(request, running, device, fixed=True)
    return running.control.updates


def _range(request: Request) -> tuple[int, int]:
    """First byte and length. Raises Refused (416)."""
    given = request.headers.get("range")
    if given is None:
        return 0, CHUNK_MOST
    found = _RANGE.fullmatch(given.strip())
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        raise Refused(416, Text(N_("Ask for one range, such as bytes=0-32767.")))
    start = int(found[1])
    return start, min(int(found[2]) - start + 1, CHUNK_MOST) if found[2] else CHUNK_MOST
