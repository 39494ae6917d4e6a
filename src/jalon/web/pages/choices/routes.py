"""Technologies weighed: what demands exclude, how the rest ranks, what is reused."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.design.choices.chapter import chapter
from jalon.design.choices.checks import check
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/choices", N_("Choices"), DESIGN, 50)


@router.get("/design/choices")
def show(page: PageDep) -> HTMLResponse:
    """The chapter of the documents, with findings and the entries of choices.yaml."""
    blueprint = page.context.running.solution.blueprint
    today = datetime.now(UTC).date()
    return page.render(
        "choices/page.html",
        blocks=list(chapter(blueprint, page.language, today)),
        remarks=list(check(blueprint, today)),
        info=Severity.INFO,
        choices=blueprint.choices,
        decisions=blueprint.architecture.decisions,
        records=sorted(blueprint.records),
    )
