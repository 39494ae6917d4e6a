"""Drawings as they stand in a document: alone, without scripts, without the colours of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

SVG = "http://www.w3.org/2000/svg"
_INK = "#17302d"
_COLOURS = {
    "--paper": "#ffffff",
    "--sheet": "#ffffff",
    "--sunk": "#eef2f0",
    "--ink": _INK,
    "--soft": "#4b605c",
    "--rule": "#c9d2ce",
    "--edge": "#7d8a80",
    "--link": "#0b5c55",
    "--stake": "#b23a0e",
    "--good": "#0d6b4f",
    "--bad": "#a8320b",
    "--primary": "#12433e",
    "--on-primary": "#ffffff",
    "--warn-sheet": "#fdeee2",
    "--good-sheet": "#e3f2e9",
    "--line": "#0b6e64",
    "--band": "#d3e5e2",
}
"""The light theme of the pages, for drawings that name their colours after it."""

_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*))?\)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_FOREIGN = {"script", "foreignObject", "iframe", "image", "a"}

Xml.register_namespace("", SVG)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole SVG file and its size in its own units."""

    svg: str
    width: float
    height: float


def drawing(svg: str, font: str = "") -> Drawing | None:
    """The drawing of a figure, its texts in `font` when one is given; None when `svg` is none."""
    if "<!DOCTYPE" in svg or "<!ENTITY" in svg:
        return None
    if "xmlns=" not in svg.partition(">")[0]:
        svg = svg.replace("<svg", f'<svg xmlns="{SVG}"', 1)
    try:
        root = Xml.fromstring(_coloured(svg))  # noqa: S314 - ours, and without entities
    except Xml.ParseError:
        return None
    _clean(root)
    width, height = _size(root)
    root.set("viewBox", root.get("viewBox") or f"0 0 {width:g} {height:g}")
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    root.set("color", _INK)
    if font:
        for element in root.iter():
            if "font-family" in element.attrib or element is root:
                element.set("font-family", font)
    return Drawing(Xml.tostring(root, encoding="unicode"), width, height)


def _coloured(svg: str) -> str:
    def colour(found: re.Match[str]) -> str:
        return _COLOURS.get(found[1]) or (found[2] or "").strip() or _INK

    previous = ""
    while previous != svg:
        previous, svg = svg, _VARIABLE.sub(colour, svg)
    return svg.replace("currentColor", _INK)


def _clean(element: Xml.Element) -> None:
    for name in [one for one in element.attrib if one.lower().startswith("on")]:
        del element.attrib[name]
    for child in list(element):
        if str(child.tag).rpartition("}")[2] in _FOREIGN:
            element.remove(child)
        else:
            _clean(child)


def _size(root: Xml.Element) -> tuple[float, float]:
    box = [float(one) for one in _NUMBER.findall(root.get("viewBox", ""))]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        return box[2], box[3]
    ends = [_NUMBER.match(root.get(name, "")) for name in ("width", "height")]
    width, height = (float(one.group()) if one else 0.0 for one in ends)
    return width or 600.0, height or 400.0
