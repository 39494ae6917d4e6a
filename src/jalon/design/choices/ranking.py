"""Ranking what is left, by two methods, and how much the weights decide.

SPOTIS (Dezert et al., 2020) measures the weighted distance of an option from the best end of each
scale; since scales are given and not taken from the options, adding or leaving out an option never
turns the order of the others. TOPSIS (Hwang and Yoon, 1981) weighs the distances from the best and
from the worst option there is. Both are pymcdm's; both see figures as shares of their scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from random import Random

from jalon.design.spec.choices import Better, Criterion

_DRAWS = 2000
_SEED = 11
_CLEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of one weight that puts another option first; weights are shares."""

    criterion: str
    now: float
    then: float
    winner: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Options by id, best first. `distances` are SPOTIS (0 is best), `closeness` TOPSIS (1 is
    best). `correlation` is Kendall's tau of the two orders, 1 when they agree. `first` is how
    often each is first when every weight varies by half."""

    options: tuple[str, ...]
    distances: dict[str, float]
    closeness: dict[str, float]
    correlation: float
    first: dict[str, float]
    flip: Flip | None

    @property
    def agree(self) -> bool:
        """Whether both methods have the same option first."""
        best = max(self.closeness.values())
        return self.closeness[self.options[0]] >= best - _CLEAR


def wanted(figure: float, criterion: Criterion) -> float:
    """A figure as a share of its scale, 1 the wanted end; outside of it, its nearest end."""
    share = (figure - criterion.low) / (criterion.high - criterion.low)
    share = min(1.0, max(0.0, share))
    return share if criterion.better is Better.MORE else 1 - share


def shares_of(weights: Sequence[float]) -> list[float]:
    """Weights that add up to 1."""
    whole = sum(weights)
    return [one / whole for one in weights]


def spotis(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> list[float]:
    """Distances from the best end: Σ w·(1 − share). The same as pymcdm's SPOTIS on scales from 0
    to 1, without waiting for its import: for checks."""
    return [
        sum(weight * (1 - cell) for weight, cell in zip(weights, row, strict=True)) for row in rows
    ]


def order(options: Sequence[str], distances: Sequence[float]) -> list[str]:
    """Best first; equal ones in the order of the file."""
    places = sorted(range(len(options)), key=lambda place: (round(distances[place], 9), place))
    return [options[place] for place in places]


def rank(
    options: Sequence[str], rows: Sequence[Sequence[float]], criteria: Sequence[Criterion]
) -> Ranking:
    """Everything about the order of at least two options; `rows` are shares of the scales."""
    import numpy
    from pymcdm.correlations import kendall_tau
    from pymcdm.methods import SPOTIS, TOPSIS

    weights = shares_of([one.weight for one in criteria])
    matrix, types = numpy.array(rows), numpy.ones(len(criteria))
    scales = numpy.array([[0.0, 1.0]] * len(criteria))
    measured = SPOTIS(scales)(matrix, numpy.array(weights), types, validation=False)
    distances = [float(one) for one in measured]
    identity = TOPSIS(normalization_function=lambda column, cost=False: column)
    with numpy.errstate(invalid="ignore"):  # options that are all alike are nowhere between
        measured = identity(matrix, numpy.array(weights), types, validation=False)
    closeness = [1.0 if isnan(one) else float(one) for one in measured]
    ordered = order(options, distances)
    places = [ordered.index(one) for one in options]
    other = order(options, [-one for one in closeness])
    tau = float(kendall_tau(numpy.array(places), numpy.array([other.index(o) for o in options])))
    return Ranking(
        tuple(ordered),
        dict(zip(options, distances, strict=True)),
        dict(zip(options, closeness, strict=True)),
        tau,
        how_often_first(options, rows, weights),
        smallest_flip(options, rows, criteria),
    )


def how_often_first(
    options: Sequence[str], rows: Sequence[Sequence[float]], weights: Sequence[float]
) -> dict[str, float]:
    """Shares of draws in which each option is first, every weight between half and one and a half
    times itself. The seed is fixed."""
    source = Random(_SEED)  # noqa: S311 - must be the same every time
    wins = dict.fromkeys(options, 0)
    for _ in range(_DRAWS):
        drawn = shares_of([one * source.uniform(0.5, 1.5) for one in weights])
        wins[order(options, spotis(rows, drawn))[0]] += 1
    return {option: count / _DRAWS for option, count in wins.items()}


def smallest_flip(
    options: Sequence[str], rows: Sequence[Sequence[float]], criteria: Sequence[Criterion]
) -> Flip | None:
    """The smallest change of one weight, the others keeping their proportions, that puts another
    option first; None when no single weight can.

    SPOTIS is linear in the weights: with w the new weight of a criterion on which the winner's
    share is higher by d, and D the weighted lead on all others at present, the lead is
    w·d + (1 − w)/(1 − w₀)·D, and it is gone where that is zero.
    """
    weights = shares_of([one.weight for one in criteria])
    first = order(options, spotis(rows, weights))[0]
    best = rows[options.index(first)]
    found: list[Flip] = []
    for place, criterion in enumerate(criteria):
        now = weights[place]
        if now >= 1 - _CLEAR:
            continue
        for option, row in zip(options, rows, strict=True):
            if option == first:
                continue
            lead = best[place] - row[place]
            rest = sum(
                weight * (one - other)
                for index, (weight, one, other) in enumerate(zip(weights, best, row, strict=True))
                if index != place
            ) / (1 - now)
            if abs(lead - rest) < _CLEAR:
                continue
            then = rest / (rest - lead)
            if 0 <= then <= 1:
                found.append(Flip(criterion.id, now, then, option))
    return min(found, key=lambda flip: abs(flip.then - flip.now), default=None)
