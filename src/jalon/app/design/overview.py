"""How far the design is, area by area, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jalon.app.design_checks import remarks_of
from jalon.design.blueprint import Blueprint
from jalon.vocab.finding import Remark, Severity
from jalon.vocab.text import N_, Text


class State(StrEnum):
    """`HOLDS`: nothing that needs mending; advice may remain."""

    EMPTY = "empty"
    TO_MEND = "to-mend"
    HOLDS = "holds"


STATE_WORDS = {
    State.EMPTY: N_("not begun"),
    State.TO_MEND: N_("to mend"),
    State.HOLDS: N_("holds together"),
}


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the design. `name` is that of its verb and its page; `first` says what to write
    first; `written` counts what the files say of it."""

    name: str
    title: str
    question: str
    first: str
    written: Callable[[Blueprint], int]


AREAS = (
    Area(
        "needs",
        N_("Needs"),
        N_("What is wanted, by whom, and how will one know?"),
        N_("Write personas, objectives and requirements in solution.yaml."),
        lambda b: len(b.about.objectives) + len(b.about.requirements),
    ),
    Area(
        "watch",
        N_("Watch"),
        N_("What changes outside, and what does it mean here?"),
        N_("Name sources to follow in watch.yaml, then fetch them."),
        lambda b: len(b.watch.sources),
    ),
    Area(
        "architecture",
        N_("Architecture"),
        N_("Which parts, which flows, and what if one fails?"),
        N_("Write components, zones and flows in architecture.yaml."),
        lambda b: len(b.architecture.components) + len(b.architecture.flows),
    ),
    Area(
        "sizing",
        N_("Sizing"),
        N_("Airtime, batteries, load, storage, cost: does it fit?"),
        N_("Say in sizing.yaml what devices run on and what they cost."),
        lambda b: len(b.sizing.devices) + len(b.sizing.flows),
    ),
    Area(
        "choices",
        N_("Technology choices"),
        N_("Why this technology and not another?"),
        N_("Weigh candidates for each layer in choices.yaml."),
        lambda b: len(b.choices.questions),
    ),
    Area(
        "threats",
        N_("Threats"),
        N_("What can go wrong on purpose, and what guards against it?"),
        N_("Write controls with their tests in security.yaml."),
        lambda b: len(b.security.controls) + len(b.security.accepted),
    ),
    Area(
        "ebios",
        N_("Risk study (EBIOS RM)"),
        N_("Who would want it, how would they do it, what remains?"),
        N_("Begin with “jalon design ebios propose”; it drafts ebios.yaml."),
        lambda b: len(b.ebios.feared_events) + len(b.ebios.pairs),
    ),
    Area(
        "duties",
        N_("Regulation and ethics"),
        N_("Which duties apply, and are they met?"),
        N_("Describe data and purposes in privacy.yaml; answer what is asked in regulation.yaml."),
        lambda b: len(b.privacy.processings) + len(b.regulation.answers),
    ),
    Area(
        "prototype",
        N_("Prototype"),
        N_("Does it work on the use case that matters?"),
        N_("Write hypotheses in prototype.yaml, then run “jalon prototype”."),
        lambda b: len(b.prototype.hypotheses),
    ),
    Area(
        "documents",
        N_("Documents"),
        N_("Can others build and accept it from what is written?"),
        N_("Name revisions and signatories in documents.yaml, then print."),
        lambda b: len(b.documents.documents),
    ),
)


@dataclass(frozen=True)
class Progress:
    """How one area is. `remarks` are what the check says, the worst first."""

    area: Area
    state: State
    written: int
    remarks: tuple[Remark, ...]

    @property
    def to_mend(self) -> int:
        """Errors and warnings."""
        return sum(one.severity is not Severity.INFO for one in self.remarks)

    @property
    def advice(self) -> int:
        """Notes."""
        return len(self.remarks) - self.to_mend

    @property
    def next_step(self) -> Text | None:
        """The first thing to do; None when nothing is left."""
        if self.state is State.EMPTY:
            return Text(self.area.first)
        return self.remarks[0].text if self.remarks else None


def progress(blueprint: Blueprint, today: date) -> list[Progress]:
    """Every area, in the order in which a design grows."""
    return [_of(area, blueprint, today) for area in AREAS]


def _of(area: Area, blueprint: Blueprint, today: date) -> Progress:
    order = list(Severity)
    remarks = tuple(
        sorted(remarks_of(area.name, blueprint, today), key=lambda one: order.index(one.severity))
    )
    written = area.written(blueprint)
    mend = any(one.severity is not Severity.INFO for one in remarks)
    state = State.TO_MEND if mend else State.HOLDS
    return Progress(area, state if written else State.EMPTY, written, remarks)
