"""A requirement's measure: read, written, and refused with the column of the fault."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.vocab.measure import Comparison, Measure, MeasureError, Statistic

words = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
subjects = st.lists(words, min_size=1, max_size=3).map(".".join)
units = st.sampled_from(["", "s", "%", "y", "[ppm]", "EUR/month", "Cel", "kW.h", "dB(A)"])
bounds = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4
)
measures = st.builds(
    Measure,
    subjects,
    st.none() | st.sampled_from(Statistic),
    st.sampled_from(Comparison),
    bounds,
    units,
)


@given(measures)
def test_what_is_written_reads_back_the_same(measure: Measure) -> None:
    again = Measure.parse(str(measure))

    assert again == measure
    assert not measure.unit or str(measure)[again.unit_at :] == measure.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alarm.latency p95 < 2 s", ("alarm.latency", Statistic.P95, Comparison.BELOW, "2", "s")),
        ("data.completeness >= 99 %", ("data.completeness", None, Comparison.AT_LEAST, "99", "%")),
        ("battery.life>=5y", ("battery.life", None, Comparison.AT_LEAST, "5", "y")),
        ("retention ≤ 90 d", ("retention", None, Comparison.AT_MOST, "90", "d")),
        (
            "cost.per_device <= 4 EUR/month",
            ("cost.per_device", None, Comparison.AT_MOST, "4", "EUR/month"),
        ),
        ("security.shared_keys == 0", ("security.shared_keys", None, Comparison.EQUAL, "0", "")),
        ("  room.co2 p99.9 => 1.5e3 [ppm] ", ("room.co2", Statistic.P999, Comparison.AT_LEAST, "1500", "[ppm]")),  # noqa: E501
    ],
)  # fmt: skip
def test_the_usual_ways_of_writing(
    text: str, expected: tuple[str, Statistic | None, Comparison, str, str]
) -> None:
    subject, statistic, comparison, bound, unit = expected

    assert Measure.parse(text) == Measure(subject, statistic, comparison, Decimal(bound), unit)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "begins with what is measured"),
        ("Alarm < 2 s", 1, "begins with what is measured"),
        ("alarm.latency p96 < 2 s", 15, "“p96” is no statistic"),
        ("alarm.latency p95 2 s", 19, "A comparison is expected"),
        ("alarm.latency p95 < two s", 21, "A number is expected"),
        ("alarm.latency < 2,5 s", 18, "with a point"),
        ("retention <= 90 d or so", 19, "more follows: “or so”"),
        ("retention", 10, "A comparison is expected"),
    ],
)
def test_a_fault_has_a_column(text: str, column: int, says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        Measure.parse(text)

    assert caught.value.column == column
    assert says in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_a_measure_or_a_fault_inside_it(text: str) -> None:
    fault = None
    try:
        measure = Measure.parse(text)
    except MeasureError as error:
        fault = error

    if fault:
        assert 1 <= fault.column <= len(text) + 1
    else:
        assert Measure.parse(str(measure)) == measure


@pytest.mark.parametrize(
    ("comparison", "below", "same", "above"),
    [
        (Comparison.BELOW, True, False, False),
        (Comparison.AT_MOST, True, True, False),
        (Comparison.EQUAL, False, True, False),
        (Comparison.AT_LEAST, False, True, True),
        (Comparison.ABOVE, False, False, True),
    ],
)
def test_a_promise_is_kept_or_not(
    comparison: Comparison, below: bool, same: bool, above: bool
) -> None:
    promise = Measure("x", None, comparison, Decimal("2.0"))

    assert [promise.holds(Decimal(value)) for value in ("1.9", "2", "2.1")] == [below, same, above]
