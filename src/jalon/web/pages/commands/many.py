"""The same command to many devices: chosen, looked at, confirmed, followed."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from jalon.app.commands.bulks import BulkAsked
from jalon.app.commands.service import Commands
from jalon.app.commands.shapes import AT_MOST, result_word
from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.commands.inputs import from_form
from jalon.run.commands.spec import BulkLimits, Selection, person
from jalon.run.commands.wanted import Wanted
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web import command_forms
from jalon.web.command_desk import Acting, CommandsDep
from jalon.web.command_forms import FormFields
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
RESULTS = {
    "success": N_("Success"),
    "partial-failure": N_("Partial failure"),
    "error": N_("Error"),
}


class Choice(BaseModel):
    """Which devices, and `what`: `<type>/<action>`."""

    what: Annotated[str, Field(max_length=200)] = ""
    site: Annotated[str, Field(max_length=64)] = ""
    group: Annotated[str, Field(max_length=64)] = ""
    query: Annotated[str, Field(max_length=1000)] = ""

    @property
    def selection(self) -> Selection:
        """The same as commands select."""
        return Selection(
            thing=self.what.partition("/")[0] or None,
            site=self.site or None,
            group=self.group or None,
            query=self.query.strip() or None,
        )

    @property
    def action(self) -> str:
        """The action's name."""
        return self.what.partition("/")[2]


class Sending(Choice):
    """What the second form says."""

    key: Annotated[str, Field(max_length=100)] = ""
    confirm: int = 0
    sure: bool = False
    rate: Annotated[float, Field(gt=0, le=100)] = 5.0
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 20
    stop_at: Annotated[float, Field(gt=0, le=100)] = 20.0


@router.get("/commands/bulk")
def choose(
    page: PageDep, commands: CommandsDep, choice: Annotated[Choice, Query()]
) -> HTMLResponse:
    """The devices that a choice selects, and the form to send."""
    return _form(page, commands, choice)


@router.post("/commands/bulk")
def send(
    page: PageDep,
    commands: CommandsDep,
    who: Acting,
    wish: Annotated[Sending, Form()],
    given: FormFields,
) -> Response:
    """Begin, once the number that was seen is confirmed."""
    try:
        if not wish.sure:
            raise UsageError(Text(N_("Tick the box that says what will happen.")))
        one = _affordance(page, wish)
        if one is None:
            raise UsageError(Text(N_("Say what the devices are to do.")))
        value = from_form(one.input, given)
        devices = commands.bulks.select(wish.selection)
        limits = BulkLimits(rate=wish.rate, concurrency=wish.concurrency, stop_at=wish.stop_at)
        asked = BulkAsked(devices, wish.action, value, who, f"{who}:{wish.key}", limits)
        begun = commands.begin(asked, wish.confirm)
    except JalonError as error:
        return _form(page, commands, wish, error.text)
    return RedirectResponse(f"/commands/bulks/{begun.id}", 303)


@router.get("/commands/bulks/{bulk_id}")
def follow(page: PageDep, commands: CommandsDep, bulk_id: int) -> HTMLResponse:
    """How it goes, device by device."""
    return _progress(page, commands, bulk_id)


@router.post("/commands/bulks/{bulk_id}/approve")
def approve(page: PageDep, commands: CommandsDep, who: Acting, bulk_id: int) -> Response:
    """Everything that awaits it, by a second person."""
    if page.visitor is None or page.visitor.session is None:
        raise Refused(403)
    try:
        commands.bulks.approve(bulk_id, who)
    except JalonError as error:
        return _progress(page, commands, bulk_id, error.text)
    return RedirectResponse(f"/commands/bulks/{bulk_id}", 303)


@router.post("/commands/bulks/{bulk_id}/stop")
def stop(page: PageDep, commands: CommandsDep, who: Acting, bulk_id: int) -> Response:
    """Leave out what has not left."""
    try:
        commands.bulks.stop(bulk_id, who, Text(N_("Stopped by {who}."), {"who": who}))
    except JalonError as error:
        return _progress(page, commands, bulk_id, error.text)
    return RedirectResponse(f"/commands/bulks/{bulk_id}", 303)


def _affordance(page: Page, choice: Choice) -> Affordance | None:
    thing = page.context.running.solution.things.get(choice.selection.thing or "")
    return None if thing is None else Affordances.of(thing).all.get(choice.action)


def _form(
    page: Page, commands: Commands, choice: Choice, wrong: Text | None = None
) -> HTMLResponse:
    solution = page.context.running.solution
    problems = [page.say(wrong)] if wrong else []
    one = _affordance(page, choice)
    selected: list[str] = []
    if one is not None:
        try:
            selected = commands.bulks.select(choice.selection)
        except JalonError as error:
            problems.append(page.say(error.text))
    used = {device.thing for device in solution.fleet.devices}
    choices = [
        (name, thing.names().in_language(page.language.code), found)
        for name, thing in solution.things.items()
        if name in used and (found := list(Affordances.of(thing).all.values()))
    ]
    file = solution.control.commands
    thing = choice.selection.thing or ""
    return page.render(
        "commands/bulk_form.html",
        status_code=422 if problems else 200,
        problems=problems or None,
        choices=choices,
        sites=solution.fleet.sites,
        groups=sorted(solution.control.groups.ids),
        preview=[solution.device(name) for name in selected],
        fields=command_forms.fields(page, one) if one else [],
        dangerous=one is not None and file.handling(thing, one).dangerous,
        limits=file.bulk,
        key=str(uuid4()),
        what=choice.what,
        site=choice.site,
        group=choice.group,
        query=choice.query,
    )


def _progress(
    page: Page, commands: Commands, number: int, wrong: Text | None = None
) -> HTMLResponse:
    bulk = commands.bulk(number)
    if bulk is None:
        raise Refused(404)
    return page.render(
        "commands/bulk.html",
        status_code=422 if wrong else 200,
        problems=[page.say(wrong)] if wrong else None,
        forms=command_forms,
        bulk=bulk,
        word=result_word(bulk),
        results=RESULTS,
        own=page.visitor is not None and person(bulk.by) == f"user:{page.visitor.name}",
        commands=commands.find(Wanted(bulk=number), AT_MOST),
    )
