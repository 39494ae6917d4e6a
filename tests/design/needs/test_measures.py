"""What measures are about, in which unit, and whether two of them can be kept together."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from needs_writer import Entry, about, requirement

from jalon.app.solution import check
from jalon.design.needs.measures import check_measures
from jalon.vocab.finding import Remark

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"


def asked(name: str, measure: str, **more: object) -> Entry:
    """A requirement that promises this."""
    return requirement(name, "The system answers.", measure=measure, **more)


def remarks(*entries: Entry, **more: object) -> list[Remark]:
    """What is said of their measures."""
    return list(check_measures(about(*entries, **more)))


def test_a_word_nobody_measures_is_told_at_its_place_with_the_one_that_was_meant(
    tmp_path: Path,
) -> None:
    folder = Path(
        shutil.copytree(EXAMPLE, tmp_path / "air", ignore=shutil.ignore_patterns(".jalon"))
    )
    file = folder / "solution.yaml"
    text = file.read_text().replace(
        "measure: alarm.latency p95 < 2 min", "measure: alarm.latncy p95 < 2 min"
    )
    file.write_text(text)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "alarm.latncy" in one)
    (found,) = [one for one in check(folder) if one.rule == "needs.unknown-subject"]
    assert str(found.place) == f"solution.yaml:{line}:14"
    assert str(found.text) == "Nothing measures “alarm.latncy”."
    assert str(found.hint) == "Did you mean “alarm.latency”?"


def test_a_subject_of_ones_own_is_known_with_its_unit() -> None:
    own = [
        {"id": "goods.lost", "meaning": "Value of lost goods.", "unit": "EUR/y", "better": "lower"}
    ]
    assert not remarks(asked("R1", "goods.lost <= 1000 EUR/y"), subjects=own)
    assert not remarks(asked("R1", "goods.lost <= 80 EUR/month"), subjects=own)
    (found,) = remarks(asked("R1", "goods.lost <= 5 kg"), subjects=own)
    assert found.rule == "needs.wrong-unit"
    assert found.at.offset == len("goods.lost <= 5 ")
    (found,) = remarks(asked("R1", "goods.lost >= 5 EUR/y"), subjects=own)
    assert found.rule == "needs.wrong-side"
    unused = remarks(asked("R1", "retention <= 5 d"), subjects=own)
    assert [one.rule for one in unused] == ["needs.unused-subject"]


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("retention <= 90 d", "retention >= 1 y", "needs.contradiction"),
        ("retention < 90 d", "retention >= 90 d", "needs.contradiction"),
        ("retention <= 90 d", "retention >= 90 d", None),
        ("outage.lost_messages = 0", "outage.lost_messages = 1", "needs.contradiction"),
        ("alarm.latency p95 < 2 s", "alarm.latency p95 < 1 min", "needs.pointless"),
        ("alarm.latency p95 < 2 s", "alarm.latency p95 < 2000 ms", "needs.pointless"),
        ("alarm.latency p95 < 2 s", "alarm.latency p99 < 1 min", None),
        ("battery.life >= 4 y", "battery.life >= 2 y", "needs.pointless"),
        ("retention.location <= 60 d", "retention.temperature >= 3 y", None),
    ],
)
def test_two_bounds_are_held_against_each_other(first: str, second: str, rule: str | None) -> None:
    found = remarks(asked("R1", first), asked("R2", second))
    assert [one.rule for one in found] == ([rule] if rule else [])


def test_bounds_of_different_components_do_not_meet() -> None:
    first = asked("R1", "retention <= 90 d", components=["store"])
    second = asked("R2", "retention >= 1 y", components=["archive"])
    assert not remarks(first, second)
    both = asked("R3", "retention >= 1 y", components=["archive", "store"])
    assert [one.rule for one in remarks(first, both)] == ["needs.contradiction"]


def test_a_harder_wish_above_a_softer_must_is_no_mistake() -> None:
    must = asked("R1", "alarm.latency p95 < 1 min")
    wish = asked("R2", "alarm.latency p95 < 2 s", priority="should")
    assert not remarks(must, wish)


def test_a_requirement_promises_no_less_than_its_objective() -> None:
    objective = {"id": "O1", "statement": "Know it.", "measure": "data.completeness >= 97 %"}
    weak = asked("R1", "data.completeness >= 95 %", objectives=["O1"])
    strong = asked("R1", "data.completeness >= 99 %", objectives=["O1"])
    assert [one.rule for one in remarks(weak, objectives=[objective])] == [
        "needs.weaker-than-objective"
    ]
    assert not remarks(strong, objectives=[objective])


@given(
    st.lists(
        st.tuples(st.sampled_from(["<", "<=", ">", ">=", "="]), st.integers(0, 6)),
        min_size=2,
        max_size=6,
    )
)
def test_a_contradiction_is_told_exactly_when_no_value_keeps_all(
    bounds: list[tuple[str, int]],
) -> None:
    """Halves between whole numbers are values, too."""
    entries = [
        asked(f"R{number}", f"retention {sign} {bound} d")
        for number, (sign, bound) in enumerate(bounds)
    ]
    solution = about(*entries)
    measures = [one.measure for one in solution.requirements if one.measure]
    values = [Decimal(half) / 2 for half in range(-2, 16)]
    possible = any(
        all(one.comparison.holds(value, one.bound) for one in measures) for value in values
    )
    told = any(one.rule == "needs.contradiction" for one in check_measures(solution))
    assert told != possible
