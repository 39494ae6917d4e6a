"""Frames for LoRaWAN devices."""

from __future__ import annotations

from fastapi import APIRouter

from jalon.app.downlink_requests import DownlinkRequest, DownlinkShape, api_path
from jalon.app.downlinks import Downlinks
from jalon.app.scopes import Scope
from jalon.vocab.text import N_, Text
from jalon.web.api.devices import device_or_refuse
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused
from jalon.web.scopes import requires

router = APIRouter(tags=["devices"])


@router.post(
    api_path("{device_id}"),
    status_code=202,
    summary="Send a frame to a LoRaWAN device",
    dependencies=[requires(Scope.COMMANDS)],
)
def send(context: Ctx, device_id: str, asked: DownlinkRequest) -> DownlinkShape:
    """202 when its network server has been given the frame: a device of class A hears it after its
    next uplink."""
    device = device_or_refuse(context, device_id)
    return DownlinkShape.of(_desk(context).send(device.id, asked.order()))


@router.get(api_path("{device_id}"), summary="Frames sent to a LoRaWAN device")
def under_way(context: Ctx, device_id: str) -> list[DownlinkShape]:
    """Those sent since the start, the newest first, and how far each has come."""
    device = device_or_refuse(context, device_id)
    downlinks = context.running.downlinks
    return [DownlinkShape.of(one) for one in (downlinks.of(device.id) if downlinks else ())]


def _desk(context: Context) -> Downlinks:
    if context.running.downlinks is None:
        raise Refused(503, Text(N_("The broker does not run yet.")), retry_s=5)
    return context.running.downlinks
