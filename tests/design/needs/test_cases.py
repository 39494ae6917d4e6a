"""Test cases speak of what is there, and a last run that failed is not overlooked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from needs_writer import about, blueprint, cases, requirement, told

from jalon.design.controls import CaseResult
from jalon.design.needs.cases import check_cases
from jalon.design.spec.tests import Result, ResultsFile, Verdict
from jalon.vocab.finding import Severity

SOLUTION = about(requirement("R1", "The system answers."))


def test_references_that_lead_nowhere_and_ids_given_twice_are_errors() -> None:
    first = cases({"id": "T1", "requirements": ["R1"], "components": ["jalon"]})
    second = cases({"id": "T1"}, {"id": "T2", "requirements": ["R9"], "components": ["lamp"]})
    by_hand = ResultsFile(results=[Result(case="T9", verdict=Verdict.PASSED, on=date(2026, 11, 2))])
    found = replace(
        blueprint(SOLUTION, "jalon"), cases={"plan": first, "security": second}, by_hand=by_hand
    )
    remarks = list(check_cases(found))
    assert told(remarks) == [
        ("tests.duplicate-id", ("cases", 0, "id")),
        ("tests.unknown-requirement", ("cases", 1, "requirements", 0)),
        ("tests.unknown-component", ("cases", 1, "components", 0)),
        ("tests.unknown-case", ("results", 0, "case")),
    ]
    assert {one.severity for one in remarks} == {Severity.ERROR}
    assert "tests/plan.yaml" in str(remarks[0].text)


def test_a_failed_run_and_a_name_that_no_result_has_are_told() -> None:
    plan = cases(
        {"id": "T1", "requirements": ["R1"]},
        {"id": "T2", "junit": "air.a class that airs"},
        {"id": "T3", "expected": None},
    )
    found = replace(
        blueprint(SOLUTION, plan=plan),
        results={"T1": CaseResult("T1", Verdict.FAILED, date(2026, 11, 2), "tests/results/a.xml")},
        automatic=frozenset({"air.a class that does not air"}),
    )
    remarks = list(check_cases(found))
    assert told(remarks) == [
        ("tests.failed", ("cases", 0)),
        ("tests.no-result", ("cases", 1, "junit")),
        ("tests.blank", ("cases", 2)),
    ]
    assert "a class that does not air" in str(remarks[1].hint)
    nothing_ran = replace(found, automatic=frozenset(), results={})
    assert [one.rule for one in check_cases(nothing_ran)] == ["tests.blank"]
