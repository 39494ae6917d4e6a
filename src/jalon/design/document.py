"""What a document is made of, whatever it is printed as. Every text is in the reader's language.

An area of the design writes its chapter with these; `adapters/documents` prints them as HTML,
DOCX and PDF, and each printer keeps what makes them accessible: headings in order, headers of
tables, the text that stands for a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from jalon.vocab.entries import Wording
from jalon.vocab.text import Names, Text


class Speak(Protocol):
    """The reader's language; `app/language.py` has it."""

    @property
    def code(self) -> str:
        """Two letters: fr, en."""

    def render(self, text: Text) -> str:
        """A sentence of ours, translated."""

    def word(self, wording: Wording | Names | None) -> str:
        """A text of the author's, or of a catalogue; "" for None."""


class Change(StrEnum):
    """What became of something between two versions. `CHANGED`: it is there in both."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Redline(str):
    """A text that remembers what it was: as `str` what it is now. `pieces` in reading order are
    `SAME`, `ADDED` or `REMOVED`; printers that know it mark them."""

    __slots__ = ("pieces",)

    pieces: tuple[tuple[Change, str], ...]

    def __new__(cls, pieces: Iterable[tuple[Change, str]]) -> Redline:
        pieces = tuple(pieces)
        made = super().__new__(
            cls, "".join(text for change, text in pieces if change is not Change.REMOVED)
        )
        made.pieces = pieces
        return made


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` counts from 1 inside the chapter. `anchor` is unique in the document, or ""."""

    text: str
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What must not be overlooked; `label` such as “To check” stands before it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, numbered or not."""

    items: Sequence[str]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms with what they mean, or names with their values."""

    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """`caption` names it; the first cell of each row is its header when `row_headers`. `marks`
    says of rows, by place, what became of them since another version."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    row_headers: bool = True
    marks: Mapping[int, Change] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as a whole SVG element; `text` says all that it shows, for those who cannot see
    it, and `caption` names it."""

    svg: str
    caption: str
    text: str


Block = Heading | Paragraph | Note | Bullets | Terms | Table | Figure


@dataclass(frozen=True, slots=True)
class Marked:
    """A block and what became of it since another version."""

    block: Block
    change: Change


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. Levels of its headings are absolute: 1 is a chapter. `facts` stand on its
    first page; `language` has two letters. `running` stands at the foot of every page."""

    title: str
    subtitle: str
    language: str
    facts: Sequence[tuple[str, str]]
    content: Sequence[Block | Marked]
    running: str = ""
    author: str = ""
    on: date | None = None
    notice: str = ""
    """What must be seen first, such as: a draft, or with the marks of changes."""
