"""Commands for devices: ask, read, cancel, approve; to one device and to many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query
from fastapi.requests import Request
from fastapi.responses import Response

from jalon.app.commands.desk import Asked
from jalon.app.commands.service import Commands
from jalon.app.commands.shapes import (
    AT_MOST,
    BULKS,
    COMMANDS,
    ActionShape,
    BulkRequest,
    BulkShape,
    CommandDetail,
    CommandShape,
    Person,
    PreviewShape,
    actions_path,
)
from jalon.app.commands.views import Command
from jalon.app.scopes import Scope
from jalon.run.commands.affordances import Affordances
from jalon.run.commands.states import State
from jalon.run.commands.wanted import Wanted
from jalon.vocab.text import N_, Text
from jalon.vocab.times import parse_time
from jalon.web.api.devices import device_or_refuse
from jalon.web.command_desk import Acting, CommandsDep, conflicts, second_person
from jalon.web.context import Ctx, Who
from jalon.web.problems import Refused
from jalon.web.scopes import requires
from jalon.web.shell import PageDep

router = APIRouter(tags=["commands"])
_WRITES = [requires(Scope.COMMANDS)]

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=100,
        description="The same key and the same request is the same command, however often it is"
        " sent; with another request the answer is 409.",
    ),
]
Moment = Annotated[str, Query(description="ISO 8601; without an offset in the site's zone.")]


@dataclass
class Caller:
    """Who asks, in which language, and the service."""

    page: PageDep
    commands: CommandsDep
    who: Acting


CallerDep = Annotated[Caller, Depends()]


@dataclass
class When:
    """From when to when a command may be sent."""

    at: Moment = ""
    expires: Moment = ""


@dataclass
class ListWish:
    """What a list is narrowed to."""

    device: str | None = None
    state: Annotated[list[State] | None, Query()] = None
    action: str | None = None
    by: Annotated[str | None, Query(description="As `user:admin`.")] = None
    bulk: int | None = None


@router.get(actions_path("{device_id}"), summary="What a device can be told")
def actions(context: Ctx, page: PageDep, device_id: str) -> list[ActionShape]:
    """Actions of its type, and `set:<property>` for what can be written."""
    device = device_or_refuse(context, device_id)
    solution = context.running.solution
    file = solution.control.commands
    return [
        ActionShape.of(one, file.handling(device.thing, one), page.language.code)
        for one in Affordances.of(solution.things[device.thing]).all.values()
    ]


@router.post(
    actions_path("{device_id}") + "/{action}",
    status_code=202,
    summary="Tell a device to do something",
    dependencies=_WRITES,
)
def ask(
    caller: CallerDep,
    device_id: str,
    action: str,
    answer: Response,
    when: Annotated[When, Depends()],
    given: Annotated[Any, Body(description="The action's input.")] = None,
    key: Key = "",
) -> CommandShape:
    """202 when it is written down: it is sent at `at` or now, until `expires` at the latest. The
    answer's `state` is `awaiting-approval` for what a second administrator must approve."""
    context, who = caller.page.context, caller.who
    device = device_or_refuse(context, device_id)
    zone = context.running.solution.site(device.site).tz
    asked = Asked(
        device.id,
        action,
        given,
        who,
        key=f"{who}:{key}" if key else "",
        at_ms=_moment(when.at, zone),
        expires_ms=_moment(when.expires, zone),
    )
    with conflicts():
        made = caller.commands.ask(asked)
    answer.headers["location"] = f"{COMMANDS}/{made.id}"
    return CommandShape.of(made, caller.page.say)


@router.get(COMMANDS, summary="Commands, the newest first")
def listed(
    caller: CallerDep,
    wish: Annotated[ListWish, Depends()],
    limit: Annotated[int, Query(ge=1, le=AT_MOST)] = 100,
    before: Annotated[int | None, Query(description="`number` of the last one read.")] = None,
) -> list[CommandShape]:
    """Those that fit everything given."""
    wanted = Wanted(wish.device, wish.state or (), wish.by, wish.action, wish.bulk, before)
    return [CommandShape.of(one, caller.page.say) for one in caller.commands.find(wanted, limit)]


