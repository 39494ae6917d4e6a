"""What is to be drawn, before anything has a place. All texts are in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Box:
    """A part. `lane` and `column` say where it belongs; boxes of one place stand below each
    other. `title` is wrapped, and so are the lines of `notes`, smaller. `round` is for people."""

    id: str
    title: str
    notes: Sequence[str] = ()
    lane: str = ""
    column: int = 0
    round: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A flow. `dashed`: not guarded, or nobody knows; `dotted`: never leaves the machine. `mark`
    stands on the line: "" for none, ◆ or ! (see `Scene.key`)."""

    id: str
    source: str
    target: str
    label: str
    dashed: bool = False
    dotted: bool = False
    mark: str = ""
    both: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A frame around boxes, from left to right."""

    id: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """One diagram. `says` is everything that it shows, a sentence a line. `key` explains what is
    drawn: (what, meaning), where what is one of line, dashed, dotted, ◆, !."""

    title: str
    says: Sequence[str]
    boxes: Sequence[Box]
    lines: Sequence[Line] = ()
    lanes: Sequence[Lane] = ()
    key: Sequence[tuple[str, str]] = field(default_factory=tuple)
