"""Airtime, batteries, bytes, load, room, time and cost, with what is written to compute them."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.design.sizing.chapter import chapter
from jalon.design.sizing.checks import check
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/sizing", N_("Sizing"), DESIGN, 40)


@router.get("/design/sizing")
def show(page: PageDep) -> HTMLResponse:
    """The chapter of the documents, with findings and the entries of sizing.yaml."""
    blueprint = page.context.running.solution.blueprint
    today = datetime.now(UTC).date()
    return page.render(
        "sizing/page.html",
        blocks=list(chapter(blueprint, page.language, today)),
        remarks=list(check(blueprint, today)),
        info=Severity.INFO,
        sizing=blueprint.sizing,
    )
