"""Intervals against values that are known, and what must hold for every sample."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.design.prototype.intervals import (
    design_effect,
    mean,
    needed,
    of_values,
    quantile,
    samples_needed,
    unseen,
    wilson,
)
from jalon.vocab.measure import Statistic


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 20, 0.0, 0.1611),
        (20, 20, 0.8389, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_as_in_the_tables(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)


def test_the_median_of_a_hundred_lies_between_the_40th_and_the_61st() -> None:
    found = quantile([float(one) for one in range(1, 101)], 0.5)
    assert (found.low, found.amount, found.high) == (40, 50, 61)


def test_a_95th_percentile_needs_72_samples() -> None:
    assert needed(0.95) == samples_needed(Statistic.P95, 95) == 72
    assert math.isinf(quantile([float(n) for n in range(71)], 0.95).high)
    assert quantile([float(n) for n in range(72)], 0.95).high == 71
    assert samples_needed(Statistic.P99, 95) == 368


def test_the_mean_by_student() -> None:
    found = mean([5.0, 7.0, 9.0, 11.0])
    assert [found.low, found.high] == pytest.approx([3.8915, 12.1085], abs=1e-4)
    assert math.isinf(mean([3.0]).high)


def test_what_comes_in_bunches_counts_for_less() -> None:
    even = [(9.0, 10.0)] * 20
    bunched = [(10.0, 10.0)] * 18 + [(0.0, 10.0)] * 2
    assert design_effect(even) == 1.0
    assert design_effect(bunched) == pytest.approx(10.53, abs=0.01)
    assert design_effect(bunched[-4:]) == 1.0, "too few bunches to tell"
    wide, narrow = wilson(180, 200, 95, design_effect(bunched)), wilson(180, 200)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_what_an_extreme_says() -> None:
    found = of_values([3.0, 1.0, 2.0], Statistic.MAX, 95)
    assert (found.low, found.amount, found.high) == (3, 3, 3)
    assert unseen(59) == pytest.approx(0.0495, abs=1e-4), "the rule of 59"


@given(st.integers(0, 500), st.integers(1, 500), st.floats(51, 99.9))
def test_a_share_lies_in_its_interval(successes: int, trials: int, confidence: float) -> None:
    successes = min(successes, trials)
    found = wilson(successes, trials, confidence)
    assert 0 <= found.low <= found.amount <= found.high <= 1


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=120),
    st.sampled_from([0.05, 0.5, 0.9, 0.95, 0.99]),
)
def test_a_quantile_is_a_sample_in_its_interval(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found.amount in values
    assert found.low <= found.amount <= found.high


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.sampled_from(list(Statistic)))
def test_the_order_of_samples_changes_nothing(values: list[float], statistic: Statistic) -> None:
    if statistic is Statistic.SUM:
        return  # fsum is exact, order or not
    one, other = (of_values(each, statistic, 95) for each in (values, values[::-1]))
    assert one.amount == pytest.approx(other.amount)
