"""Drawings as pixels, for what cannot show them as they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jalon.adapters.documents.drawing import drawing
from jalon.adapters.documents.glyphs import shown

_SOURCE = b"""#set page(width: auto, height: auto, margin: 2pt, fill: white)
#image(bytes(sys.inputs.svg), format: "svg")"""
_PIXELS_AN_INCH = 190.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG; `width` and `height` are the drawing's, in its own units."""

    png: bytes
    width: float
    height: float


@lru_cache(maxsize=32)
def png_of(svg: str) -> Picture | None:
    """The picture of an SVG; None when it cannot be drawn."""
    import typst

    drawn = drawing(shown(svg), font="Libertinus Serif")
    if drawn is None:
        return None
    try:
        made = typst.compile(
            _SOURCE,
            format="png",
            ppi=_PIXELS_AN_INCH,
            ignore_system_fonts=True,
            sys_inputs={"svg": drawn.svg},
        )
    except typst.TypstError:
        return None
    return Picture(made, drawn.width, drawn.height)
