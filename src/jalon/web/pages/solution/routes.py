"""What the solution is for, and how far its design is."""

from __future__ import annotations

from datetime import UTC

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.app.design.overview import STATE_WORDS, progress
from jalon.vocab.text import N_
from jalon.vocab.times import from_ms
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/solution", N_("Overview"), DESIGN)


@router.get("/solution")
def show(page: PageDep) -> HTMLResponse:
    """The problem, the objectives, and each area with what to do next."""
    running = page.context.running
    blueprint = running.solution.blueprint
    areas = progress(blueprint, from_ms(running.now_ms()).astimezone(UTC).date())
    return page.render("solution/page.html", about=blueprint.about, areas=areas, words=STATE_WORDS)
