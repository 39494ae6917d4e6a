"""The tables of workshops 3 and 4."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.ebios.ecosystem import ZONE_WORDS, Stakeholder
from jalon.design.ebios.operations import Operation, Step
from jalon.design.ebios.sheet import Cell, Cells, Graded, Line, Sheet
from jalon.design.ebios.sheets_of_scope import ID, NAME, gravity
from jalon.design.ebios.study import Study
from jalon.design.ebios.words import PARTIES, PHASES
from jalon.design.scales import LIKELIHOOD_WORDS, Likelihood
from jalon.vocab.text import N_, Text

_PARTY = (
    ID,
    NAME,
    ("kind", N_("Kind")),
    ("dependence", N_("Dependence")),
    ("penetration", N_("Penetration")),
    ("maturity", N_("Maturity")),
    ("trust", N_("Trust")),
    ("level", N_("Threat level")),
    ("zone", N_("Zone of the map")),
    ("assets", N_("Assets they reach")),
    ("measures", N_("Measures")),
    ("reason", N_("Reason")),
)
_ACTION = (
    ("action", N_("Action")),
    NAME,
    ("phase", N_("Phase")),
    ("asset", N_("Supporting asset")),
    ("after", N_("After")),
    ("threats", N_("Threats")),
    ("initial", N_("Probability without controls")),
    ("today", N_("Probability today")),
    ("controls", N_("Controls")),
)


def likelihood(level: Likelihood | int | None) -> Graded | None:
    """V1 to V4 in words."""
    if level is None:
        return None
    return Graded(int(level), Text(LIKELIHOOD_WORDS[Likelihood(level)]))


def strategic_sheets(found: Study) -> Iterator[Sheet]:
    """Workshop 3: the ecosystem, the most threatening first, and the strategic scenarios."""
    parties = sorted(found.stakeholders, key=lambda one: -one.level)
    yield Sheet(
        "stakeholders",
        3,
        N_("Stakeholders of the ecosystem"),
        _PARTY,
        tuple(Line(_party(one), one.id, one.source) for one in parties),
        "stakeholders",
        N_("Add a stakeholder"),
    )
    yield _scenarios(found)


def _party(one: Stakeholder) -> tuple[Cells, ...]:
    return (
        one.id,
        one.label,
        Graded(one.kind, Text(PARTIES[one.kind])),
        one.dependence,
        one.penetration,
        one.maturity,
        one.trust,
        round(one.level, 2),
        None if one.left_out else Graded(one.zone, Text(ZONE_WORDS[one.zone])),
        one.assets,
        one.measures,
        one.left_out or one.reason,
    )


def _scenarios(found: Study) -> Sheet:
    pairs = {one.id: one.label for one in found.origins}
    return Sheet(
        "strategic-scenarios",
        3,
        N_("Strategic scenarios"),
        (
            ID,
            NAME,
            ("pair", N_("Risk origin and objective")),
            ("path", N_("By way of")),
            ("feared_event", N_("Feared event")),
            ("gravity", N_("Gravity")),
            ("story", N_("The story")),
        ),
        tuple(
            Line(
                (
                    one.scenario.id,
                    one.scenario.name,
                    pairs.get(one.scenario.pair, one.scenario.pair),
                    tuple(one.scenario.path),
                    one.event.label if one.event else one.scenario.feared_event,
                    gravity(one.event.gravity) if one.event else None,
                    one.scenario.description,
                ),
                one.scenario.id,
            )
            for one in found.risks
        ),
        "strategic_scenarios",
        N_("Add a strategic scenario"),
    )


def operational_sheets(found: Study) -> Iterator[Sheet]:
    """Workshop 4: the operational scenarios, and every action of them."""
    yield Sheet(
        "operational-scenarios",
        4,
        N_("Operational scenarios"),
        (
            ID,
            NAME,
            ("strategic", N_("Strategic scenario")),
            ("initial", N_("Likelihood without controls")),
            ("today", N_("Likelihood today")),
            ("planned", N_("Likelihood once the plan is carried out")),
        ),
        tuple(
            Line(
                (
                    one.scenario.id,
                    one.scenario.name,
                    one.scenario.strategic,
                    likelihood(one.initial),
                    likelihood(one.today),
                    likelihood(one.planned),
                ),
                one.scenario.id,
            )
            for one in found.operations
        ),
        "operational_scenarios",
        N_("Add an operational scenario"),
    )
    yield Sheet(
        "actions",
        4,
        N_("Elementary actions"),
        (("scenario", N_("Scenario")), *_ACTION),
        tuple(
            Line((operation.scenario.id, *action_cells(step)))
            for operation in found.operations
            for step in operation.steps
        ),
    )


def action_cells(step: Step) -> tuple[Cell | tuple[Cell, ...], ...]:
    """What is told of an action."""
    action = step.action
    before: Cell = None
    if action.after:
        all_of, one_of = N_("all of: {ids}"), N_("one of: {ids}")
        words = all_of if action.join == "and" else one_of
        ids = ", ".join(action.after)
        before = Text(words, {"ids": ids}) if len(action.after) > 1 else ids
    return (
        action.id,
        action.name,
        Graded(action.phase, Text(PHASES[action.phase])),
        action.asset,
        before,
        tuple(action.threats),
        step.initial,
        step.today,
        step.controls,
    )


def action_sheet(operation: Operation) -> Sheet:
    """The actions of one scenario."""
    return Sheet(
        f"actions-{operation.scenario.id}",
        4,
        N_("Elementary actions"),
        _ACTION,
        tuple(Line(action_cells(step)) for step in operation.steps),
    )
