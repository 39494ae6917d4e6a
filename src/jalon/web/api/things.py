"""Devices in the words of the Web of Things: their descriptions, and what their forms lead to."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from jalon.app.things import description, places_of
from jalon.run.codecs.json import written
from jalon.run.fleet import Device
from jalon.vocab.text import N_, Text
from jalon.web.api.devices import device_or_refuse, series_or_refuse
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused

router = APIRouter(prefix="/api/v1/things", tags=["things"])
TD_MEDIA = "application/td+json"


@router.get("/{device_id}", summary="The W3C Thing Description of a device")
def thing(context: Ctx, request: Request, device_id: str) -> JSONResponse:
    """TD 1.1, with addresses as the reader has reached this one."""
    device = device_or_refuse(context, device_id)
    solution = context.running.solution
    places = places_of(
        solution.folder, http=str(request.base_url).rstrip("/"), host=request.url.hostname
    )
    return JSONResponse(description(solution, device.id, places), media_type=TD_MEDIA)


@router.get("/{device_id}/properties", summary="Newest values by property")
def properties(context: Ctx, device_id: str) -> dict[str, object]:
    """Properties never reported are left out."""
    device = device_or_refuse(context, device_id)
    found = {
        name: _newest(context, device, name) for name in context.running.solution.properties(device)
    }
    return {name: value for name, value in found.items() if value is not None}


@router.get("/{device_id}/properties/{name}", summary="Newest value of one property, bare")
def one_property(context: Ctx, device_id: str, name: str) -> object:
    """404 while it was never reported."""
    device = device_or_refuse(context, device_id)
    series_or_refuse(context, device, name)
    value = _newest(context, device, name)
    if value is None:
        raise Refused(404, Text(N_("The device has never reported {name}."), {"name": name[:64]}))
    return value


def _newest(context: Context, device: Device, name: str) -> object:
    series = context.running.series.get((device.id, name))
    latest = context.running.live.latest(series.id) if series else None
    return None if latest is None else written(latest.value)
