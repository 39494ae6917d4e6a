"""The later run of a case counts, whoever ran it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.folder.junit import AutomaticResult
from jalon.app.test_results import BY_HAND, merge
from jalon.design.spec.tests import CasesFile, Result, ResultsFile, Verdict

PLAN = {
    "plan": CasesFile.model_validate(
        {
            "cases": [
                {"id": "T1", "name": "One", "kind": "data", "level": "unit", "junit": "air.stale"},
                {"id": "T2", "name": "Two", "kind": "data", "level": "unit", "junit": "fresh"},
                {"id": "T3", "name": "Three", "kind": "data", "level": "unit", "junit": "fresh"},
            ]
        }
    )
}
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 5))
VERDICTS = st.sampled_from(Verdict)


def ran(name: str, verdict: Verdict, day: date | None, classname: str = "air") -> AutomaticResult:
    """A run at noon."""
    at = datetime.combine(day, time(12), UTC) if day else None
    return AutomaticResult(classname, name, verdict, at, "")


def by_hand(*runs: tuple[Verdict, date]) -> ResultsFile:
    """Of the case T1."""
    return ResultsFile(
        results=[Result(case="T1", verdict=verdict, on=day) for verdict, day in runs]
    )


def test_a_case_is_found_by_its_name_with_and_without_the_class() -> None:
    runs = [ran("stale", Verdict.PASSED, None), ran("fresh[a]", Verdict.FAILED, None, "other.Box")]
    found = merge(PLAN, ResultsFile(), {"a.xml": runs})
    verdicts = {name: one.verdict for name, one in found.last.items()}
    assert verdicts == {"T1": Verdict.PASSED, "T2": Verdict.FAILED, "T3": Verdict.FAILED}
    assert {"air.stale", "stale", "other.Box.fresh"} <= found.automatic


def test_a_test_with_parameters_passes_only_with_all_of_them() -> None:
    runs = [
        ran("fresh[a]", Verdict.PASSED, None),
        ran("fresh[b]", Verdict.FAILED, None),
        ran("fresh[c]", Verdict.PASSED, None),
    ]
    assert merge(PLAN, ResultsFile(), {"a.xml": runs}).last["T2"].verdict is Verdict.FAILED


def test_of_two_runs_by_hand_on_one_day_the_one_written_later_counts() -> None:
    day = date(2026, 1, 1)
    file = by_hand((Verdict.FAILED, day), (Verdict.PASSED, day))
    assert merge(PLAN, file, {}).last["T1"].verdict is Verdict.PASSED


@given(st.tuples(VERDICTS, DAYS), st.tuples(VERDICTS, DAYS), st.tuples(VERDICTS, DAYS))
def test_the_latest_day_counts_and_on_one_day_the_worse(
    hand: tuple[Verdict, date], first: tuple[Verdict, date], second: tuple[Verdict, date]
) -> None:
    files = {
        "a.xml": [ran("stale", *first)],
        "b.xml": [ran("stale", *second)],
    }
    found = merge(PLAN, by_hand(hand), files).last["T1"]
    worst = [Verdict.PASSED, Verdict.BLOCKED, Verdict.FAILED]
    runs = [hand, first, second]
    last = max(day for _verdict, day in runs)
    assert found.on == last
    assert found.verdict is max((verdict for verdict, day in runs if day == last), key=worst.index)
    assert found.source in {BY_HAND, "a.xml", "b.xml"}
