"""Diagrams: nothing overlaps, everything is said in words, exports are what other tools read."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.structure.drawing.layout import BOX, LABEL_SIZE, Layout, laid_out
from jalon.design.structure.drawing.letters import width, wrapped
from jalon.design.structure.drawing.mermaid import mermaid
from jalon.design.structure.drawing.scenes import scene
from jalon.design.structure.drawing.structurizr import structurizr
from jalon.design.structure.drawing.svg import svg
from jalon.design.structure.graph import graph
from jalon.design.structure.words import Diagram

EXAMPLES = Path(__file__).parents[3] / "examples"
ENGLISH = language("en")
SVG = "{http://www.w3.org/2000/svg}"
Rect = tuple[float, float, float, float]
Segment = tuple[tuple[float, float], tuple[float, float]]


def synthetic(count: int, flows: int, seed: int) -> Blueprint:
    """So many components in five zones, with flows at random, circles and both ways included."""
    chance = random.Random(seed)
    layers = ["perception", "network", "processing", "application", "security"]
    components = [
        {
            "id": f"c{n}",
            "name": f"Component “{n}” & its {'rather long ' * (n % 3)}<name>",
            "layer": layers[n % 5],
            "zone": f"z{chance.randrange(5)}" if n % 7 else None,
            "host": f"host-{n % 4}" if n % 3 == 0 else None,
            "count": 1 + n % 4,
        }
        for n in range(count)
    ]
    roads = [
        {
            "id": f"F{n}",
            "from": f"c{chance.randrange(count)}",
            "to": f"c{chance.randrange(count)}",
            "protocol": chance.choice(["MQTT", "LoRaWAN", "in process", "Some protocol of length"]),
            "direction": chance.choice(["one-way", "both"]),
        }
        for n in range(flows)
    ]
    zones = [{"id": f"z{n}", "name": f"Zone {n}", "exposure": "public"} for n in range(5)]
    file = ArchitectureFile.model_validate(
        {"zones": zones, "components": components, "flows": roads}
    )
    about: dict[str, object] = {
        "id": "s",
        "name": 'S "quoted"',
        "client": {"name": "C"},
        "problem": {"statement": "P"},
    }
    about |= {"personas": [{"id": "p", "name": "P", "role": "R"}]}
    return Blueprint(about=SolutionFile.model_validate(about), architecture=file)


def blueprint(name: str) -> Blueprint:
    """An example, or thirty components made up."""
    return synthetic(30, 45, 7) if name == "synthetic" else load(EXAMPLES / name).blueprint


ALL = [(name, one) for name in ("school-air", "cold-chain", "synthetic") for one in Diagram]


def apart(one: Rect, other: Rect) -> bool:
    """Whether two rectangles (left, top, right, bottom) do not overlap."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def inside(one: Rect, other: Rect) -> bool:
    """Whether the first lies within the second."""
    near = one[0] >= other[0] and one[1] >= other[1]
    return near and one[2] <= other[2] and one[3] <= other[3]


def segments(points: Sequence[tuple[float, float]]) -> list[Segment]:
    """The straight pieces of a line, without those of no length."""
    return [(a, b) for a, b in pairwise(points) if a != b]


def meets(piece: Segment, rect: Rect) -> bool:
    """Whether a horizontal or vertical piece runs inside a rectangle."""
    (x1, y1), (x2, y2) = piece
    left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
    return left < rect[2] and right > rect[0] and top < rect[3] and bottom > rect[1]


def coincide(one: Segment, other: Segment) -> bool:
    """Whether two pieces lie on each other over some length: then nobody can tell them apart."""
    for axis in (0, 1):
        across = 1 - axis
        level = {end[across] for end in (*one, *other)}
        if len(level) == 1:
            a, b = sorted(end[axis] for end in one), sorted(end[axis] for end in other)
            return min(a[1], b[1]) > max(a[0], b[0])
    return False


def assert_legible(found: Layout) -> None:
    """Boxes and labels apart, lines around boxes and labels, no two lines on each other, all of it
    inside."""
    boxes = {id(one): (one.x, one.y, one.x + BOX, one.y + one.height) for one in found.boxes}
    labels = [
        (x, y - LABEL_SIZE, x + width(line.label, LABEL_SIZE), y)
        for line in found.lines
        if line.label
        for x, y in [line.label_at]
    ]
    rects = [*boxes.values(), *labels]
    for one, other in combinations(rects, 2):
        assert apart(one, other), (one, other)
    pieces = [(line.line.id, piece) for line in found.lines for piece in segments(line.points)]
    for name, piece in pieces:
        assert not any(meets(piece, rect) for rect in rects), (name, piece)
    for (first, piece), (second, another) in combinations(pieces, 2):
        assert first == second or not coincide(piece, another), (first, second, piece)
    sheet = (0.0, 0.0, found.width, found.height)
    for rect in rects:
        assert inside(rect, sheet)
    frames = [(f.x, f.y, f.x + f.width, f.y + f.height) for f in found.frames]
    for one, other in combinations(frames, 2):
        assert apart(one, other)
    by_lane = {frame.lane.id: rect for frame, rect in zip(found.frames, frames, strict=True)}
    for placed in found.boxes:
        if by_lane:
            assert inside(boxes[id(placed)], by_lane[placed.lane])


