"""Whether risks are treated: measures that are tested, signatures for what remains."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.coherence import listed, warning
from jalon.design.ebios.risks import RiskLine, tolerated
from jalon.design.ebios.study import Study
from jalon.design.scales import RISK_WORDS, Risk
from jalon.design.spec.ebios import Strategy, Treatment
from jalon.design.spec.security import Control
from jalon.vocab.finding import Path, Remark
from jalon.vocab.text import N_, Text


def check_treated(blueprint: Blueprint, found: Study, today: date) -> Iterator[Remark]:
    """Workshop 5, risk by risk."""
    places = {one.id: index for index, one in enumerate(blueprint.ebios.treatments)}
    numbers = {one.id: index for index, one in enumerate(blueprint.ebios.strategic_scenarios)}
    yield from _twice(blueprint)
    yield from _untested(blueprint)
    for line in found.risks:
        treatment = line.treatment
        path: Path = ("strategic_scenarios", numbers[line.scenario.id])
        if treatment is not None:
            path = ("treatments", places[treatment.id])
            yield from _empty(treatment, line, path)
        elif line.initial and line.initial.level is Risk.HIGH:
            message = N_("The risk “{id}” is high, and nothing says what is done about it.")
            yield warning("untreated", path, message, id=line.scenario.id)
        yield from _raised(line, path)
        yield from _unsigned(blueprint, line, path, today)


def _twice(blueprint: Blueprint) -> Iterator[Remark]:
    seen: set[str] = set()
    for index, one in enumerate(blueprint.ebios.treatments):
        if one.risk in seen:
            message = N_("The risk “{id}” is treated above already; only that entry counts.")
            yield warning("treated-twice", ("treatments", index), message, id=one.risk)
        seen.add(one.risk)


def _empty(treatment: Treatment, line: RiskLine, path: Path) -> Iterator[Remark]:
    if treatment.strategy is Strategy.REDUCE and not line.measures:
        message = N_("The risk “{id}” is to be reduced, but by no measure.")
        yield warning("reduced-by-nothing", path, message, id=line.scenario.id)


def _untested(blueprint: Blueprint) -> Iterator[Remark]:
    """Each control is told of once, where it is named first."""
    controls: dict[str, Control] = {one.id: one for one in blueprint.security.controls}
    told: set[str] = set()
    for index, one in enumerate(blueprint.ebios.treatments):
        for key in ("measures", "gravity_measures"):
            for place, name in enumerate(getattr(one, key)):
                control = controls.get(name)
                if control is not None and not control.tests and name not in told:
                    told.add(name)
                    message = N_("No test shows that the measure “{id}” works.")
                    path: Path = ("treatments", index, key, place)
                    yield warning("measure-without-test", path, message, id=name)


def _raised(line: RiskLine, path: Path) -> Iterator[Remark]:
    """A test that failed has brought the risk back above what was promised."""
    if line.failed and line.today and line.planned and line.today.level > line.planned.level:
        message = N_("A test failed ({ids}): the risk “{id}” is {level} again.")
        level = Text(RISK_WORDS[line.today.level])
        ids = listed(list(line.failed))
        yield warning("raised", path, message, ids=ids, id=line.scenario.id, level=level)


def _unsigned(blueprint: Blueprint, line: RiskLine, path: Path, today: date) -> Iterator[Remark]:
    if line.planned is None or line.planned.level <= tolerated(blueprint) or line.signed(today):
        return
    level, treatment = Text(RISK_WORDS[line.planned.level]), line.treatment
    until = treatment.accepted_until if treatment else None
    if treatment and treatment.accepted_by and until is not None:
        message = N_("The signature for the risk “{id}” ({level}) held until {day}.")
        at: Path = (*path, "accepted_until")
        yield warning("signature-expired", at, message, id=line.scenario.id, level=level, day=until)
        return
    message = N_("The risk “{id}” stays {level} after all measures, and nobody has signed for it.")
    yield warning("unsigned", path, message, id=line.scenario.id, level=level)
