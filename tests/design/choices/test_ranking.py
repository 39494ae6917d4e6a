"""Ranking: the order of the field's library, stable, and honest about its weights."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymcdm.methods import SPOTIS

from jalon.design.choices.ranking import (
    how_often_first,
    order,
    rank,
    shares_of,
    smallest_flip,
    spotis,
    wanted,
)
from jalon.design.spec.choices import Better, Criterion


def criterion(name: str, weight: float = 1, better: Better = Better.MORE) -> Criterion:
    return Criterion.model_validate(
        {"id": name, "name": name, "better": better, "weight": weight, "low": 0, "high": 10}
    )


SHARE = st.floats(0, 1).map(lambda one: round(one, 3))
WEIGHT = st.floats(0.1, 10).map(lambda one: round(one, 2))


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[str], list[list[float]], list[float]]:
    count, columns = draw(st.integers(2, 5)), draw(st.integers(1, 4))
    rows = [[draw(SHARE) for _ in range(columns)] for _ in range(count)]
    return [f"o{place}" for place in range(count)], rows, [draw(WEIGHT) for _ in range(columns)]


@given(problems())
@settings(max_examples=40, deadline=None)
def test_the_fast_distance_is_that_of_the_library(
    problem: tuple[list[str], list[list[float]], list[float]],
) -> None:
    options, rows, weights = problem
    shares = shares_of(weights)
    scales = numpy.array([[0.0, 1.0]] * len(weights))
    theirs = SPOTIS(scales)(rows, shares, [1] * len(weights), validation=False)
    assert numpy.allclose(spotis(rows, shares), theirs)
    found = rank(options, rows, [criterion(f"c{i}", w) for i, w in enumerate(weights)])
    assert list(found.options) == order(options, spotis(rows, shares))
    assert -1 <= found.correlation <= 1.000001
    assert math.isclose(sum(found.first.values()), 1)


@given(problems())
@settings(max_examples=40, deadline=None)
def test_another_option_never_turns_the_order_of_the_rest(
    problem: tuple[list[str], list[list[float]], list[float]],
) -> None:
    options, rows, weights = problem
    shares = shares_of(weights)
    before = order(options, spotis(rows, shares))
    more = order([*options, "new"], spotis([*rows, [0.5] * len(weights)], shares))
    assert [one for one in more if one != "new"] == before


@given(problems())
@settings(max_examples=40, deadline=None)
def test_beyond_the_smallest_change_another_is_first_and_before_it_is_not(
    problem: tuple[list[str], list[list[float]], list[float]],
) -> None:
    options, rows, weights = problem
    criteria = [criterion(f"c{i}", w) for i, w in enumerate(weights)]
    flip = smallest_flip(options, rows, criteria)
    if flip is None or abs(flip.then - flip.now) < 1e-3:
        return
    place = [one.id for one in criteria].index(flip.criterion)
    shares = shares_of(weights)

    def lead(to: float) -> float:
        """How far the first is ahead of the one that would win, with that weight."""
        changed = [one * (1 - to) / (1 - flip.now) for one in shares]
        changed[place] = to
        distances = spotis(rows, changed)
        first = order(options, spotis(rows, shares))[0]
        return distances[options.index(flip.winner)] - distances[options.index(first)]

    assert abs(lead(flip.then)) < 1e-6
    assert lead(flip.now) > -1e-9
    assert lead(flip.now + (flip.then - flip.now) * 0.9) > -1e-9


def test_a_scale_is_read_from_its_wanted_end() -> None:
    assert wanted(2.5, criterion("c")) == 0.25
    assert wanted(2.5, criterion("c", better=Better.LESS)) == 0.75
    assert wanted(99, criterion("c")) == 1


def test_who_is_best_everywhere_is_always_first() -> None:
    rows = [[1.0, 1.0], [0.2, 0.9]]
    criteria = [criterion("a"), criterion("b")]
    found = rank(["best", "other"], rows, criteria)
    assert found.first == {"best": 1, "other": 0}
    assert found.flip is None
    assert found.agree


def test_a_close_race_is_told() -> None:
    rows = [[1.0, 0.0], [0.0, 1.0]]
    found = rank(["a", "b"], rows, [criterion("x", 51), criterion("y", 49)])
    assert found.options[0] == "a"
    assert 0.4 < found.first["a"] < 0.65
    assert found.flip is not None
    assert found.flip.then == pytest.approx(0.5)
    assert found.flip.winner == "b"


def test_options_that_are_all_alike_are_no_trouble() -> None:
    found = rank(["a", "b"], [[0.5], [0.5]], [criterion("x")])
    assert found.options == ("a", "b")
    assert found.agree


def test_the_same_draws_every_time() -> None:
    rows = [[0.9, 0.1], [0.2, 0.8]]
    assert how_often_first(["a", "b"], rows, [0.5, 0.5]) == how_often_first(
        ["a", "b"], rows, [0.5, 0.5]
    )
