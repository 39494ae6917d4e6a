"""How wide the columns of a printed table are, and whether it needs the long side of the sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jalon.design.document import Block, Heading, Table

PORTRAIT_MM = 166.0
LANDSCAPE_MM = 253.0
_CHARACTER_MM = 0.2
"""Mean width of a character for each point of the font's size."""
_PADDING_MM = 3.8
_DAMPING = 0.75
"""Twice the text gets less than twice the width, and more lines."""

_LONGEST_WORD = 24
_CAPITAL = 1.3
_BOLD = 1.08
_WORD = re.compile(r"[^\s\u200b/–]+[/–]?")


@dataclass(frozen=True, slots=True)
class Layout:
    """`widths` in mm fill the sheet; `size` is that of the font in points."""

    widths: tuple[float, ...]
    size: float
    landscape: bool


@dataclass(frozen=True, slots=True)
class _Try:
    size: float
    room: float
    filled: float


_TRIES = (
    _Try(9.0, PORTRAIT_MM, 0.9),
    _Try(8.0, PORTRAIT_MM, 0.9),
    _Try(7.5, PORTRAIT_MM, 0.98),
    _Try(8.5, LANDSCAPE_MM, 0.95),
    _Try(7.5, LANDSCAPE_MM, 1.0),
)
"""Fonts and sheets from the best one; `filled` is how much of it the longest words may take."""


def layout(table: Table) -> Layout:
    """Upright as long as words need not be broken, else across."""
    columns = range(len(table.header))
    for one in _TRIES:
        needs = [_need(table, column, one.size) for column in columns]
        if sum(needs) <= one.room * one.filled:
            break
    wishes = [_wish(table, column, one.size) for column in columns]
    return Layout(_shared(needs, wishes, one.room), one.size, one.room == LANDSCAPE_MM)


def _cells(table: Table, column: int) -> list[str]:
    rows = [row[column] for row in table.rows if column < len(row)]
    return [table.header[column], *rows]


def _need(table: Table, column: int, size: float) -> float:
    """The width of the longest word."""
    words = [_length(word) for cell in _cells(table, column) for word in _WORD.findall(cell)]
    longest = min(_LONGEST_WORD, max(words, default=1.0))
    bold = _BOLD if column == 0 and table.row_headers else 1.0
    return longest * bold * size * _CHARACTER_MM + _PADDING_MM


def _length(text: str) -> float:
    """In small letters: capitals and digits are wider."""
    return sum(_CAPITAL if one.isupper() or one.isdigit() else 1.0 for one in text)


def _wish(table: Table, column: int, size: float) -> float:
    """The width at which the longest cell needs one line."""
    return max(map(_length, _cells(table, column))) * size * _CHARACTER_MM + _PADDING_MM


def _shared(needs: list[float], wishes: list[float], room: float) -> tuple[float, ...]:
    """Every column gets what it needs; what is left goes to those that wish for more, the more
    they wish the more, and none gets more than it wishes as long as others do."""
    total = sum(needs)
    if total >= room:
        return tuple(round(one * room / total, 2) for one in needs)
    widths = list(needs)
    for _turn in range(len(needs)):
        left = room - sum(widths)
        lacks = [max(0.0, wish - width) for wish, width in zip(wishes, widths, strict=True)]
        weights = [lack**_DAMPING for lack in lacks]
        if left < 0.1 or not sum(weights):
            break
        widths = [
            width + min(lack, left * weight / sum(weights))
            for width, lack, weight in zip(widths, lacks, weights, strict=True)
        ]
    factor = room / sum(widths)
    return tuple(round(width * factor, 2) for width in widths)


def lying(blocks: Sequence[Block]) -> dict[int, int]:
    """Where the sheet is turned: the place of the first block on it, and of the table it is turned
    for. The headings over the table go with it."""
    found = {}
    for place, one in enumerate(blocks):
        if isinstance(one, Table) and layout(one).landscape:
            first = place
            while first and isinstance(blocks[first - 1], Heading):
                first -= 1
            found[first] = place
    return found
