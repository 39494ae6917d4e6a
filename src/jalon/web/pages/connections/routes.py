"""Links and their state, where devices connect, and which authority they have to trust."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.vocab.text import N_
from jalon.web.context import NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/connections", N_("Connections"), 14)


@router.get("/connections")
def show(page: PageDep) -> HTMLResponse:
    """Everything between devices and Jalon."""
    return page.render("connections/page.html")
