"""What leaves for other systems: state, runs, and what can be done by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.integrations.service import Integrations
from jalon.app.integrations.shapes import state
from jalon.run.integrations.states import Kind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.web.navigation import SYSTEM, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/integrations", N_("Integrations"), SYSTEM, 20)

KINDS = {
    Kind.WEBHOOK: N_("Web service"),
    Kind.REPUBLISH: N_("Values over MQTT"),
    Kind.EXPORT: N_("Files of values"),
    Kind.POSTGRESQL: N_("PostgreSQL"),
    Kind.HOME_ASSISTANT: N_("Home Assistant"),
}
STATES = {
    "works": N_("works"),
    "fails": N_("does not work"),
    "starting": N_("has not been needed yet"),
    "off": N_("off"),
}
RUNS = {"done": N_("written"), "failed": N_("failed"), "running": N_("is being written")}
_DONE = {
    "test": N_("The other side of {id} answers."),
    "run": N_("{id} has been asked to look now."),
}


@router.get("/integrations")
def show(
    page: PageDep,
    done: Annotated[str, Query(max_length=8)] = "",
    id: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Every integration, in the order of the file."""
    told = Text(_DONE[done], {"id": id}) if done in _DONE else None
    return _show(page, told=told)


@router.post("/integrations/{integration_id}")
def act(page: PageDep, integration_id: str, what: Annotated[str, Form()] = "") -> Response:
    """`what` is `run` or `test`."""
    if what not in _DONE:
        raise Refused(422)
    found = _integrations(page)
    try:
        (found.run_now if what == "run" else found.test)(integration_id)
    except UsageError as error:
        return _show(page, 422, error=error.text, failed=integration_id)
    known = {one.settings.id for one in found.shown()}
    suffix = f"&id={integration_id}" if integration_id in known else ""
    return RedirectResponse(f"/integrations?done={what}{suffix}", 303)


def _show(
    page: Page,
    status: int = 200,
    told: Text | None = None,
    error: Text | None = None,
    failed: str = "",
) -> HTMLResponse:
    shown = _integrations(page).shown()
    return page.render(
        "integrations/page.html",
        status_code=status,
        shown=shown,
        states={one.settings.id: state(one) for one in shown},
        kinds=KINDS,
        words=STATES,
        runs=RUNS,
        told=page.say(told) if told else "",
        error=page.say(error) if error else "",
        failed=failed,
    )


def _integrations(page: Page) -> Integrations:
    return page.context.running.control.integrations
