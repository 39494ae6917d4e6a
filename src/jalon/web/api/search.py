"""Devices found by a search, groups, and tags."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from jalon.app.scopes import Scope
from jalon.app.twins.requests import GROUPS_PATH, SEARCH_PATH, TAGS_PATH, Tagged, TagRequest
from jalon.run.twins.query import QueryError
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.web.api.devices import device_shape
from jalon.web.api.shapes import DeviceShape
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused, problem_body
from jalon.web.scopes import requires
from jalon.web.shell import PageDep

router = APIRouter(tags=["fleet"])


class Found(BaseModel):
    """One page of devices; `total` counts all that the search means."""

    total: int
    offset: int
    devices: list[DeviceShape]


class GroupShape(BaseModel):
    """A group: its devices are listed, or found by `query`. `devices` counts those of now."""

    id: str
    name: str
    query: str | None
    devices: int


@router.get(SEARCH_PATH, summary="Devices that a search means", response_model=Found)
def search(
    context: Ctx,
    page: PageDep,
    q: Annotated[str, Query(description='Such as: battery < 20 and site = "A" and not silent.')],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response | Found:
    """In the order of the fleet's file. A search that cannot be understood is answered with 422,
    the `column` (from 1) where it goes wrong and, if there is one, a `hint`."""
    try:
        found = context.search.find(q)
    except QueryError as error:
        body = problem_body(page.request, 422, error.text) | {
            "column": error.at + 1,
            "reason": page.say(error.reason),
            "hint": page.say(error.hint) if error.hint else None,
        }
        return JSONResponse(body, 422, media_type="application/problem+json")
    shapes = [device_shape(context, one) for one in found[offset : offset + limit]]
    return Found(total=len(found), offset=offset, devices=shapes)


@router.get(GROUPS_PATH, summary="Groups of devices")
def groups(context: Ctx, page: PageDep) -> list[GroupShape]:
    """As fleet/groups.yaml has them. `group = <id>` in a search gives the devices."""
    return [
        GroupShape(
            id=one.id,
            name=one.title(page.language.code),
            query=one.query,
            devices=len(context.search.members(one)),
        )
        for one in context.running.solution.control.groups.groups
    ]


@router.post(TAGS_PATH, summary="Tag devices", dependencies=[requires(Scope.FLEET)])
def tag(context: Ctx, asked: TagRequest) -> Tagged:
    """Put tags on devices and take others away, in one edit of the fleet's file."""
    devices = list(asked.devices)
    if asked.query is not None:
        devices += context.search.ids(asked.query)
    return Tagged(changed=tagged(context, devices, asked.add, asked.remove))


def tagged(context: Context, devices: list[str], add: list[str], remove: list[str]) -> list[str]:
    """The edit. Raises UsageError, SolutionError, Refused (503)."""
    if not add and not remove:
        raise UsageError(Text(N_("Say which tags to put on or to take away.")))
    if context.running.reception is None:
        raise Refused(503, Text(N_("The solution is still starting.")), retry_s=5)
    marks = context.running.reception.marks
    return marks.tag(list(dict.fromkeys(devices)), set(add), set(remove))
