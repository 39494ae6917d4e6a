"""Places for the boxes and lines of a scene: columns from left to right, lanes from top to bottom.

Nothing overlaps by construction. Boxes of one cell (lane and column) stand below each other. Every
end of a line has a height of its own at its box (right sides on whole steps of the grid, left sides
on half steps, so that no two horizontal pieces coincide) and every line a vertical track of its own
in each gap between two columns. Labels stand where only the left piece of their own line runs. A
line over several columns passes each between in a slot of its own, as if a thin box stood there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from jalon.design.structure.drawing.letters import shortened, width, wrapped
from jalon.design.structure.drawing.scene import Box, Lane, Line, Scene

BOX = 114.0
TITLE_SIZE, NOTE_SIZE, LABEL_SIZE = 14.0, 12.0, 12.0
TITLE_STEP, NOTE_STEP = 17.0, 15.0
_BOLD = 1.12
_STEP = 22.0
_TRACK = 11.0
_TIP = 12.0
_PAD = 10.0
_LABEL_ROOM = 92.0
_LANE_TITLE = 112.0


@dataclass(slots=True)
class Placed:
    """A box with its place and its lines of text. A line passes where `box` is None."""

    box: Box | None
    lane: str
    column: int
    height: float
    title: Sequence[str] = ()
    notes: Sequence[str] = ()
    x: float = 0.0
    y: float = 0.0
    left: list[Hop] = field(default_factory=list)
    right: list[Hop] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.y + self.height / 2


@dataclass(slots=True, eq=False)
class Hop:
    """A line's way over one gap, from the right side of `near` to the left side of `far`."""

    line: Line
    near: Placed
    far: Placed
    gap: int
    first: bool
    last: bool
    track: float = 0.0
    near_y: float = 0.0
    far_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line as points; `label_at` is the left end of its label's foot. `turned`: it runs from the
    right to the left, so its tip is at the first point."""

    line: Line
    points: Sequence[tuple[float, float]]
    label: str
    label_at: tuple[float, float]
    mark_at: tuple[float, float] | None
    turned: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A lane with its place."""

    lane: Lane
    x: float
    y: float
    width: float
    height: float
    title: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything with its place, in units of a pixel."""

    width: float
    height: float
    boxes: Sequence[Placed]
    lines: Sequence[Drawn]
    frames: Sequence[Frame]


def laid_out(scene: Scene) -> Layout:
    """The scene with places, the same for the same scene."""
    lanes = list(scene.lanes) or [Lane("", "")]
    placed = {box.id: _sized(box, lanes) for box in scene.boxes}
    everything, hops = _hops(scene.lines, placed)
    columns = 1 + max((one.column for one in everything), default=0)
    cells: dict[tuple[str, int], list[Placed]] = defaultdict(list)
    for one in everything:
        cells[one.lane, one.column].append(one)
    _order(cells, lanes, columns)
    for one in everything:
        _fit(one)
    frames = _heights(cells, lanes, columns, titled=bool(scene.lanes))
    _ports(everything)
    start = (_LANE_TITLE if scene.lanes else 0.0) + 2 * _PAD
    end = _gaps(everything, hops, columns, start)
    framed = [Frame(f.lane, f.x, f.y, end + _PAD - f.x, f.height, f.title, f.notes) for f in frames]
    bottom = max((f.y + f.height for f in framed), default=0.0)
    lines = _drawn(scene.lines, hops)
    boxes = [one for one in everything if one.box is not None]
    return Layout(end + 2 * _PAD, bottom + _PAD, boxes, lines, framed if scene.lanes else ())


def _sized(box: Box, lanes: Sequence[Lane]) -> Placed:
    room = BOX - 8
    title = wrapped(box.title, TITLE_SIZE * _BOLD, room)
    notes = [line for note in box.notes for line in wrapped(note, NOTE_SIZE, room, 2)]
    height = 12 + TITLE_STEP * len(title) + NOTE_STEP * len(notes)
    lane = box.lane if any(lane.id == box.lane for lane in lanes) else lanes[0].id
    return Placed(box, lane, box.column, height, title, notes)


def _hops(
    lines: Iterable[Line], placed: Mapping[str, Placed]
) -> tuple[list[Placed], list[list[Hop]]]:
    """The boxes and passages, and for each line its hops from left to right."""
    everything = list(placed.values())
    roads: list[list[Hop]] = []
    for line in lines:
        ends = sorted((placed[line.source], placed[line.target]), key=lambda one: one.column)
        first, last = ends
        steps = [first]
        for column in range(first.column + 1, last.column):
            passage = Placed(None, first.lane, column, _STEP)
            everything.append(passage)
            steps.append(passage)
        steps.append(last)
        road = []
        for near, far in pairwise(steps):
            hop = Hop(line, near, far, near.column, near is first, far is last)
            near.right.append(hop)
            far.left.append(hop)
            road.append(hop)
        roads.append(road)
    return everything, roads


def _order(
    cells: Mapping[tuple[str, int], list[Placed]], lanes: Sequence[Lane], columns: int
) -> None:
    """Boxes of a cell in the mean order of what they are joined to, a few times over."""
    rank = {lane.id: number for number, lane in enumerate(lanes)}
    place: dict[int, float] = {}
    for cell in cells.values():
        place.update({id(one): rank[one.lane] * 1000.0 + n for n, one in enumerate(cell)})
    for _round in range(4):
        for column in range(columns):
            for lane in lanes:
                cell = cells.get((lane.id, column), [])
                cell.sort(key=lambda one: _pull(one, place))
                place.update({id(one): rank[one.lane] * 1000.0 + n for n, one in enumerate(cell)})


def _pull(one: Placed, place: Mapping[int, float]) -> float:
    near = [place[id(hop.near)] for hop in one.left]
    far = [place[id(hop.far)] for hop in one.right]
    joined = near or far
    return sum(joined) / len(joined) if joined else place[id(one)]


def _fit(one: Placed) -> None:
    """As high as its text and its ends need, in whole steps of the grid."""
    if one.box is None:
        return
    needed = max(one.height, _STEP * (max(len(one.left), len(one.right)) + 0.5))
    one.height = -(-needed // _STEP) * _STEP


def _heights(
    cells: Mapping[tuple[str, int], list[Placed]],
    lanes: Sequence[Lane],
    columns: int,
    *,
    titled: bool,
) -> list[Frame]:
    frames: list[Frame] = []
    top = _PAD
    for lane in lanes:
        title = wrapped(lane.title, TITLE_SIZE * _BOLD, _LANE_TITLE - _PAD, 4)
        notes = wrapped(lane.note, NOTE_SIZE, _LANE_TITLE - _PAD, 3)
        least = 16 + TITLE_STEP * len(title) + NOTE_STEP * len(notes) if titled else 0.0
        first = -(-(top + _PAD) // _STEP) * _STEP
        bottom = first + max(_STEP, least - _PAD)
        for column in range(columns):
            y = first
            for one in cells.get((lane.id, column), ()):
                one.y = y
                y += one.height + _STEP
            bottom = max(bottom, y - _STEP)
        frames.append(Frame(lane, _PAD, top, 0.0, bottom + _PAD - top, title, notes))
        top = bottom + _PAD + _STEP
    return frames


def _ports(everything: Iterable[Placed]) -> None:
    """A height for each end; ends in the order of what they lead to."""
    for one in everything:
        one.left.sort(key=lambda hop: (hop.near.middle, hop.line.id))
        one.right.sort(key=lambda hop: (hop.far.middle, hop.line.id))
        for number, hop in enumerate(one.right):
            hop.near_y = one.y + _STEP * (number + 1)
        for number, hop in enumerate(one.left):
            hop.far_y = one.y + _STEP * (number + 0.5)
        if one.box is None:
            # A passage: straight on, half a step lower so that nothing else runs there.
            one.right[0].near_y = one.left[0].far_y + _STEP / 2


def _gaps(
    everything: Iterable[Placed], roads: Iterable[list[Hop]], columns: int, start: float
) -> float:
    """Widths of columns and gaps, from left to right, and the tracks; the end of the last one."""
    by_gap: dict[int, list[Hop]] = defaultdict(list)
    for road in roads:
        for hop in road:
            by_gap[hop.gap].append(hop)
    x = start
    by_column: dict[int, list[Placed]] = defaultdict(list)
    for one in everything:
        by_column[one.column].append(one)
    for column in range(columns):
        for one in by_column[column]:
            one.x = x
        x += BOX
        if column == columns - 1:
            break
        hops = by_gap[column]
        labels = [width(_label(hop.line), LABEL_SIZE) for hop in hops if hop.first]
        first = x + max(labels, default=0.0) + _TIP + 4
        for number, hop in enumerate(_tracks(hops)):
            hop.track = first + _TRACK * number
        x = first + _TRACK * len(hops) + _TIP
    return x


def _tracks(hops: Sequence[Hop]) -> list[Hop]:
    """From left to right, so that lines of one direction do not cross each other."""
    down = sorted((h for h in hops if h.far_y >= h.near_y), key=lambda h: (-h.near_y, h.line.id))
    up = sorted((h for h in hops if h.far_y < h.near_y), key=lambda h: (h.near_y, h.line.id))
    return [*up, *down]


def _label(line: Line) -> str:
    return shortened(line.label, LABEL_SIZE, _LABEL_ROOM)


def _drawn(lines: Sequence[Line], roads: Sequence[list[Hop]]) -> list[Drawn]:
    drawn: list[Drawn] = []
    for line, road in zip(lines, roads, strict=True):
        points: list[tuple[float, float]] = []
        for hop in road:
            # A passage has no width: its line runs through to where the next piece begins.
            points += [
                (hop.near.x + (BOX if hop.first else BOX / 2), hop.near_y),
                (hop.track, hop.near_y),
                (hop.track, hop.far_y),
                (hop.far.x + (0.0 if hop.last else BOX / 2), hop.far_y),
            ]
        first = road[0]
        foot = (first.near.x + BOX + _TIP, first.near_y - 4)
        turned = line.source != (first.near.box.id if first.near.box else "")
        drawn.append(Drawn(line, points, _label(line), foot, _mark_at(line, road), turned))
    return drawn


def _mark_at(line: Line, road: Sequence[Hop]) -> tuple[float, float] | None:
    """On the vertical piece that leaves the lane; in the gap's middle when none does."""
    if not line.mark:
        return None
    hop = next((one for one in road if one.near.lane != one.far.lane), road[-1])
    return hop.track, (hop.near_y + hop.far_y) / 2
