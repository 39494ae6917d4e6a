"""What a device can be told: a form for each action, what was told lately, and how it went."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.commands.desk import Asked
from jalon.app.commands.service import Commands
from jalon.app.commands.views import Command
from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.commands.inputs import from_form
from jalon.run.commands.spec import Handling
from jalon.run.commands.states import ON_THE_WAY, State
from jalon.run.commands.wanted import Wanted
from jalon.run.ports import Latest
from jalon.run.things import Property
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import parse_time
from jalon.web import command_forms
from jalon.web.command_desk import Acting, CommandsDep
from jalon.web.command_forms import FormFields, InputField
from jalon.web.pages.device.known import Known, shared
from jalon.web.shell import Page, PageDep

router = APIRouter()
_LATELY = 20
_PATIENCE_S = 2.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Panel:
    """A form: the action, its fields, how it is handled, and the value there is now."""

    one: Affordance
    key: str
    fields: list[InputField]
    handling: Handling
    prop: Property | None
    latest: Latest | None


@router.get("/devices/{device_id}/commands")
def show(
    page: PageDep,
    commands: CommandsDep,
    device_id: str,
    done: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The forms; after one was sent, how it went: a device that answers at once is waited for."""
    known = shared(page, device_id)
    return _show(page, commands, known, done=_settled(commands, done))


@router.post("/devices/{device_id}/commands")
def send(
    page: PageDep,
    commands: CommandsDep,
    who: Acting,
    given: FormFields,
    device_id: str,
) -> Response:
    """Tell the device. The same form sent twice is one command."""
    known = shared(page, device_id)
    action, key, at = (given.get(name, "")[:100] for name in ("action", "key", "at"))
    one = Affordances.of(known.thing).all.get(action)
    try:
        if one is None:
            message = N_("{device} has no action “{action}”.")
            raise UsageError(Text(message, {"device": known.device.id, "action": action}))
        _certain(known, one, given)
        asked = Asked(
            known.device.id,
            action,
            from_form(one.input, given),
            who,
            key=f"{who}:{key}" if key else "",
            at_ms=_moment(at, known),
        )
        made = commands.ask(asked)
    except JalonError as error:
        return _show(page, commands, known, wrong=error.text)
    return RedirectResponse(f"/devices/{known.device.id}/commands?done={made.number}#result", 303)


def _certain(known: Known, one: Affordance, given: dict[str, str]) -> None:
    """What is dangerous, or said to need it, is asked for twice."""
    handling = known.page.context.running.solution.control.commands.handling(
        known.device.thing, one
    )
    if (handling.confirm or handling.dangerous) and given.get("sure") != "true":
        raise UsageError(Text(N_("Tick the box that says what will happen.")))


def _moment(text: str, known: Known) -> int | None:
    if not text:
        return None
    try:
        return parse_time(text, known.site.tz)
    except ValueError:
        raise UsageError(Text(N_("This is no date and time."))) from None


def _settled(commands: Commands, number: int | None) -> Command | None:
    """The command of that number, once it is over or its device takes longer."""
    until = time.monotonic() + _PATIENCE_S
    while number is not None:
        found = next(iter(commands.find(Wanted(number=number), 1)), None)
        under_way = found is not None and found.state in (State.QUEUED, *ON_THE_WAY)
        if not under_way or time.monotonic() > until:
            return found
        time.sleep(_LOOK_S)
    return None


def _show(
    page: Page,
    commands: Commands,
    known: Known,
    wrong: Text | None = None,
    done: Command | None = None,
) -> HTMLResponse:
    return page.render(
        "device/commands.html",
        status_code=422 if wrong else 200,
        problems=[page.say(wrong)] if wrong else None,
        known=known,
        forms=command_forms,
        panels=[] if known.device.retired else _panels(page, known),
        done=done if done and done.device == known.device.id else None,
        commands=commands.find(Wanted(device=known.device.id), _LATELY),
    )


def _panels(page: Page, known: Known) -> list[Panel]:
    running = page.context.running
    file = running.solution.control.commands
    found = []
    for one in Affordances.of(known.thing).all.values():
        series = running.series.get((known.device.id, one.writes or ""))
        found.append(
            Panel(
                one=one,
                key=str(uuid4()),
                fields=command_forms.fields(page, one),
                handling=file.handling(known.device.thing, one),
                prop=known.thing.properties.get(one.writes or ""),
                latest=running.live.latest(series.id) if series else None,
            )
        )
    return found
