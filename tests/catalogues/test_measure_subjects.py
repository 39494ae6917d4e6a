"""The names under which values are given: each with a unit that is one, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from jalon.app.design.measuring import MEASURED
from jalon.app.solution import load
from jalon.catalogues.measure_subjects import Source, measure_subject, measure_subjects
from jalon.catalogues.units import convertible, is_unit
from jalon.design.needs.known import known_values
from jalon.design.prototype.verdicts import SUBJECTS
from jalon.design.values import Origin
from jalon.vocab.measure import Measure

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_subject_can_stand_in_a_measure_with_its_unit() -> None:
    for name, subject in measure_subjects().items():
        unit = "" if subject.unit == "1" else subject.unit
        assert is_unit(unit), name
        measure = Measure.parse(f"{name} <= 5 {unit}")
        assert measure.subject == name
        assert all((subject.fr, subject.en)), name


def test_a_subject_with_parts_is_found_by_any_of_them() -> None:
    retention = measure_subject("retention.location")
    assert retention is not None
    assert retention.id == "retention"
    assert measure_subject("alarm.latency.kitchen") is None
    assert measure_subject("alarm.latncy") is None


@pytest.mark.parametrize("example", ["school-air", "cold-chain"])
def test_what_the_design_estimates_is_listed_with_a_unit_that_fits(example: str) -> None:
    found = known_values(load(EXAMPLES / example).blueprint)
    estimated = [one for one in found if one.origin is Origin.ESTIMATE]
    assert any(one.subject.startswith("retention") for one in estimated)
    for value in estimated:
        subject = measure_subject(value.subject)
        assert subject is not None, value.subject
        assert Source.ESTIMATE in subject.sources, value.subject
        assert convertible(value.unit, subject.unit), value


def test_what_runs_measure_is_what_the_list_says() -> None:
    listed = measure_subjects().values()
    on_prototype = {one.id for one in listed if Source.PROTOTYPE in one.sources}
    in_operation = {one.id for one in listed if Source.OPERATION in one.sources}
    assert on_prototype == set(SUBJECTS)
    assert in_operation == set(MEASURED)
    for name, (_shape, unit) in SUBJECTS.items():
        assert convertible(unit, measure_subjects()[name].unit), name
