"""What is wanted: problem, people, stories, requirements, and how far they are covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from jalon.design.needs import words
from jalon.design.needs.coverage import Coverage, Gate, Hole, RequirementRow, coverage
from jalon.design.needs.known import known_values
from jalon.design.needs.report import beside
from jalon.design.spec.solution import Priority, RequirementKind
from jalon.design.values import Origin
from jalon.vocab.text import N_
from jalon.vocab.times import from_ms
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/needs", N_("Needs"), DESIGN, 10)
_HOLES = frozenset(Hole) - {Hole.RATIONALE}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which requirements the matrix shows; an unknown word chooses nothing."""

    kind: RequirementKind | None
    priority: Priority | None
    holes: bool

    def rows(self, whole: Coverage) -> Iterator[RequirementRow]:
        """Those chosen, in the order of the file."""
        for row in whole.requirements:
            if self.kind not in (None, row.demand.kind):
                continue
            if self.priority not in (None, row.demand.priority):
                continue
            if not self.holes or _HOLES & set(row.holes):
                yield row


def chosen(kind: str = "", priority: str = "", holes: str = "") -> Chosen:
    """From the address."""
    return Chosen(
        RequirementKind(kind) if kind in set(RequirementKind) else None,
        Priority(priority) if priority in set(Priority) else None,
        bool(holes),
    )


@router.get("/design/needs")
def show(page: PageDep, wanted: Annotated[Chosen, Depends(chosen)]) -> HTMLResponse:
    """Everything of solution.yaml with the findings beside it, then the matrix."""
    running = page.context.running
    blueprint = running.solution.blueprint
    whole = coverage(blueprint, known_values(blueprint))
    rows = list(wanted.rows(whole))
    return page.render(
        "needs/page.html",
        about=blueprint.about,
        whole=whole,
        rows=rows,
        chosen=wanted,
        gates={gate: list(whole.refused(gate)) for gate in Gate},
        said=beside(blueprint, from_ms(running.now_ms()).date()),
        words=words,
        origins=list(Origin),
        kinds=sorted({one.kind for one in blueprint.about.requirements}, key=str),
    )
