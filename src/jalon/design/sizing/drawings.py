"""Ranges drawn as bars on one scale, as SVG that needs no style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from jalon.design.document import Speak
from jalon.design.sizing.figures import written

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 600, 230, 70, 28, 8
_LONGEST = 32
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """A range from `low` to `high`, with a mark at `middle`."""

    label: str
    low: float
    middle: float
    high: float


def bars(rows: Sequence[Bar], unit: str, speak: Speak) -> str:
    """An SVG element with one bar a row, from zero to the largest end; each end says its figure.

    Colours are those of the text around it.
    """
    most = max(max((one.high for one in rows), default=0), _NOTHING)
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    height = _TOP * 2 + _ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" aria-hidden="true" '
        'font-family="sans-serif" font-size="13" fill="currentColor">'
    ]
    for place, row in enumerate(rows):
        top = _TOP + place * _ROW
        start, end = _LEFT + row.low * scale, _LEFT + row.high * scale
        mark, wide = _LEFT + row.middle * scale - 1.5, max(end - start, 2)
        label = escape(row.label if len(row.label) <= _LONGEST else f"{row.label[:_LONGEST]}…")
        ends = [written(one, speak, 2) for one in (row.low, row.high)]
        told = ends[1] if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"
        parts += [
            f'<text x="{_LEFT - 10}" y="{top + 18}" text-anchor="end">{label}</text>',
            f'<rect x="{start:.1f}" y="{top + 6}" width="{wide:.1f}" height="16"'
            ' fill-opacity="0.35"/>',
            f'<rect x="{mark:.1f}" y="{top + 3}" width="3" height="22"/>',
            f'<text x="{end + 6:.1f}" y="{top + 18}">{escape(told)}{escape(unit)}</text>',
        ]
    parts.append(
        f'<line x1="{_LEFT}" y1="{_TOP}" x2="{_LEFT}" y2="{height - _TOP}" '
        'stroke="currentColor" stroke-opacity="0.5"/></svg>'
    )
    return "".join(parts)
