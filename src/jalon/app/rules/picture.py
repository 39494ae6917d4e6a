"""A back-test as a picture: what the rule watched, its limits, and when it would have fired.

One SVG for a file and for a page: its own colours are plain attributes, which a style sheet may
replace. Severity is told by the height of a bar, not by its colour alone; the same is said in
words beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from zoneinfo import ZoneInfo

from jalon.app.axes import x_steps, y_steps
from jalon.app.formats import Formats
from jalon.run.control import AlarmSeverity

WIDTH, LEFT, RIGHT = 760, 56, 10
_TRACK, _LANE, _GAP, _FOOT = 170, 34, 30, 26
_BAR = 16
_LINE = "#0b6e64"

Filled = tuple[float, float, float]
Row = Filled | None
"""Least, last and greatest value of a step of time; None when there was none."""


@dataclass(frozen=True, slots=True)
class Track:
    """A watched number over time, in equal steps from the start of the picture."""

    label: str
    rows: Sequence[Row]
    limits: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A time in which the rule fires."""

    start_ms: int
    end_ms: int
    severity: AlarmSeverity | None


@dataclass(frozen=True, slots=True)
class Lane:
    """When the rule fires about one subject."""

    label: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Picture:
    """`[start_ms, end_ms)` in `zone`. `title` and `description` say what is seen, to those who do
    not see it. The tracks are of the first lane."""

    title: str
    description: str
    start_ms: int
    end_ms: int
    zone: ZoneInfo
    tracks: Sequence[Track]
    lanes: Sequence[Lane]


def draw(picture: Picture, formats: Formats, key: str = "picture") -> str:
    """The SVG, without any style that a strict content policy would refuse. `key` tells the ids of
    two on a page apart."""
    tracks = [one for one in picture.tracks if any(one.rows)]
    height = len(tracks) * (_TRACK + _GAP) + len(picture.lanes) * _LANE + _FOOT + 8
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart picture" role="img"'
        f' aria-labelledby="{key}-title {key}-desc" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="system-ui, sans-serif" font-size="11">',
        f'<title id="{key}-title">{escape(picture.title)}</title>',
        f'<desc id="{key}-desc">{escape(picture.description)}</desc>',
    ]
    top = 8.0
    for track in tracks:
        parts += _track(picture, track, top, formats)
        top += _TRACK + _GAP
    for lane in picture.lanes:
        parts += _lane(picture, lane, top)
        top += _LANE
    parts += _times(picture, top, formats)
    parts.append("</svg>")
    return "\n".join(parts)


def _x(picture: Picture, time_ms: float) -> float:
    share = (time_ms - picture.start_ms) / (picture.end_ms - picture.start_ms)
    return round(LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT), 1)


def _track(picture: Picture, track: Track, top: float, formats: Formats) -> Iterator[str]:
    rows = [row for row in track.rows if row]
    low, high = min(row[0] for row in rows), max(row[2] for row in rows)
    # A limit far away would flatten what was measured.
    near = [one for one in track.limits if abs(one - (low + high) / 2) <= 2 * (high - low or 1)]
    steps = y_steps(min([low, *near]), max([high, *near]))
    places = max(0, -math.floor(math.log10(steps[1] - steps[0])))
    upper, lower = top + 18, top + _TRACK

    def y(value: float) -> float:
        return round(upper + (steps[-1] - value) / (steps[-1] - steps[0]) * (lower - upper), 1)

    yield _text(LEFT, top + 9, track.label, "tick name", "start")
    for bar in picture.lanes[0].bars if picture.lanes else ():
        x, width = _extent(picture, bar)
        box = f'x="{x}" y="{upper}" width="{width}" height="{lower - upper}"'
        yield f'<rect class="firing" {box} fill="#b23a0e" fill-opacity="0.13"/>'
    for step in steps:
        yield _rule(y(step), "grid", "#d9d2c3")
        yield _text(LEFT - 6, y(step) + 4, formats.number(step, places), "tick", "end")
    for limit in near:
        yield _rule(y(limit), "limit", "#b23a0e", ' stroke-dasharray="5 4"')
    step_ms = (picture.end_ms - picture.start_ms) / len(track.rows)
    for run in _runs(track.rows):
        at = [(_x(picture, picture.start_ms + (i + 0.5) * step_ms), row) for i, row in run]
        yield from _stroke(at, y)


def _stroke(at: list[tuple[float, Filled]], y: Callable[[float], float]) -> Iterator[str]:
    if len(at) == 1:
        x, row = at[0]
        yield f'<circle class="dot" cx="{x}" cy="{y(row[1])}" r="2" fill="{_LINE}"/>'
        return
    over = [f"{x} {y(row[2])}" for x, row in at]
    under = [f"{x} {y(row[0])}" for x, row in reversed(at)]
    band, line = "L".join(over + under), "L".join(f"{x} {y(row[1])}" for x, row in at)
    yield f'<path class="band" d="M{band}Z" fill="{_LINE}" fill-opacity="0.2"/>'
    yield f'<path class="line" d="M{line}" fill="none" stroke="{_LINE}" stroke-width="1.5"/>'


def _runs(rows: Sequence[Row]) -> Iterator[list[tuple[int, Filled]]]:
    """Stretches without a hole: a step may be shorter than the time between two reports."""
    filled = sum(row is not None for row in rows)
    hole = max(2, round(3 * len(rows) / max(filled, 1)))
    run: list[tuple[int, Filled]] = []
    for index, row in enumerate(rows):
        if row is None:
            continue
        if run and index - run[-1][0] > hole:
            yield run
            run = []
        run.append((index, row))
    if run:
        yield run


def _lane(picture: Picture, lane: Lane, top: float) -> Iterator[str]:
    base = top + _LANE - 4
    yield _text(LEFT, top + 10, lane.label, "tick name", "start")
    yield _rule(base, "grid", "#d9d2c3")
    for bar in lane.bars:
        x, width = _extent(picture, bar)
        tall = _BAR * ((bar.severity.rank if bar.severity else 1) + 1) / 5
        box = f'x="{x}" y="{round(base - tall, 1)}" width="{width}" height="{round(tall, 1)}"'
        yield f'<rect class="bar" {box} fill="#b23a0e"/>'


def _extent(picture: Picture, bar: Bar) -> tuple[float, float]:
    """Where it begins and how wide it is: never too narrow to be seen."""
    start, end = _x(picture, bar.start_ms), _x(picture, bar.end_ms)
    return start, round(max(end - start, 1.5), 1)


def _rule(y: float, name: str, colour: str, more: str = "") -> str:
    line = f'd="M{LEFT} {y}H{WIDTH - RIGHT}" fill="none" stroke="{colour}"{more}'
    return f'<path class="{name}" {line}/>'


def _text(x: float, y: float, text: str, name: str, anchor: str) -> str:
    place = f'x="{x}" y="{y}" text-anchor="{anchor}" fill="#4b605c"'
    return f'<text class="{name}" {place}>{escape(text)}</text>'


def _times(picture: Picture, top: float, formats: Formats) -> Iterator[str]:
    for at, label in x_steps(picture.start_ms, picture.end_ms, picture.zone, formats):
        x = _x(picture, at)
        yield f'<path class="grid" d="M{x} 8V{top}" fill="none" stroke="#d9d2c3"/>'
        yield _text(x, top + 16, label, "tick", "middle" if x < WIDTH - 40 else "end")
