"""What a document is made of, whatever it is printed as. Every text is in the reader's language.

An area of the design writes its chapter with these; `adapters/documents` prints them as HTML,
DOCX and PDF, and each printer keeps what makes them accessible: headings in order, headers of
tables, the text that stands for a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """`caption` names it; the first cell of each row is its header when `row_headers`."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    row_headers: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as a whole SVG element; `text` says all that it shows, for those who cannot see
    it, and `caption` names it."""

    svg: str
    caption: str
    text: str


Block = Heading | Paragraph | Note | Bullets | Terms | Table | Figure
