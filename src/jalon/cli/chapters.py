"""A chapter of the documents, as text for a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

import click

from jalon.design.document import Block, Bullets, Figure, Heading, Note, Paragraph, Table, Terms

_GAP = "  "


def show(blocks: Iterable[Block]) -> None:
    """Print the blocks: headings underlined, tables in columns."""
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    for block in blocks:
        for line in _lines(block, width):
            click.echo(line)


def _lines(block: Block, width: int) -> list[str]:
    match block:
        case Heading(text=text, level=level):
            return ["", text, ("=" if level == 1 else "-") * len(text)]
        case Paragraph(text=text):
            return ["", *textwrap.wrap(text, width)]
        case Note(label=label, text=text):
            return ["", *textwrap.wrap(f"{label}: {text}", width, subsequent_indent="  ")]
        case Bullets(items=items, numbered=numbered):
            marks = [f"{place}. " if numbered else "- " for place in range(1, len(items) + 1)]
            return [""] + [
                line
                for mark, item in zip(marks, items, strict=True)
                for line in textwrap.wrap(
                    item, width, initial_indent=mark, subsequent_indent=" " * len(mark)
                )
            ]
        case Terms(entries=entries):
            return [""] + [
                line
                for term, meaning in entries
                for line in textwrap.wrap(f"{term}: {meaning}", width, subsequent_indent="  ")
            ]
        case Table():
            return ["", block.caption, *_table([block.header, *block.rows], width)]
        case Figure(caption=caption, text=text):
            told = (
                textwrap.wrap(line, width, subsequent_indent="  ") for line in text.splitlines()
            )
            return ["", caption, *(line for lines in told for line in lines)]


def _table(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Columns as wide as their longest word at least; the widest give way when there is no room."""
    count = max(len(row) for row in rows)
    wide = [max(len(row[i]) for row in rows if i < len(row)) for i in range(count)]
    least = [
        max((len(word) for row in rows if i < len(row) for word in row[i].split()), default=1)
        for i in range(count)
    ]
    room = width - len(_GAP) * (count - 1)
    while sum(wide) > room:
        giving = max(range(count), key=lambda i: wide[i] - least[i])
        if wide[giving] <= least[giving]:
            break
        wide[giving] -= 1
    lines = []
    for number, row in enumerate(rows):
        cells = [textwrap.wrap(cell, wide[i]) or [""] for i, cell in enumerate(row)]
        for place in range(max(len(cell) for cell in cells)):
            parts = [
                (cell[place] if place < len(cell) else "").ljust(wide[i])
                for i, cell in enumerate(cells)
            ]
            lines.append(_GAP.join(parts).rstrip())
        if number == 0:
            lines.append(_GAP.join("-" * one for one in wide))
    return lines
