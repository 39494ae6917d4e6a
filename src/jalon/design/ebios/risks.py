"""Workshop 5: the risks, what is done about them, what remains and who signed for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from jalon.design.blueprint import Blueprint
from jalon.design.controls import Strength
from jalon.design.ebios.events import Event
from jalon.design.ebios.operations import Operation
from jalon.design.ebios.situations import Situation, situations
from jalon.design.scales import GRID, Gravity, Grid, Likelihood, Risk, risk
from jalon.design.spec.ebios import StrategicScenario, Tolerated, Treatment
from jalon.design.spec.security import Control, ControlStatus

_TOLERATED = {Tolerated.LOW: Risk.LOW, Tolerated.MEDIUM: Risk.MEDIUM, Tolerated.HIGH: Risk.HIGH}


@dataclass(frozen=True, slots=True)
class Weight:
    """Gravity and likelihood at one moment, and the level of risk they make."""

    gravity: Gravity
    likelihood: Likelihood
    level: Risk


@dataclass(frozen=True, slots=True)
class RiskLine:
    """The risk of a strategic scenario: without any control, today, once the plan is carried out;
    None while no operational scenario says how likely it is. `measures` are all controls that
    count for it, `failed` those of them whose test failed."""

    scenario: StrategicScenario
    event: Event | None
    operations: tuple[Operation, ...]
    initial: Weight | None
    today: Weight | None
    planned: Weight | None
    treatment: Treatment | None
    measures: tuple[str, ...]
    failed: tuple[str, ...]

    def signed(self, today: date) -> bool:
        """Whether somebody lives with what remains, by a decision that still holds."""
        one = self.treatment
        if one is None or one.accepted_by is None or one.accepted_on is None:
            return False
        return one.accepted_until is None or today <= one.accepted_until


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the improvement plan: a control, the risks it lowers, the stakeholders it is
    about."""

    control: Control
    strength: Strength
    risks: tuple[str, ...]
    stakeholders: tuple[str, ...]

    def late(self, today: date) -> bool:
        """Whether it was to be there and is not."""
        due, done = self.control.due, self.control.status is ControlStatus.DONE
        return due is not None and due < today and not done


def grid_of(blueprint: Blueprint) -> Grid:
    """The study's grid, else the usual one."""
    return blueprint.ebios.study.grid or GRID


def tolerated(blueprint: Blueprint) -> Risk:
    """The highest risk that nobody has to sign for."""
    return _TOLERATED[blueprint.ebios.study.tolerated]


def risk_lines(
    blueprint: Blueprint, events: Iterable[Event], found: Iterable[Operation]
) -> list[RiskLine]:
    """The risks in the order of their scenarios."""
    by_event = {one.id: one for one in events}
    ways: dict[str, list[Operation]] = defaultdict(list)
    for one in found:
        ways[one.scenario.strategic].append(one)
    treatments = {one.risk: one for one in reversed(blueprint.ebios.treatments)}
    line = partial(_line, blueprint)
    return [
        line(one, by_event.get(one.feared_event), ways[one.id], treatments.get(one.id))
        for one in blueprint.ebios.strategic_scenarios
    ]


def _line(
    blueprint: Blueprint,
    scenario: StrategicScenario,
    event: Event | None,
    ways: Sequence[Operation],
    treatment: Treatment | None,
) -> RiskLine:
    met, grid = situations(blueprint), grid_of(blueprint)
    softening = tuple(treatment.gravity_measures) if treatment else ()

    def weigh(likelihoods: list[Likelihood | None], there: Situation) -> Weight | None:
        known = [one for one in likelihoods if one is not None]
        if event is None or not known:
            return None
        gravity = Gravity(max(1, event.gravity - there.gravity_step(softening)))
        return Weight(gravity, max(known), risk(gravity, max(known), grid))

    derived = [control for way in ways for step in way.steps for control in step.controls]
    written = [*treatment.measures, *treatment.gravity_measures] if treatment else []
    measures = tuple(dict.fromkeys([*written, *derived]))
    strengths = met.today.strengths
    return RiskLine(
        scenario,
        event,
        tuple(ways),
        weigh([one.initial for one in ways], met.initial),
        weigh([one.today for one in ways], met.today),
        weigh([one.planned for one in ways], met.planned),
        treatment,
        measures,
        tuple(one for one in measures if strengths.get(one) is Strength.FAILED),
    )


def plan(blueprint: Blueprint, lines: Iterable[RiskLine]) -> list[PlanLine]:
    """The controls that the study counts on, by the day they are due; those without one last."""
    risks: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        for control in line.measures:
            risks[control].append(line.scenario.id)
    parties: dict[str, list[str]] = defaultdict(list)
    for party in blueprint.ebios.stakeholders:
        for control in party.measures:
            parties[control].append(party.id)
    strengths: Mapping[str, Strength] = situations(blueprint).today.strengths
    found = [
        PlanLine(one, strengths[one.id], tuple(risks[one.id]), tuple(parties[one.id]))
        for one in blueprint.security.controls
        if one.id in risks or one.id in parties
    ]
    return sorted(found, key=lambda one: (one.control.due or date.max, one.control.id))


def total_cost(lines: Iterable[PlanLine]) -> Decimal:
    """What the plan costs as far as its lines say, in euros."""
    return sum((one.control.cost or Decimal(0) for one in lines), Decimal(0))
