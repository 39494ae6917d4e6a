"""The tables of workshop 5, and the risk map as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.risks import PlanLine, RiskLine, Weight, grid_of, tolerated
from jalon.design.ebios.sheet import Cell, Graded, Line, Sheet
from jalon.design.ebios.sheets_of_attacks import likelihood
from jalon.design.ebios.sheets_of_scope import ID, NAME, OWNER, gravity
from jalon.design.ebios.study import Study
from jalon.design.ebios.words import STRATEGIES, STRENGTHS
from jalon.design.scales import RISK_WORDS, Gravity, Likelihood, Risk, risk
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Square:
    """A square of the risk map, with the scenarios that stand on it."""

    level: Risk
    scenarios: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskMap:
    """Rows V4 to V1, columns G1 to G4. `title` is a message id."""

    id: str
    title: str
    rows: Sequence[tuple[Likelihood, Sequence[Square]]]


def risk_maps(blueprint: Blueprint, found: Study) -> list[RiskMap]:
    """Before any control, today, and once the plan is carried out."""
    titles = {
        "initial": N_("Risks without any control"),
        "today": N_("Risks today, with the controls that count"),
        "planned": N_("Risks that remain once the plan is carried out"),
    }
    weights = {
        "initial": [(one.scenario.id, one.initial) for one in found.risks],
        "today": [(one.scenario.id, one.today) for one in found.risks],
        "planned": [(one.scenario.id, one.planned) for one in found.risks],
    }
    grid = grid_of(blueprint)

    def square(row: Likelihood, column: Gravity, name: str) -> Square:
        there = (
            scenario
            for scenario, weight in weights[name]
            if weight and (weight.likelihood, weight.gravity) == (row, column)
        )
        return Square(risk(column, row, grid), tuple(there))

    return [
        RiskMap(
            name,
            title,
            [
                (row, [square(row, column, name) for column in Gravity])
                for row in reversed(Likelihood)
            ],
        )
        for name, title in titles.items()
    ]


def treatment_sheets(blueprint: Blueprint, found: Study, today: date) -> Iterator[Sheet]:
    """Workshop 5: the risks, their treatment, the plan, the indicators."""
    yield _risks(found)
    yield _treatments(found, tolerated(blueprint), today)
    yield _plan(found.plan, today)
    yield Sheet(
        "indicators",
        5,
        N_("Indicators that are watched"),
        (
            ID,
            NAME,
            ("target", N_("Target")),
            ("every", N_("How often")),
            OWNER,
            ("risks", N_("Risks")),
        ),
        tuple(
            Line((one.id, one.name, one.target, one.every, one.owner, tuple(one.risks)), one.id)
            for one in blueprint.ebios.indicators
        ),
        "indicators",
        N_("Add an indicator"),
    )


def level(weight: Weight | None) -> Graded:
    """The level of risk in words."""
    if weight is None:
        return Graded("", Text(N_("not weighed yet")))
    return Graded(int(weight.level), Text(RISK_WORDS[weight.level]))


def _risks(found: Study) -> Sheet:
    def cells(one: RiskLine) -> tuple[Cell | tuple[Cell, ...], ...]:
        return (
            one.scenario.id,
            one.scenario.name,
            gravity(one.event.gravity) if one.event else None,
            likelihood(one.initial.likelihood) if one.initial else None,
            level(one.initial),
            level(one.today),
            level(one.planned),
            one.failed,
        )

    return Sheet(
        "risks",
        5,
        N_("Risks"),
        (
            ID,
            NAME,
            ("gravity", N_("Gravity")),
            ("likelihood", N_("Likelihood without controls")),
            ("initial", N_("Risk without controls")),
            ("today", N_("Risk today")),
            ("planned", N_("Risk once the plan is carried out")),
            ("failed", N_("Controls whose test failed")),
        ),
        tuple(
            Line(cells(one))
            for one in sorted(
                found.risks, key=lambda one: -(one.initial.level if one.initial else 4)
            )
        ),
    )


def _treatments(found: Study, accepted: Risk, today: date) -> Sheet:
    def cells(one: RiskLine) -> tuple[Cell | tuple[Cell, ...], ...]:
        treatment = one.treatment
        strategy = treatment.strategy if treatment else None
        enough = one.planned is not None and one.planned.level <= accepted
        signature: Cell = Text(N_("none needed") if enough else N_("not signed"))
        if treatment and treatment.accepted_by and treatment.accepted_on:
            said = {"who": treatment.accepted_by, "day": treatment.accepted_on}
            text = N_("{who}, {day}") if one.signed(today) else N_("{who}, {day}: no longer valid")
            signature = Text(text, said)
        return (
            one.scenario.id,
            Graded(strategy, Text(STRATEGIES[strategy])) if strategy else None,
            one.measures,
            level(one.planned),
            treatment.reason if treatment else None,
            signature,
            treatment.accepted_until if treatment else None,
        )

    return Sheet(
        "treatments",
        5,
        N_("What is done about each risk, and who signs for what remains"),
        (
            ("risk", N_("Risk")),
            ("strategy", N_("Strategy")),
            ("measures", N_("Measures")),
            ("residual", N_("Residual risk")),
            ("reason", N_("Reason")),
            ("signed", N_("Signed by")),
            ("until", N_("Looked at again on")),
        ),
        tuple(Line(cells(one), one.treatment.id if one.treatment else "") for one in found.risks),
        "treatments",
        N_("Add a treatment"),
    )


def _plan(lines: Sequence[PlanLine], today: date) -> Sheet:
    def cells(one: PlanLine) -> tuple[Cell | tuple[Cell, ...], ...]:
        control = one.control
        due: Cell = control.due
        if one.late(today):
            due = Text(N_("{day}, late"), {"day": control.due})
        return (
            control.id,
            control.name,
            (*one.risks, *one.stakeholders),
            control.owner,
            due,
            control.cost,
            Graded(one.strength, Text(STRENGTHS[one.strength])),
            tuple(control.tests),
        )

    return Sheet(
        "plan",
        5,
        N_("Continuous improvement plan (PACS)"),
        (
            ID,
            ("measure", N_("Measure")),
            ("risks", N_("Risks and stakeholders")),
            OWNER,
            ("due", N_("Due")),
            ("cost", N_("Cost (EUR)")),
            ("strength", N_("State")),
            ("tests", N_("Tests")),
        ),
        tuple(Line(cells(one)) for one in lines),
    )