@pytest.mark.parametrize(("name", "diagram"), ALL)
def test_nothing_overlaps(name: str, diagram: Diagram) -> None:
    assert_legible(laid_out(scene(blueprint(name), diagram, ENGLISH)))


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 25), flows=st.integers(0, 35), seed=st.integers(0, 10_000))
def test_nothing_overlaps_whatever_is_drawn(count: int, flows: int, seed: int) -> None:
    made_up = synthetic(count, flows, seed)
    for diagram in (Diagram.FLOWS, Diagram.DEPLOYMENT):
        assert_legible(laid_out(scene(made_up, diagram, ENGLISH)))


@given(text=st.text(max_size=60), room=st.floats(30, 200))
def test_wrapped_lines_fit(text: str, room: float) -> None:
    lines = wrapped(text, 13, room)
    assert len(lines) <= 3
    assert all(width(line, 13) <= room or len(line) == 1 for line in lines)


@pytest.mark.parametrize(("name", "diagram"), ALL)
def test_a_drawing_is_basic_svg_and_says_what_it_shows(name: str, diagram: Diagram) -> None:
    drawn = scene(blueprint(name), diagram, ENGLISH)
    text = svg(drawn, diagram)
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    names = root.get("aria-labelledby", "").split()
    titled = {one.get("id"): one.text for one in root if one.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [titled[one] for one in names] == [drawn.title, " ".join(drawn.says)]
    tags = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "path", "text"}
    # No style sheet is needed and no colour is our own: it takes that of the text around it.
    colours = {one.get(key) for one in root.iter() for key in ("fill", "stroke")}
    assert colours <= {None, "none", "currentColor"}
    assert not re.search(r"\b(style|class)=", text)
    assert svg(scene(blueprint(name), diagram, ENGLISH), diagram) == text


def test_the_words_name_every_flow_with_its_border_and_its_guard() -> None:
    school = blueprint("school-air")
    said = "\n".join(scene(school, Diagram.FLOWS, ENGLISH).says)
    for flow in school.architecture.flows:
        assert f"{flow.id}: " in said
    assert "Classrooms and canteens → Technical rooms" in said
    assert "AES-128 (AppSKey)" in said
    for diagram in (Diagram.LAYERS, Diagram.DEPLOYMENT):
        words = " ".join(scene(school, diagram, ENGLISH).says)
        assert all(ENGLISH.word(one.name) in words for one in school.architecture.components)


def test_an_open_crossing_is_marked_by_shape_and_stroke() -> None:
    made_up = synthetic(6, 0, 1)
    flow = {"id": "F", "from": "c1", "to": "c2", "protocol": "MQTT"}
    bare = {"encryption": "none", "authentication": "none", "integrity": "none"}
    safe = {"encryption": "TLS 1.3", "authentication": "certificate"}
    for guard, mark, dashed in ((bare, "!", True), (safe, "◆", False)):
        file = made_up.architecture.model_dump(by_alias=True) | {
            "flows": [flow | {"protection": guard}]
        }
        told = Blueprint(about=made_up.about, architecture=ArchitectureFile.model_validate(file))
        drawn = scene(told, Diagram.FLOWS, ENGLISH)
        [line] = drawn.lines
        assert (line.mark, line.dashed) == (mark, dashed)
        assert mark in [what for what, _meaning in drawn.key]


@pytest.mark.parametrize("name", ["school-air", "cold-chain", "synthetic"])
def test_mermaid_has_every_part_once(name: str) -> None:
    told = blueprint(name)
    drawn = scene(told, Diagram.FLOWS, ENGLISH)
    lines = [line.strip() for line in mermaid(drawn).splitlines()]
    assert lines[0] == "flowchart LR"
    nodes = [m[1] for line in lines if (m := re.match(r"(n\d+)[\[(]", line))]
    assert len(nodes) == len(set(nodes)) == len(drawn.boxes)
    arrows = [re.fullmatch(r'(n\d+) <?-(?:-|\.-)>(?:\|"[^"]*"\|)? (n\d+)', one) for one in lines]
    ends = [(one[1], one[2]) for one in arrows if one]
    assert len(ends) == len(drawn.lines)
    assert {end for pair in ends for end in pair} <= set(nodes)
    assert sum(line.startswith("subgraph") for line in lines) == lines.count("end")
    assert all(line.count('"') % 2 == 0 for line in lines[3:])


@pytest.mark.parametrize("name", ["school-air", "cold-chain", "synthetic"])
def test_structurizr_is_balanced_and_refers_to_what_it_defines(name: str) -> None:
    told = blueprint(name)
    bare = re.sub(r'"(?:\\.|[^"\\])*"', '""', structurizr(told, ENGLISH))
    assert '"' not in bare.replace('""', "")
    depth = 0
    for line in bare.splitlines():
        depth += line.count("{") - line.count("}")
        assert depth >= 0
        assert line.count("{") <= 1
    assert depth == 0
    defined = re.findall(r"^\s*(\w+) = (\w+)", bare, re.MULTILINE)
    names = [one for one, _kind in defined]
    assert len(names) == len(set(names))
    kinds = [kind for _one, kind in defined]
    assert kinds.count("container") == len(told.architecture.components)
    assert kinds.count("person") == len(told.about.personas)
    arrows = re.findall(r"^\s*(\w+) -> (\w+)", bare, re.MULTILINE)
    instances = re.findall(r"containerInstance (\w+)", bare)
    used = {end for pair in arrows for end in pair} | set(instances)
    assert used <= set(names)
    assert sorted(instances) == sorted(one for one, kind in defined if kind == "container")
    assert len(graph(told).edges) <= len(arrows)
