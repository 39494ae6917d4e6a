"""Hypotheses with their verdicts, the runs behind them, and what operation measured."""

from __future__ import annotations

from datetime import UTC

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.design.prototype.chapter import chapter
from jalon.design.prototype.checks import check
from jalon.design.values import Origin
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_
from jalon.vocab.times import from_ms
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/prototype", N_("Prototype"), DESIGN, 90)


@router.get("/design/prototype")
def show(page: PageDep) -> HTMLResponse:
    """The chapter of the documents, with findings and the entries of prototype.yaml."""
    running = page.context.running
    blueprint = running.solution.blueprint
    today = from_ms(running.now_ms()).astimezone(UTC).date()
    return page.render(
        "prototype/page.html",
        blocks=list(chapter(blueprint, page.language, today)),
        remarks=list(check(blueprint, today)),
        info=Severity.INFO,
        prototype=blueprint.prototype,
        operated=[one for one in blueprint.values if one.origin is Origin.OPERATION],
    )
