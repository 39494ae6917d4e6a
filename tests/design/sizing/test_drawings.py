"""Bars are whole SVG, with figures as text, whatever the labels are."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from hypothesis import given
from hypothesis import strategies as st

from jalon.app.language import language
from jalon.design.sizing.drawings import Bar, bars

FIGURE = st.floats(0, 1e6)
PRINTABLE = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60)


@given(st.lists(st.tuples(PRINTABLE, FIGURE, FIGURE, FIGURE), max_size=6))
def test_every_bar_is_inside_the_drawing(rows: list[tuple[str, float, float, float]]) -> None:
    drawn = [Bar(label, *sorted(figures)) for label, *figures in rows]
    svg = Xml.fromstring(bars(drawn, " y", language("fr")))
    width = float(svg.attrib["width"])
    boxes = [one for one in svg if one.tag.endswith("rect")]
    assert len(boxes) == 2 * len(rows)
    for box in boxes:
        start = float(box.attrib["x"])
        assert start >= 0
        assert start + float(box.attrib["width"]) <= width
    assert len([one for one in svg if one.tag.endswith("text")]) == 2 * len(rows)
