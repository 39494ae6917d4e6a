"""How far each requirement is shown, and whether the solution may be built or delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from needs_writer import about, blueprint, cases, requirement

from jalon.design.blueprint import Blueprint
from jalon.design.controls import CaseResult
from jalon.design.needs.coverage import Cover, Gate, Hole, coverage
from jalon.design.needs.reviewed import review_now
from jalon.design.spec.reviews import ReviewsFile
from jalon.design.spec.tests import Verdict
from jalon.design.values import Origin, Value
from jalon.vocab.measure import Statistic
from jalon.vocab.text import Text

PASSED, FAILED, BLOCKED = Verdict.PASSED, Verdict.FAILED, Verdict.BLOCKED
ESTIMATE, PROTOTYPE, OPERATION = Origin.ESTIMATE, Origin.PROTOTYPE, Origin.OPERATION


def value(amount: str, origin: Origin, low: str | None = None, high: str | None = None) -> Value:
    """Of page latency, in seconds."""
    return Value(
        "page.latency",
        Statistic.P95,
        Decimal(amount),
        "s",
        origin,
        Text("Measured."),
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
    )


def solution(
    *verdicts: Verdict | None, measure: str | None = "page.latency p95 < 2 s", **more: object
) -> Blueprint:
    """One requirement with a case for each verdict; None for a case that was never run."""
    written = {"objectives": ["O1"], "components": ["jalon"], "rationale": "Ann waits."}
    if measure:
        written["measure"] = measure
    demand = requirement("R1", "The system answers.", **{**written, **more})
    names = [f"T{number}" for number in range(len(verdicts))]
    plan = cases(*({"id": name, "requirements": ["R1"]} for name in names))
    found = blueprint(
        about(demand, objectives=[{"id": "O1", "statement": "Be quick."}]), "jalon", plan=plan
    )
    results = {
        name: CaseResult(name, verdict)
        for name, verdict in zip(names, verdicts, strict=True)
        if verdict is not None
    }
    return replace(found, results=results)


@pytest.mark.parametrize(
    ("verdicts", "values", "cover"),
    [
        ((), (), Cover.OPEN),
        ((PASSED,), (), Cover.PROVED),
        ((PASSED, None), (), Cover.OPEN),
        ((PASSED, BLOCKED), (), Cover.OPEN),
        ((PASSED, FAILED), (), Cover.BROKEN),
        ((), (value("1", ESTIMATE),), Cover.OPEN),
        ((), (value("1", PROTOTYPE),), Cover.PROVED),
        ((), (value("3", PROTOTYPE), value("1", OPERATION)), Cover.PROVED),
        ((), (value("1", PROTOTYPE), value("3", OPERATION)), Cover.BROKEN),
        ((PASSED,), (value("3", OPERATION),), Cover.BROKEN),
        ((PASSED,), (value("3", ESTIMATE),), Cover.PROVED),
        ((PASSED,), (value("1.9", PROTOTYPE, "1.5", "2.5"),), Cover.OPEN),
        ((FAILED,), (value("1", OPERATION),), Cover.BROKEN),
    ],
)
def test_tests_and_measured_values_say_how_far_a_requirement_is(
    verdicts: tuple[Verdict | None, ...], values: tuple[Value, ...], cover: Cover
) -> None:
    whole = coverage(solution(*verdicts), values)
    assert whole.requirements[0].cover is cover
    assert whole.objectives[0].cover is cover
    assert (Hole.PROOF in whole.requirements[0].holes) == (cover is not Cover.PROVED)


def test_without_values_those_of_the_blueprint_count() -> None:
    found = replace(solution(), values=(value("1", PROTOTYPE),))
    assert coverage(found).requirements[0].cover is Cover.PROVED
    assert coverage(found, ()).requirements[0].cover is Cover.OPEN


def refused(found: Blueprint, gate: Gate) -> list[tuple[Hole, ...]]:
    """Why the one requirement does not pass."""
    return [holes for _row, holes in coverage(found).refused(gate)]


def test_the_gate_of_design_asks_for_a_way_to_see_and_that_of_release_for_proof() -> None:
    assert not refused(solution(), Gate.DESIGN)
    assert refused(solution(), Gate.RELEASE) == [(Hole.PROOF,)]
    assert not refused(solution(PASSED), Gate.RELEASE)
    assert refused(solution(measure=None), Gate.DESIGN) == [(Hole.TEST,)]
    assert not refused(solution(measure=None, acceptance="Ann sees it."), Gate.DESIGN)
    assert refused(solution(objectives=[], components=[]), Gate.DESIGN) == [
        (Hole.OBJECTIVE, Hole.COMPONENT)
    ]


def test_a_wish_is_held_back_only_when_it_is_broken_and_what_may_be_left_out_never() -> None:
    assert not refused(solution(None, priority="should"), Gate.RELEASE)
    assert refused(solution(FAILED, priority="should"), Gate.RELEASE) == [(Hole.PROOF,)]
    assert not refused(solution(FAILED, priority="could"), Gate.RELEASE)
    assert not refused(solution(FAILED, priority="wont"), Gate.RELEASE)


def test_a_requirement_that_changed_after_its_review_passes_no_gate() -> None:
    read = review_now(solution(PASSED), ["requirement.R1"], "Head of IT", date(2026, 11, 20))
    same = replace(solution(PASSED), reviews=ReviewsFile(reviews=read))
    assert not refused(same, Gate.DESIGN)
    other = replace(
        solution(PASSED, measure="page.latency p95 < 1 s"), reviews=ReviewsFile(reviews=read)
    )
    assert refused(other, Gate.DESIGN) == [(Hole.REVIEW,)]
