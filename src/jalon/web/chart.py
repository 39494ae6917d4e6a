"""A line chart as SVG, drawn on the server: band from minimum to maximum, line of the means.

Colours and fonts come from the style sheet, so that the chart follows the reader's theme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jalon.app.axes import x_steps, y_steps
from jalon.app.formats import Formats
from jalon.run.ports import Bucket
from jalon.web.history import History
from jalon.web.ranges import Span

_Scale = Callable[[float], float]
WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 26


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis with its label, in the drawing's own units."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths and ticks, ready for the template. A stretch without values has no path at all."""

    bands: list[str]
    lines: list[str]
    dots: list[tuple[float, float]]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def draw(history: History, span: Span, zone: ZoneInfo, formats: Formats) -> Chart | None:
    """The chart of a number's history; None when there is nothing to draw."""
    low, high = history.minimum, history.maximum
    if low is None or high is None:
        return None
    steps = y_steps(low, high)
    bottom, top = steps[0], steps[-1]

    def x(time_ms: float) -> float:
        share = (time_ms - span.start_ms) / (span.end_ms - span.start_ms)
        return round(LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (top - value) / (top - bottom) * (HEIGHT - TOP - BOTTOM), 1)

    runs = _runs(history.rows)
    places = max(0, -math.floor(math.log10(steps[1] - steps[0])))
    return Chart(
        bands=[] if history.raw else [_band(run, x, y) for run in runs if len(run) > 1],
        lines=[_line(run, x, y) for run in runs if len(run) > 1],
        dots=[(x(r[0].middle_ms), y(r[0].mean or 0)) for r in runs if len(r) == 1],
        x_ticks=[
            Tick(x(at), label) for at, label in x_steps(span.start_ms, span.end_ms, zone, formats)
        ],
        y_ticks=[Tick(y(step), formats.number(step, places)) for step in steps],
    )


def _runs(rows: Sequence[Bucket]) -> list[list[Bucket]]:
    """Stretches without a gap."""
    runs: list[list[Bucket]] = [[]]
    for row in rows:
        if row.count:
            runs[-1].append(row)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _line(run: Sequence[Bucket], x: _Scale, y: _Scale) -> str:
    return "M" + "L".join(f"{x(row.middle_ms)} {y(row.mean or 0)}" for row in run)


def _band(run: Sequence[Bucket], x: _Scale, y: _Scale) -> str:
    upper = [f"{x(row.middle_ms)} {y(row.maximum or 0)}" for row in run]
    lower = [f"{x(row.middle_ms)} {y(row.minimum or 0)}" for row in reversed(run)]
    return "M" + "L".join(upper + lower) + "Z"
