"""Drawing what is not known exactly, the same way every time."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from jalon.design.sizing.figures import Range

DRAWS = 1000
"""Enough for percentiles to two digits; more would cost every `jalon check` its time."""


class Draws:
    """A source with a fixed seed: no secret is made with it."""

    def __init__(self, seed: int) -> None:
        self._source = Random(seed)  # noqa: S311 - must be the same every time

    def triangle(self, figure: Range) -> float:
        """A value between low and high, most often near typical."""
        if figure.sure:
            return figure.typical
        return self._source.triangular(figure.low, figure.high, figure.typical)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many per cent lie, between neighbours by their distance."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    if ordered[below] == ordered[above]:
        return ordered[below]
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
