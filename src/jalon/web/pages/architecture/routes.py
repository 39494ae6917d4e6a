"""Findings, layers, flows, diagrams, growth, drift and decisions of the architecture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.app.design.drift import actual
from jalon.design.document import Block
from jalon.design.structure import chapter
from jalon.design.structure.drift import drift
from jalon.design.structure.growth import FACTOR
from jalon.design.structure.report import Report, report
from jalon.design.structure.words import Diagram
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import Page, PageDep

router = APIRouter()
_ROOT = "/design/architecture"
entry = NavEntry(_ROOT, N_("Architecture"), DESIGN, 30)


class View(StrEnum):
    """The parts of the page; as the address names them."""

    FINDINGS = "findings"
    LAYERS = "layers"
    FLOWS = "flows"
    DIAGRAMS = "diagrams"
    GROWTH = "growth"
    DRIFT = "drift"
    DECISIONS = "decisions"


_TITLES = {
    View.FINDINGS: N_("Findings"),
    View.LAYERS: N_("Layers"),
    View.FLOWS: N_("Flows"),
    View.DIAGRAMS: N_("Diagrams"),
    View.GROWTH: N_("Growth"),
    View.DRIFT: N_("Drift"),
    View.DECISIONS: N_("Decisions"),
}
_WORDS = {
    Severity.ERROR: N_("Error"),
    Severity.WARNING: N_("Warning"),
    Severity.INFO: N_("Note"),
}


@router.get(_ROOT)
def show(
    page: PageDep,
    view: View = View.FINDINGS,
    factor: Annotated[float, Query(ge=1, le=10_000)] = FACTOR,
) -> HTMLResponse:
    """One part of it; `factor` is how many times the objects, for growth."""
    running = page.context.running
    blueprint = running.solution.blueprint
    found = report(blueprint, datetime.now(UTC).date(), factor)
    return page.render(
        "architecture/page.html",
        view=view,
        tabs=[(_address(one), one, title) for one, title in _TITLES.items()],
        titles=_TITLES,
        blocks=list(_blocks(page, view, found)),
        found=found,
        severities=_WORDS,
        warning=Severity.WARNING,
        drifts=drift(blueprint, actual(running)) if view is View.DRIFT else [],
        architecture=blueprint.architecture,
        factor=factor,
    )


def _address(view: View) -> str:
    return _ROOT if view is View.FINDINGS else f"{_ROOT}?view={view}"


def _blocks(page: Page, view: View, found: Report) -> Iterator[Block]:
    """The blocks of the documents that belong to the view."""
    speak = page.language
    if not found.graph.components:
        return
    match view:
        case View.FINDINGS:
            yield from chapter.roads(found, speak)
        case View.LAYERS:
            yield from chapter.layers(found, speak)
            yield from chapter.systems(found, speak)
        case View.FLOWS:
            yield from chapter.flows(found, speak)
        case View.DIAGRAMS:
            blueprint = page.context.running.solution.blueprint
            yield from (chapter.figure(blueprint, diagram, speak) for diagram in Diagram)
        case View.GROWTH:
            yield from chapter.growths(found.growth, speak)
        case View.DECISIONS:
            yield from chapter.decisions(found, speak)
