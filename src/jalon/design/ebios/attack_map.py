"""The graph of an operational scenario as SVG: a column a phase, arrows from action to action."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from jalon.design.document import Speak
from jalon.design.ebios.operations import Operation, Step
from jalon.design.ebios.words import PHASES
from jalon.design.scales import LIKELIHOOD_WORDS, Likelihood
from jalon.design.spec.ebios import Phase
from jalon.vocab.text import N_, Text

_WIDE, _HIGH = 178, 74
"""Of a box."""
_ACROSS, _DOWN = 222, 92
"""From box to box."""
_TOP = 34
_LETTERS, _LINES = 26, 3


def attack_svg(operation: Operation, speak: Speak) -> str:
    """A whole SVG element without style or script; its colours follow the text's. The table of
    the actions says the same."""
    places = _places(operation.steps)
    rows = max((row for _column, row in places.values()), default=0) + 1
    width, height = _ACROSS * len(Phase) - (_ACROSS - _WIDE) + 8, _TOP + _DOWN * rows
    title = escape(speak.word(operation.scenario.name))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 0 {width} {height}" role="img"'
        f' width="{width}" height="{height}" font-family="sans-serif" fill="none"'
        f' stroke="currentColor"><title>{title}</title>',
        *_heads(speak),
        *_arrows(operation.steps, places),
        *(part for step in operation.steps for part in _box(step, places[step.action.id], speak)),
        "</svg>",
    ]
    return "".join(parts)


def attack_words(operation: Operation, speak: Speak) -> str:
    """What the drawing says, as a sentence an action."""
    return " ".join(
        speak.render(
            Text(
                N_("{id}: {name} ({phase}, {asset}), after {before}, {likelihood}."),
                {
                    "id": step.action.id,
                    "name": speak.word(step.action.name),
                    "phase": Text(PHASES[step.action.phase]),
                    "asset": step.action.asset,
                    "before": _before(step, speak),
                    "likelihood": Text(LIKELIHOOD_WORDS[Likelihood(step.today)]),
                },
            )
        )
        for step in operation.steps
    )


def _before(step: Step, speak: Speak) -> str:
    ids = ", ".join(step.action.after)
    if len(step.action.after) < 2:
        return ids or speak.render(Text(N_("nothing")))
    words = N_("all of: {ids}") if step.action.join == "and" else N_("one of: {ids}")
    return speak.render(Text(words, {"ids": ids}))


def _places(steps: Sequence[Step]) -> dict[str, tuple[int, int]]:
    """Column and row by action: those of a phase below each other, as they are written."""
    used = [0] * len(Phase)
    places: dict[str, tuple[int, int]] = {}
    order = list(Phase)
    for step in steps:
        column = order.index(step.action.phase)
        places[step.action.id] = (column, used[column])
        used[column] += 1
    return places


def _heads(speak: Speak) -> Iterator[str]:
    for column, phase in enumerate(Phase):
        word = escape(speak.render(Text(PHASES[phase])))
        yield (
            f'<text x="{column * _ACROSS}" y="18" font-size="15" font-weight="bold"'
            f' fill="currentColor" stroke="none">{column + 1}. {word}</text>'
        )


def _arrows(steps: Sequence[Step], places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """From the right side of a box to the left of the next, or down to one below; dashed where one
    of several is enough."""
    for step in steps:
        column, row = places[step.action.id]
        loose = len(step.action.after) > 1 and step.action.join == "or"
        dash = ' stroke-dasharray="5 3"' if loose else ""
        for before in step.action.after:
            if before not in places:
                continue
            other, above = places[before]
            if other == column:
                x, end = column * _ACROSS + _WIDE / 2, _TOP + row * _DOWN
                start = _TOP + above * _DOWN + _HIGH
                yield f'<path d="M{x} {start}L{x} {end}" stroke-width="1.5"{dash}/>'
                yield f'<path d="M{x - 5} {end - 8}L{x} {end}L{x + 5} {end - 8}"/>'
                continue
            x, y = other * _ACROSS + _WIDE, _TOP + above * _DOWN + _HIGH / 2
            end_x, end_y = column * _ACROSS, _TOP + row * _DOWN + _HIGH / 2
            yield (
                f'<path d="M{x} {y}C{x + 22} {y} {end_x - 22} {end_y} {end_x} {end_y}"'
                f' stroke-width="1.5"{dash}/>'
            )
            yield f'<path d="M{end_x - 8} {end_y - 5}L{end_x} {end_y}L{end_x - 8} {end_y + 5}"/>'


def _box(step: Step, place: tuple[int, int], speak: Speak) -> Iterator[str]:
    x, y = place[0] * _ACROSS, _TOP + place[1] * _DOWN
    yield (
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="6" stroke-width="1.5"'
        ' fill="currentColor" fill-opacity="0.06"/>'
    )
    head = f"{step.action.id} · V{step.initial} → V{step.today}"
    lines = textwrap.wrap(speak.word(step.action.name), _LETTERS, max_lines=_LINES, placeholder="…")
    for number, line in enumerate([head, *lines]):
        bold = ' font-weight="bold"' if number == 0 else ""
        yield (
            f'<text x="{x + 8}" y="{y + 17 + number * 16}" font-size="12.5"{bold}'
            f' fill="currentColor" stroke="none">{escape(line)}</text>'
        )
