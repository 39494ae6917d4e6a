"""The register of the watch, the calendar, and the countdown of notifications."""

from __future__ import annotations

from datetime import UTC

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.design.watch.chapter import blocks
from jalon.design.watch.checks import check
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_
from jalon.vocab.times import from_ms
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/watch", N_("Watch"), DESIGN, 20)


@router.get("/design/watch")
def show(page: PageDep) -> HTMLResponse:
    """The chapter of the documents at this moment, with findings and entries of watch.yaml."""
    running = page.context.running
    blueprint = running.solution.blueprint
    now = from_ms(running.now_ms()).astimezone(UTC)
    return page.render(
        "watch/page.html",
        blocks=list(blocks(blueprint, page.language, now.date(), now)),
        remarks=list(check(blueprint, now.date())),
        info=Severity.INFO,
        watch=blueprint.watch,
    )
