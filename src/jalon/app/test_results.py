"""Results of test cases: of people, and of automatic tests in JUnit files; the later run counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jalon.adapters.folder.junit import AutomaticResult
from jalon.design.controls import CaseResult
from jalon.design.spec.tests import CasesFile, ResultsFile, Verdict

BY_HAND = "tests/results/by-hand.yaml"
_WORST = (Verdict.PASSED, Verdict.BLOCKED, Verdict.FAILED)


@dataclass(frozen=True, slots=True)
class Results:
    """The last result of each case, and the names of all automatic tests that ran."""

    last: Mapping[str, CaseResult] = field(default_factory=dict)
    automatic: frozenset[str] = frozenset()


def merge(
    cases: Mapping[str, CasesFile],
    by_hand: ResultsFile,
    runs: Mapping[str, Sequence[AutomaticResult]],
) -> Results:
    """`runs` are the tests of each JUnit file, by its name.

    Days are compared; of the same day the worse verdict of the two counts. A run without a day is
    older than any. A test with parameters is all its runs: one that fails fails the case.
    """
    found: dict[str, CaseResult] = {}
    for one in by_hand.results:
        note = (one.note.en or one.note.fr or "") if one.note else ""
        before = found.get(one.case)
        if before is None or before.on is None or before.on <= one.on:
            found[one.case] = CaseResult(one.case, one.verdict, one.on, BY_HAND, note)
    wanted: dict[str, list[str]] = {}
    for file in cases.values():
        for case in file.cases:
            if case.junit is not None:
                wanted.setdefault(case.junit, []).append(case.id)
    names: set[str] = set()
    for source in sorted(runs):
        for case_id, result in _of_file(source, runs[source], wanted, names).items():
            found[case_id] = _later(found.get(case_id), result)
    return Results(found, frozenset(names))


def _of_file(
    source: str,
    tests: Iterable[AutomaticResult],
    wanted: Mapping[str, Sequence[str]],
    names: set[str],
) -> dict[str, CaseResult]:
    """What one file says of the cases: the worst of all tests that a case means."""
    found: dict[str, CaseResult] = {}
    for test in tests:
        names.update(test.names)
        day = test.at.date() if test.at else None
        for case_id in {one for name in test.names for one in wanted.get(name, ())}:
            result = CaseResult(case_id, test.verdict, day, source, test.note)
            before = found.get(case_id)
            if before is None or _WORST.index(before.verdict) < _WORST.index(result.verdict):
                found[case_id] = result
    return found


def _later(one: CaseResult | None, other: CaseResult) -> CaseResult:
    if one is None:
        return other
    return max(one, other, key=lambda run: (run.on or date.min, _WORST.index(run.verdict)))
