"""What devices are to be and what they say they are."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Body, Header, Response
from fastapi.responses import JSONResponse

from jalon.app.scopes import Scope
from jalon.app.twins.requests import TwinShape, desired_path, twin_path
from jalon.app.twins.service import Twins
from jalon.app.twins.views import TwinChanged, TwinView
from jalon.vocab.text import N_, Text
from jalon.web.api.devices import device_or_refuse
from jalon.web.context import Context, Ctx, Who
from jalon.web.problems import Refused, problem_body
from jalon.web.scopes import requires
from jalon.web.shell import Page, PageDep

router = APIRouter(tags=["twins"])
_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@router.get(twin_path("{device_id}"), summary="The twin of a device")
def show(context: Ctx, page: PageDep, device_id: str, response: Response) -> TwinShape:
    """Desired and reported state and what is open between them. The header ETag is the version of
    the desired state."""
    device = device_or_refuse(context, device_id)
    return _answer(page, desk(context).view(device.id), response)


@router.patch(
    desired_path("{device_id}"),
    summary="Want a device to be so",
    response_model=TwinShape,
    dependencies=[requires(Scope.TWINS)],
    responses={412: {"description": "The desired state is no longer at the version in If-Match."}},
)
def desire(
    context: Ctx,
    page: PageDep,
    who: Who,
    device_id: str,
    response: Response,
    patch: Annotated[dict[str, object], Body(description="JSON Merge Patch; null takes back.")],
    if_match: Annotated[str, Header(description="The ETag seen last.")] = "",
) -> Response | TwinShape:
    """JSON Merge Patch (RFC 7396) of the desired state. With If-Match it is refused with 412 when
    somebody else was faster; the answer's ETag is the version there is."""
    device = device_or_refuse(context, device_id)
    try:
        view = desk(context).desire(device.id, patch, f"user:{who.acts_as}", _version(if_match))
    except TwinChanged as changed:
        body = problem_body(page.request, 412, changed.text) | {"version": changed.version}
        headers = {"etag": f'"{changed.version}"'}
        return JSONResponse(body, 412, headers, media_type="application/problem+json")
    return _answer(page, view, response)


def desk(context: Context) -> Twins:
    """The twins of the running solution."""
    return context.running.control.twins


def _answer(page: Page, view: TwinView, response: Response) -> TwinShape:
    response.headers["etag"] = f'"{view.twin.desired.version}"'
    return TwinShape.of(view, page.say(view.trouble) if view.trouble else "")


def _version(if_match: str) -> int | None:
    if if_match.strip() in ("", "*"):
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise Refused(422, Text(N_("If-Match holds an ETag of this twin, such as “3” in quotes.")))
    return int(found[1])
