"""From samples to verdicts, and results that show when they were touched."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.design.blueprint import Blueprint
from jalon.design.prototype.measured import tried_values
from jalon.design.prototype.report import report
from jalon.design.prototype.sealing import (
    digest,
    raw_text,
    result_text,
    samples_of,
    seal_of,
    sealed,
)
from jalon.design.prototype.verdicts import Sample, fingerprint, judge
from jalon.design.spec.prototype import Hypothesis, PrototypeFile, RunSettings
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.trials import Judged, Registered, Registration, TrialFile, Verdict
from jalon.design.values import Origin
from jalon.vocab.measure import Measure

LATENCY = Measure.parse("alarm.latency p95 < 2 min")
COMPLETE = Measure.parse("data.completeness >= 97 %")
LOST = Measure.parse("outage.lost_messages = 0")
RUN = RunSettings()


def hypothesis(**more: Any) -> Hypothesis:
    words: dict[str, Any] = {"id": "H", "statement": "It is so.", "samples": 72}
    return Hypothesis.model_validate(words | more)


def judged(measure: Measure, *samples: Sample, **more: Any) -> Judged:
    return judge(hypothesis(**more), measure, RUN, samples)


def quick(count: int, seconds: float = 1.0) -> list[Sample]:
    return [Sample("H", f"d{n}", seconds + n / 1000) for n in range(count)]


def test_all_on_one_side_decides_whatever_the_unit() -> None:
    assert judged(LATENCY, *quick(72)).verdict is Verdict.VALIDATED
    found = judged(LATENCY, *quick(72, 130))
    assert (found.verdict, found.unit, found.high) == (Verdict.INVALIDATED, "s", 130.071)


def test_too_few_samples_decide_nothing() -> None:
    assert judged(LATENCY, *quick(71)).verdict is Verdict.UNDECIDED
    few = judged(LATENCY, *quick(40), samples=40)
    assert (few.verdict, few.high) == (Verdict.UNDECIDED, None), "no upper end with forty"
    none = judged(LATENCY)
    assert (none.verdict, none.amount, none.samples) == (Verdict.UNDECIDED, None, 0)


def test_forty_slow_samples_are_not_enough_to_be_sure_either() -> None:
    assert judged(LATENCY, *quick(40, 500), samples=40).verdict is Verdict.UNDECIDED


def test_a_bound_inside_the_interval_is_undecided() -> None:
    close = [Sample("H", f"d{n}", 97.0 if n % 2 else 98.0, 100.0) for n in range(10)]
    assert judged(COMPLETE, *close).verdict is Verdict.UNDECIDED
    sure = [Sample("H", f"d{n}", 999.0, 1000.0) for n in range(10)]
    assert judged(COMPLETE, *sure).verdict is Verdict.VALIDATED


def test_what_must_not_be_is_counted() -> None:
    assert judged(LOST, Sample("H", "a", 0, 500)).verdict is Verdict.VALIDATED
    assert judged(LOST, Sample("H", "a", 1, 500)).verdict is Verdict.INVALIDATED
    assert judged(LOST, Sample("H", "a", 0, 71)).verdict is Verdict.UNDECIDED


def test_samples_of_others_do_not_count() -> None:
    others = [Sample("other", "d", 500.0)] * 100
    assert judged(LATENCY, *quick(72), *others).verdict is Verdict.VALIDATED


def test_only_what_changes_the_meaning_changes_the_fingerprint() -> None:
    first = fingerprint(hypothesis(), LATENCY, RUN)
    told = {"decision": "go", "on": date(2026, 11, 23), "reason": "It holds."}
    assert fingerprint(hypothesis(follow_up=told, if_wrong="Else."), LATENCY, RUN) == first
    assert fingerprint(hypothesis(samples=73), LATENCY, RUN) != first
    assert fingerprint(hypothesis(), Measure.parse("alarm.latency p95 < 3 min"), RUN) != first
    assert fingerprint(hypothesis(), LATENCY, RunSettings(seed=2)) != first


def trial(*said: Judged, raw: str = "") -> TrialFile:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    before = Registered(state=Registration.NO_GIT, sha256="0")
    return sealed(
        TrialFile(
            run="20261123T120000Z",
            started=at,
            ended=at,
            jalon="0",
            settings=RUN,
            registered=before,
            judged=list(said),
            raw_sha256=digest(raw),
        )
    )


def test_a_seal_breaks_when_a_verdict_is_changed() -> None:
    one = trial(judged(LATENCY, *quick(72)))
    again = TrialFile.model_validate_json(result_text(one))
    assert again == one
    assert seal_of(again) == again.seal
    prettier = again.judged[0].model_copy(update={"amount": 0.1})
    assert seal_of(again.model_copy(update={"judged": [prettier]})) != again.seal


NUMBERS = st.floats(0, 1e9).map(lambda one: float(f"{one:.9g}"))


@given(
    st.lists(
        st.builds(
            Sample, st.sampled_from(["H", "I-2"]), st.just("d,1"), NUMBERS, NUMBERS | st.none()
        )
    )
)
def test_raw_data_read_back_as_they_were(samples: list[Sample]) -> None:
    assert samples_of(raw_text(samples)) == samples


def test_raw_data_of_somebody_else_are_refused() -> None:
    with pytest.raises(ValueError, match="hypothesis"):
        samples_of("time;value\n1;2\n")


def blueprint(one: Hypothesis, *trials: TrialFile) -> Blueprint:
    about = SolutionFile.model_validate(
        {"id": "s", "name": "S", "client": {"name": "C"}, "problem": {"statement": "P"}}
    )
    return Blueprint(about, prototype=PrototypeFile(hypotheses=[one]), trials=trials)


def test_a_result_counts_until_the_hypothesis_is_changed() -> None:
    asked = hypothesis(measure="alarm.latency p95 < 2 min")
    found = trial(judge(asked, LATENCY, RUN, quick(72)))
    now = blueprint(asked, found)
    (held,) = report(now)
    assert held.verdict is Verdict.VALIDATED
    (value,) = tried_values(now.about, now.prototype, now.trials)
    assert (value.subject, value.unit, value.origin) == ("alarm.latency", "s", Origin.PROTOTYPE)
    later = blueprint(hypothesis(measure="alarm.latency p95 < 1 min"), found)
    (held,) = report(later)
    assert (held.stale, held.verdict) == (True, None)
    assert list(tried_values(later.about, later.prototype, later.trials)) == []
