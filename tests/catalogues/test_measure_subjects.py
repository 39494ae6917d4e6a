"""The names under which values are given: each with a unit that is one, in both languages."""

from __future__ import annotations

from jalon.catalogues.measure_subjects import measure_subject, measure_subjects
from jalon.catalogues.units import is_unit
from jalon.vocab.measure import Measure


def test_every_subject_can_stand_in_a_measure_with_its_unit() -> None:
    for name, subject in measure_subjects().items():
        unit = "" if subject.unit == "1" else subject.unit
        assert is_unit(unit), name
        measure = Measure.parse(f"{name} <= 5 {unit}")
        assert measure.subject == name
        assert all((subject.fr, subject.en, subject.sources)), name


def test_a_subject_with_parts_is_found_by_any_of_them() -> None:
    retention = measure_subject("retention.location")
    assert retention is not None
    assert retention.id == "retention"
    assert measure_subject("alarm.latency.kitchen") is None
    assert measure_subject("alarm.latncy") is None
