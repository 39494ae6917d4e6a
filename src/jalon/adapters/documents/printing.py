"""What every printing counts alike: chapters and sections, tables, figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jalon.adapters.documents.printed_words import PrintedWords
from jalon.design.document import Block, Change, Document, Figure, Heading, Marked, Table


@dataclass(frozen=True, slots=True)
class Item:
    """A block as it is printed. `number` is a heading's, `caption` a table's or a figure's with
    its number; `change` is None when nothing is to be marked."""

    block: Block
    change: Change | None
    number: str = ""
    caption: str = ""


def items(document: Document, words: PrintedWords) -> Iterator[Item]:
    """The blocks in order."""
    tables = figures = 0
    counts: list[int] = []
    for one in document.content:
        change = one.change if isinstance(one, Marked) else None
        block = one.block if isinstance(one, Marked) else one
        match block:
            case Heading():
                counts = [*counts[: block.level], *[0] * (block.level - len(counts))]
                counts[block.level - 1] += 1
                yield Item(block, change, number=".".join(map(str, counts)))
            case Table():
                tables += 1
                yield Item(
                    block, change, caption=words.captioned(words.table, tables, block.caption)
                )
            case Figure():
                figures += 1
                yield Item(
                    block, change, caption=words.captioned(words.figure, figures, block.caption)
                )
            case _:
                yield Item(block, change)


def numbered(document: Document, words: PrintedWords) -> Iterator[tuple[str, Heading]]:
    """Every heading with its number, such as 2.1.3."""
    for one in items(document, words):
        if isinstance(one.block, Heading):
            yield one.number, one.block
