"""Groups of devices: those of the files, and searches that are kept as one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.run.twins.parsing import LONGEST
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.desks import Desks, problems, suggested_id
from jalon.web.navigation import FLEET, NavEntry
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/groups", N_("Groups"), FLEET, 10)


@router.get("/groups")
def show(page: PageDep, query: Annotated[str, Query(max_length=LONGEST)] = "") -> HTMLResponse:
    """Every group with how many devices it has now, and a form to keep a search as one."""
    return _show(page, query)


@router.post("/groups")
def add(
    page: PageDep,
    desks: Desks,
    name: Annotated[str, Form(max_length=100)] = "",
    query: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    """A search becomes a group; its id is made of its name."""
    try:
        if not name.strip():
            raise UsageError(Text(N_("Give the group a name.")))
        page.context.search.understood(query)
        taken = page.context.running.solution.control.groups.ids
        desks.marks.add_group(suggested_id(name, taken), query.strip(), name.strip())
    except JalonError as error:
        return _show(page, query, name, problems(page, error))
    return RedirectResponse("/groups", 303)


@router.post("/groups/{group_id}/remove")
def remove(page: PageDep, desks: Desks, group_id: str) -> Response:
    """The group is forgotten; its devices stay. Refused while a file still names it."""
    try:
        desks.marks.remove_group(page.context.search.group(group_id).id)
    except JalonError as error:
        return _show(page, "", "", problems(page, error))
    return RedirectResponse("/groups", 303)


def _show(page: Page, query: str, name: str = "", wrong: list[str] | None = None) -> HTMLResponse:
    groups = page.context.running.solution.control.groups.groups
    return page.render(
        "groups/page.html",
        status_code=422 if wrong else 200,
        problems=wrong,
        groups=[(one, len(page.context.search.members(one))) for one in groups],
        query=query,
        name=name,
        most=LONGEST,
    )
