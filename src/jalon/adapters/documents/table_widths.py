"""How wide the columns of a printed table are, and whether it needs the long side of the sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jalon.design.document import Table

PORTRAIT_MM = 166.0
LANDSCAPE_MM = 253.0
_CHARACTER_MM = 0.2
"""Mean width of a character for each point of the font's size."""
_PADDING_MM = 3.8
_LONGEST_WORD = 22
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
    widths = _shared(needs, [_weight(table, column) for column in columns], one.room)
    return Layout(widths, one.size, one.room == LANDSCAPE_MM)


def _cells(table: Table, column: int) -> list[str]:
    rows = [row[column] for row in table.rows if column < len(row)]
    return [table.header[column], *rows]


def _need(table: Table, column: int, size: float) -> float:
    """The width of the longest word."""
    words = [len(word) for cell in _cells(table, column) for word in _WORD.findall(cell)]
    longest = min(_LONGEST_WORD, max(words, default=1))
    return longest * size * _CHARACTER_MM + _PADDING_MM


def _weight(table: Table, column: int) -> float:
    """How much text there is: the mean of long cells and the longest."""
    lengths = sorted(map(len, _cells(table, column)))
    return max(1.0, (sum(lengths) / len(lengths) + lengths[-1]) / 2)


def _shared(needs: list[float], weights: list[float], room: float) -> tuple[float, ...]:
    total = sum(needs)
    if total >= room:
        return tuple(round(one * room / total, 2) for one in needs)
    left = room - total
    # The square root: twice the text gets less than twice the width, and more lines.
    roots = [one**0.5 if one > 12 else one / 12 for one in weights]
    return tuple(
        round(need + left * root / sum(roots), 2) for need, root in zip(needs, roots, strict=True)
    )
