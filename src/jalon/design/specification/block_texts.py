"""The texts inside blocks: all of them, or each changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from jalon.design.document import Block, Bullets, Figure, Heading, Note, Paragraph, Table, Terms

_NARROW = "\u202f"
_NBSP = "\u00a0"
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_FRENCH = (
    (re.compile(r"(?<=\S)[ \u00a0\u202f]([;!?])(?=\s|$|[»)])"), rf"{_NARROW}\1"),
    (re.compile(r"(?<=\S)[ \u202f]:(?=\s|$)"), f"{_NBSP}:"),
    (re.compile(r"«[ \u202f]?(?=\S)"), f"«{_NBSP}"),
    (re.compile(r"(?<=\S)[ \u202f]?»"), f"{_NBSP}»"),
    (re.compile(r"(?<=\d) (?=(?:%|€|°C|ppm|kg|km|ms|min|mm|cm|s|h|j|V|W|mAh)(?!\w))"), _NBSP),
)
_ENGLISH = ((re.compile(r"(?<=\d) (?=(?:ppm|°C|kg|km|ms|min|mm|cm|mAh)(?!\w))"), _NBSP),)


def texts_of(block: Block) -> Iterator[str]:
    """Every text of a block."""
    match block:
        case Heading() | Paragraph():
            yield block.text
        case Note():
            yield from (block.label, block.text)
        case Bullets():
            yield from block.items
        case Terms():
            yield from (text for entry in block.entries for text in entry)
        case Table():
            yield from (block.caption, *block.header)
            yield from (cell for row in block.rows for cell in row)
        case Figure():
            yield from (block.caption, block.text)


def with_texts(block: Block, change: Callable[[str], str]) -> Block:
    """The block with each text replaced by what `change` makes of it."""
    match block:
        case Heading() | Paragraph():
            return replace(block, text=change(block.text))
        case Note():
            return Note(change(block.label), change(block.text))
        case Bullets():
            return replace(block, items=[change(one) for one in block.items])
        case Terms():
            return Terms([(change(term), change(meaning)) for term, meaning in block.entries])
        case Table():
            return replace(
                block,
                caption=change(block.caption),
                header=[change(cell) for cell in block.header],
                rows=[[change(cell) for cell in row] for row in block.rows],
            )
        case Figure():
            return replace(block, caption=change(block.caption), text=change(block.text))


def typeset(text: str, language: str) -> str:
    """The text with the apostrophes and the spaces of its language: in French none that breaks
    stands before : ; ! ? and inside « ». Nothing else changes."""
    text = _APOSTROPHE.sub("’", text)
    for pattern, instead in _FRENCH if language == "fr" else _ENGLISH:
        text = pattern.sub(instead, text)
    return text
