"""A small solution folder with documents, and a document with every kind of block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jalon.design.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Heading,
    Marked,
    Note,
    Paragraph,
    Table,
    Terms,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = date(2026, 11, 23)

SOLUTION = """\
id: shed
name: {fr: La remise, en: The shed}
client: {name: Ville d'Aubier}
problem:
  statement: {fr: Les outils rouillent., en: The tools rust.}
personas:
  - {id: paul, name: Paul, role: {fr: Agent, en: Worker}}
objectives:
  - {id: O1, statement: {fr: Garder les outils au sec., en: Keep the tools dry.}}
requirements:
  - id: R-DRY
    kind: functional
    priority: must
    statement: {fr: Le système mesure l'humidité., en: The system measures humidity.}
    owner: {fr: Atelier, en: Workshop}
    objectives: [O1]
    measure: data.completeness >= 99 %
  - id: R-ALARM
    kind: functional
    priority: should
    statement: {fr: Le système prévient Paul., en: The system tells Paul.}
    objectives: [O1]
"""

DOCUMENTS = """\
documents:
  - id: specification
    version: "1.0"
    revisions:
      - {id: r1, version: "1.0", on: 2026-10-01, changes: {fr: Première., en: First.}}
    signatories:
      - {id: client, role: {fr: Cliente, en: Client}}
      - {id: maker, role: Maker}
sections:
  - id: scope
    text: {fr: "Une remise.", en: "One shed."}
"""

DRAWING = (
    '<svg viewBox="0 0 240 80" onload="alert(1)"><script>alert(2)</script>'
    '<rect width="230" height="70" fill="none" stroke="var(--line, currentColor)"/>'
    '<text x="10" y="40" font-family="sans-serif">CO₂ ≤ 800</text></svg>'
)


def write_shed(folder: Path, *, solution: str = SOLUTION, documents: str = DOCUMENTS) -> Path:
    """The folder of the solution."""
    folder.mkdir(exist_ok=True)
    (folder / "solution.yaml").write_text(solution, "utf-8")
    (folder / "documents.yaml").write_text(documents, "utf-8")
    return folder


def every_block(text: str = "Text") -> list[Block]:
    """One of each kind, `text` in every place."""
    return [
        Heading(text, 1, "first"),
        Paragraph(text),
        Heading(text, 2, "second"),
        Note(text, text),
        Bullets([text, text]),
        Bullets([text], numbered=True),
        Terms([(text, text)]),
        Table(text, [text, text], [[text, text], [text, text]]),
        Figure(DRAWING, text, text),
    ]


def document(
    blocks: Sequence[Block | Marked], text: str = "Title", language: str = "en"
) -> Document:
    """A whole document of these blocks."""
    return Document(
        title=text,
        subtitle=text,
        language=language,
        facts=[(text, text)],
        content=blocks,
        running=text,
        author=text,
        on=TODAY,
        notice=text,
    )
