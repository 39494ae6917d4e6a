"""A scene as Mermaid: a flowchart, with frames as subgraphs.

Ids are ours (n1, n2…), since an author's id may be a word of Mermaid's; names stand in quotes.
"""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.structure.drawing.scene import Box, Line, Scene


def mermaid(scene: Scene) -> str:
    """The text of a `.mmd` file."""
    return "\n".join(_lines(scene)) + "\n"


def _lines(scene: Scene) -> Iterator[str]:
    ids = {box.id: f"n{number}" for number, box in enumerate(scene.boxes, 1)}
    yield "flowchart LR"
    yield f"  accTitle: {_plain(scene.title)}"
    yield f"  accDescr: {_plain(' '.join(scene.says))}"
    inside = {lane.id for lane in scene.lanes}
    for number, lane in enumerate(scene.lanes, 1):
        title = f"{lane.title} ({lane.note})" if lane.note else lane.title
        yield f"  subgraph z{number}[{_quoted(title)}]"
        yield from (f"    {_box(box, ids[box.id])}" for box in scene.boxes if box.lane == lane.id)
        yield "  end"
    yield from (f"  {_box(box, ids[box.id])}" for box in scene.boxes if box.lane not in inside)
    for line in scene.lines:
        label = f"|{_quoted(_marked(line))}|" if line.label or line.mark else ""
        yield f"  {ids[line.source]} {_arrow(line)}{label} {ids[line.target]}"


def _box(box: Box, name: str) -> str:
    text = _quoted("<br/>".join((box.title, *box.notes)), breaks=True)
    return f"{name}([{text}])" if box.round else f"{name}[{text}]"


def _arrow(line: Line) -> str:
    start = "<" if line.both else ""
    return f"{start}-.->" if line.dashed or line.dotted else f"{start}-->"


def _marked(line: Line) -> str:
    return f"{line.label} {line.mark}".strip()


def _quoted(words: str, *, breaks: bool = False) -> str:
    """Mermaid has entity codes and no escapes; the break is its own."""
    text = words.replace("#", "#35;").replace('"', "#quot;").replace("\n", " ")
    if breaks:
        parts = (_entities(part) for part in text.split("<br/>"))
        return f'"{"<br/>".join(parts)}"'
    return f'"{_entities(text)}"'


def _entities(text: str) -> str:
    return text.replace("<", "#lt;").replace(">", "#gt;").replace("`", "#96;")


def _plain(words: str) -> str:
    """One line without the signs that end a statement."""
    return " ".join(words.replace(";", ",").replace("#", "no. ").split())