@router.get(COMMANDS + "/{command_id}", summary="One command with its history")
def one(page: PageDep, commands: CommandsDep, command_id: str) -> CommandDetail:
    """404 when there is none of that id."""
    found = _found(commands, command_id)
    return CommandDetail.with_steps(found, commands.steps(found), page.say)


@router.post(
    COMMANDS + "/{command_id}/cancel", summary="Cancel what has not left", dependencies=_WRITES
)
def cancel(page: PageDep, commands: CommandsDep, who: Acting, command_id: str) -> CommandShape:
    """422 when it has left or is over."""
    found = _found(commands, command_id)
    commands.desk.cancel(found.id, who)
    return CommandShape.of(_found(commands, found.id), page.say)


@router.post(COMMANDS + "/{command_id}/approve", summary="Approve as a second person")
def approve(
    context: Ctx,
    page: PageDep,
    commands: CommandsDep,
    visitor: Who,
    request: Request,
    command_id: str,
    person: Person,
) -> CommandShape:
    """Only for commands of this machine, with the name and password of an administrator who has
    not asked for it; people approve on the page."""
    found = _found(commands, command_id)
    who = second_person(context, visitor, person.user, person.password, _from(request))
    with conflicts():
        return CommandShape.of(commands.approve(found.id, who), page.say)


@router.post(COMMANDS + "/{command_id}/reject", summary="Reject as a second person")
def reject(
    context: Ctx,
    page: PageDep,
    commands: CommandsDep,
    visitor: Who,
    request: Request,
    command_id: str,
    person: Person,
) -> CommandShape:
    """As `approve`; `why` is written down."""
    found = _found(commands, command_id)
    who = second_person(context, visitor, person.user, person.password, _from(request))
    commands.desk.reject(found.id, who, person.why)
    return CommandShape.of(_found(commands, found.id), page.say)


@router.post(BULKS, summary="Tell many devices to do the same", dependencies=_WRITES)
def ask_many(
    page: PageDep, commands: CommandsDep, who: Acting, wish: BulkRequest, key: Key = ""
) -> BulkShape | PreviewShape:
    """A preview first; with its number as `confirm` it begins. Devices are told one after the
    other at the rate of `limits`; when too many fail the rest is left out."""
    asked = wish.asked(commands.bulks.select(wish.select), who, f"{who}:{key}" if key else "")
    preview = commands.bulks.preview(asked)
    if wish.confirm is None:
        return PreviewShape.of(preview, page.say)
    with conflicts():
        begun = commands.begin(wish.asked(preview.devices, who, asked.key), wish.confirm)
    return BulkShape.of(begun, page.say)


@router.get(BULKS + "/{bulk_id}", summary="How a command to many devices goes")
def bulk(page: PageDep, commands: CommandsDep, bulk_id: int) -> BulkShape:
    """The commands themselves: `/api/v1/commands?bulk=`."""
    found = commands.bulk(bulk_id)
    if found is None:
        raise Refused(404)
    return BulkShape.of(found, page.say)


@router.post(BULKS + "/{bulk_id}/stop", summary="Leave out the rest", dependencies=_WRITES)
def stop(page: PageDep, commands: CommandsDep, who: Acting, bulk_id: int) -> BulkShape:
    """What has left is not called back."""
    commands.bulks.stop(bulk_id, who, Text(N_("Stopped by {who}."), {"who": who}))
    return bulk(page, commands, bulk_id)


def _found(commands: Commands, command_id: str) -> Command:
    found = commands.one(command_id)
    if found is None:
        raise Refused(404, Text(N_("There is no command {id}."), {"id": command_id[:64]}))
    return found


def _moment(text: str, zone: Any) -> int | None:
    if not text:
        return None
    try:
        return parse_time(text, zone)
    except ValueError:
        message = N_("“{text}” is no time in ISO 8601.")
        raise Refused(422, Text(message, {"text": text[:40]})) from None


def _from(request: Request) -> str:
    return request.client.host if request.client else ""
