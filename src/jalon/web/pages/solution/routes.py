"""What the solution is for and what it promises."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.design.spec.solution import Priority
from jalon.vocab.text import N_
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/solution", N_("Solution"), DESIGN)
PRIORITIES = {
    Priority.MUST: N_("must"),
    Priority.SHOULD: N_("should"),
    Priority.COULD: N_("could"),
    Priority.WONT: N_("not this time"),
}


@router.get("/solution")
def show(page: PageDep) -> HTMLResponse:
    """Problem, objectives, requirements with the bounds they promise."""
    about = page.context.running.solution.about
    return page.render("solution/page.html", about=about, priorities=PRIORITIES)
