"""A scene as SVG: basic shapes, in the colour of the text around it, so that it prints anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from jalon.design.structure.drawing.layout import (
    BOX,
    LABEL_SIZE,
    NOTE_SIZE,
    NOTE_STEP,
    TITLE_SIZE,
    TITLE_STEP,
    Drawn,
    Frame,
    Placed,
    laid_out,
)
from jalon.design.structure.drawing.letters import wrapped
from jalon.design.structure.drawing.scene import Scene

_KEY_STEP = 20.0
_KEY_X = 44.0


def svg(scene: Scene, name: str) -> str:
    """A whole SVG element. `name` makes its ids unique in the page that shows it."""
    layout = laid_out(scene)
    across = max(layout.width, 420.0)
    key = list(_key(scene, layout.height, across))
    height = layout.height + (_KEY_STEP * _key_lines(scene, across) + 10 if scene.key else 0)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 0 {_n(across)} {_n(height)}" width="{_n(across)}" height="{_n(height)}"'
        f' aria-labelledby="{name}-title {name}-desc"'
        ' font-family="Noto Sans, DejaVu Sans, Liberation Sans, Arial, sans-serif"'
        ' fill="none" stroke="none">',
        f'<title id="{name}-title">{escape(scene.title)}</title>',
        f'<desc id="{name}-desc">{escape(" ".join(scene.says))}</desc>',
        *(part for frame in layout.frames for part in _frame(frame)),
        *(part for line in layout.lines for part in _line(line)),
        *(part for one in layout.boxes for part in _box(one)),
        *key,
        "</svg>",
    ]
    return "\n".join(parts)


def _frame(frame: Frame) -> Iterator[str]:
    yield (
        f'<rect x="{_n(frame.x)}" y="{_n(frame.y)}" width="{_n(frame.width)}"'
        f' height="{_n(frame.height)}" rx="6" fill="currentColor" fill-opacity="0.05"'
        ' stroke="currentColor" stroke-opacity="0.6" stroke-dasharray="2 3"/>'
    )
    y = frame.y + 20
    for line in frame.title:
        yield _text(frame.x + 8, y, line, TITLE_SIZE, bold=True)
        y += TITLE_STEP
    for line in frame.notes:
        yield _text(frame.x + 8, y, line, NOTE_SIZE)
        y += NOTE_STEP


def _box(one: Placed) -> Iterator[str]:
    box = one.box
    assert box is not None
    yield (
        f'<rect x="{_n(one.x)}" y="{_n(one.y)}" width="{_n(BOX)}" height="{_n(one.height)}"'
        f' rx="{18 if box.round else 3}" stroke="currentColor"'
        f' stroke-width="{2.5 if box.strong else 1.5}"/>'
    )
    lines = TITLE_STEP * len(one.title) + NOTE_STEP * len(one.notes)
    y = one.y + (one.height - lines) / 2 + TITLE_SIZE
    for line in one.title:
        yield _text(one.x + BOX / 2, y, line, TITLE_SIZE, bold=True, middle=True)
        y += TITLE_STEP
    for line in one.notes:
        yield _text(one.x + BOX / 2, y, line, NOTE_SIZE, middle=True)
        y += NOTE_STEP


def _line(drawn: Drawn) -> Iterator[str]:
    points = drawn.points
    path = "M" + " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    yield f'<path d="{path}" stroke="currentColor" stroke-width="1.3"{_stroke(drawn)}/>'
    if not drawn.turned or drawn.line.both:
        yield _tip(*points[-1], right=True)
    if drawn.turned or drawn.line.both:
        yield _tip(*points[0], right=False)
    if drawn.label:
        yield _text(*drawn.label_at, drawn.label, LABEL_SIZE)
    if drawn.mark_at is not None:
        yield from _mark(*drawn.mark_at, drawn.line.mark)


def _stroke(drawn: Drawn) -> str:
    if drawn.line.dashed:
        return ' stroke-dasharray="7 5"'
    return ' stroke-dasharray="1.5 4" stroke-linecap="round"' if drawn.line.dotted else ""


def _tip(x: float, y: float, *, right: bool) -> str:
    back = x - 8 if right else x + 8
    ends = f"L{_n(back)} {_n(y - 4)} L{_n(back)} {_n(y + 4)}"
    return f'<path d="M{_n(x)} {_n(y)} {ends} Z" fill="currentColor"/>'


def _mark(x: float, y: float, mark: str) -> Iterator[str]:
    """A full lozenge, or an open triangle that points up: shapes, not colours."""
    if mark == "!":
        yield (
            f'<path d="M{_n(x)} {_n(y - 7)}'
            f' L{_n(x + 5.5)} {_n(y + 4)} L{_n(x - 5.5)} {_n(y + 4)} Z"'
            ' fill="none" stroke="currentColor" stroke-width="2"/>'
        )
        return
    yield (
        f'<path d="M{_n(x)} {_n(y - 6)} L{_n(x + 5)} {_n(y)} L{_n(x)} {_n(y + 6)}'
        f' L{_n(x - 5)} {_n(y)} Z" fill="currentColor"/>'
    )


def _key_lines(scene: Scene, across: float) -> int:
    return sum(len(_meaning(words, across)) for _what, words in scene.key)


def _meaning(words: str, across: float) -> Sequence[str]:
    return wrapped(words, NOTE_SIZE, across - _KEY_X - 10, 4)


def _key(scene: Scene, top: float, across: float) -> Iterator[str]:
    y = top + 14
    for what, words in scene.key:
        if what in ("◆", "!"):
            yield from _mark(26, y - 4, what)
        else:
            dash = {"dashed": ' stroke-dasharray="7 5"', "dotted": ' stroke-dasharray="1.5 4"'}
            yield (
                f'<path d="M10 {_n(y - 4)} L38 {_n(y - 4)}" stroke="currentColor"'
                f' stroke-width="1.3"{dash.get(what, "")}/>'
            )
        for line in _meaning(words, across):
            yield _text(_KEY_X, y, line, NOTE_SIZE)
            y += _KEY_STEP


def _text(
    x: float, y: float, words: str, size: float, *, bold: bool = False, middle: bool = False
) -> str:
    """`textLength` is not asked for: our widths are an upper bound."""
    extra = (' font-weight="bold"' if bold else "") + (' text-anchor="middle"' if middle else "")
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="currentColor"{extra}>'
        f"{escape(words)}</text>"
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
