"""Commands of the whole fleet: list, one with its history, approval, and the same to many."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.commands.service import Commands
from jalon.app.commands.views import Command
from jalon.run.commands.affordances import Affordances
from jalon.run.commands.spec import person
from jalon.run.commands.states import WAITING, State
from jalon.run.commands.wanted import Wanted
from jalon.vocab.errors import JalonError
from jalon.vocab.text import N_, Text
from jalon.web import command_forms
from jalon.web.command_desk import Acting, CommandsDep
from jalon.web.navigation import CONTROL, NavEntry
from jalon.web.pages.commands import many
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
router.include_router(many.router)
entry = NavEntry("/commands", N_("Device commands"), CONTROL, 20)
_PAGE = 50
_BULKS = 5


@router.get("/commands")
def show(
    page: PageDep,
    commands: CommandsDep,
    state: str = "",
    device: Annotated[str, Query(max_length=64)] = "",
    by: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """Newest first, a page at a time; what awaits approval above."""
    states = [state] if state in set(State) else []
    who = by.strip() if ":" in by or not by.strip() else f"user:{by.strip()}"
    wanted = Wanted(device.strip() or None, states, who or None, before=before)
    found = commands.find(wanted, _PAGE + 1)
    return page.render(
        "commands/page.html",
        forms=command_forms,
        commands=found[:_PAGE],
        older=found[_PAGE - 1].number if len(found) > _PAGE else None,
        before=before,
        states=list(State),
        state=state,
        device=device.strip(),
        by=by.strip(),
        awaiting=commands.awaiting(),
        bulks=commands.all_bulks(_BULKS),
        coming=commands.schedules.coming(),
    )


@router.get("/commands/{command_number}")
def one(page: PageDep, commands: CommandsDep, command_number: int) -> HTMLResponse:
    """One command and everything that happened to it."""
    return _one(page, commands, _found(commands, command_number))


@router.post("/commands/{command_number}/cancel")
def cancel(page: PageDep, commands: CommandsDep, who: Acting, command_number: int) -> Response:
    """What has not left yet."""
    found = _found(commands, command_number)
    try:
        commands.desk.cancel(found.id, who)
    except JalonError as error:
        return _one(page, commands, found, error.text)
    return _back(found)


@router.post("/commands/{command_number}/approve")
def approve(page: PageDep, commands: CommandsDep, who: Acting, command_number: int) -> Response:
    """By a second person."""
    found = _found(commands, command_number)
    try:
        commands.approve(found.id, _in_person(page, who))
    except JalonError as error:
        return _one(page, commands, found, error.text)
    return _back(found)


@router.post("/commands/{command_number}/reject")
def reject(
    page: PageDep,
    commands: CommandsDep,
    who: Acting,
    command_number: int,
    why: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Say no."""
    found = _found(commands, command_number)
    try:
        commands.desk.reject(found.id, _in_person(page, who), why.strip())
    except JalonError as error:
        return _one(page, commands, found, error.text)
    return _back(found)


def _in_person(page: Page, who: str) -> str:
    """Only people approve: whoever is signed in."""
    if page.visitor is None or page.visitor.session is None:
        text = N_("An administrator must approve in person: name and password.")
        raise Refused(403, Text(text))
    return who


def _back(found: Command) -> Response:
    return RedirectResponse(f"/commands/{found.number}", 303)


def _found(commands: Commands, number: int) -> Command:
    found = commands.find(Wanted(number=number), 1)
    if not found:
        raise Refused(404, Text(N_("There is no command {id}."), {"id": number}))
    return found[0]


def _one(
    page: Page, commands: Commands, command: Command, wrong: Text | None = None
) -> HTMLResponse:
    solution = page.context.running.solution
    device = solution.device(command.device)
    thing = solution.things[device.thing] if device else None
    known = Affordances.of(thing).all.get(command.action) if thing else None
    unit = known.input.unit if known and known.input else None
    return page.render(
        "commands/command.html",
        status_code=422 if wrong else 200,
        problems=[page.say(wrong)] if wrong else None,
        forms=command_forms,
        command=command,
        device=device,
        title=command_forms.title(page, command.action, command.device),
        unit=page.formats.unit(unit or ""),
        zone=solution.site(device.site).tz if device else page.zone,
        waiting=command.state in WAITING,
        own=_is_own(page, command.by),
        steps=commands.steps(command),
    )


def _is_own(page: Page, by: str) -> bool:
    return page.visitor is not None and person(by) == f"user:{page.visitor.name}"
