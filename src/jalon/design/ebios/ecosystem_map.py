"""The map of the ecosystem as SVG: the nearer to the middle, the more threatening."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from jalon.design.document import Speak
from jalon.design.ebios.ecosystem import ZONE_WORDS, Stakeholder, Zone
from jalon.design.ebios.sheet import told
from jalon.design.ebios.words import PARTIES
from jalon.design.spec.ebios import PartyKind
from jalon.vocab.text import N_, Text

_SIZE = 420
_MIDDLE = _SIZE / 2
_RINGS = {Zone.DANGER: 70.0, Zone.CONTROL: 130.0, Zone.WATCH: 190.0}
"""Outer radius of each zone."""
_CORNERS = ((_SIZE - 4, 16, "end"), (_SIZE - 4, _SIZE - 8, "end"), (4, 16, "start"))
"""Where the names of the kinds stand: in the corners, where nothing else is drawn."""
_INNER = {Zone.DANGER: 18.0, Zone.CONTROL: 70.0, Zone.WATCH: 130.0}


@dataclass(frozen=True, slots=True)
class Dot:
    """A stakeholder on the map, under its number."""

    number: int
    stakeholder: Stakeholder
    x: float
    y: float


def dots(stakeholders: Sequence[Stakeholder]) -> list[Dot]:
    """Those of some threat, numbered from the most threatening; a third of the circle for
    clients, partners and suppliers each."""
    shown = sorted(
        (one for one in stakeholders if one.zone is not Zone.OUTSIDE and one.left_out is None),
        key=lambda one: (-one.level, one.id),
    )
    found = []
    for kind_at, kind in enumerate(PartyKind):
        mine = [one for one in shown if one.kind is kind]
        for place, one in enumerate(mine):
            angle = 2 * math.pi / 3 * (kind_at + (place + 1) / (len(mine) + 1)) - math.pi / 2
            radius = _radius(one, place)
            x, y = _MIDDLE + radius * math.cos(angle), _MIDDLE + radius * math.sin(angle)
            found.append(Dot(shown.index(one) + 1, one, round(x, 1), round(y, 1)))
    return sorted(found, key=lambda dot: dot.number)


def legend(stakeholders: Sequence[Stakeholder], speak: Speak) -> list[str]:
    """What the numbers stand for: all that the drawing says, in words."""
    return [
        told(
            Text(
                N_("{number}. {name}: threat level {level}, zone {zone}"),
                {
                    "number": dot.number,
                    "name": dot.stakeholder.label,
                    "level": told(round(dot.stakeholder.level, 2), speak),
                    "zone": Text(ZONE_WORDS[dot.stakeholder.zone]),
                },
            ),
            speak,
        )
        for dot in dots(stakeholders)
    ]


def ecosystem_svg(stakeholders: Sequence[Stakeholder], speak: Speak) -> str:
    """A whole SVG element without style or script; its colours follow the text's."""
    title = escape(speak.render(Text(N_("Map of the ecosystem"))))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" role="img"'
        f' width="{_SIZE}" height="{_SIZE}" font-family="sans-serif" fill="none"'
        f' stroke="currentColor"><title>{title}</title>',
        *_rings(speak),
        *_sectors(speak),
        *(_dot(one) for one in dots(stakeholders)),
        "</svg>",
    ]
    return "".join(parts)


def _radius(one: Stakeholder, place: int) -> float:
    """Inside its zone, nearer to the middle the higher its level; neighbours are staggered."""
    inner, outer = _INNER[one.zone] + 14, _RINGS[one.zone] - 16
    share = 1 / (1 + one.level) if one.zone is Zone.DANGER else 0.5
    step = 8 if place % 2 else -8
    return min(outer, max(inner, inner + (outer - inner) * share + step))


def _rings(speak: Speak) -> Iterator[str]:
    for zone, radius in _RINGS.items():
        dash = {Zone.DANGER: "", Zone.CONTROL: "8 4", Zone.WATCH: "2 4"}[zone]
        thick = 3 if zone is Zone.DANGER else 1.5
        yield (
            f'<circle cx="{_MIDDLE}" cy="{_MIDDLE}" r="{radius}" stroke-width="{thick}"'
            f' stroke-dasharray="{dash or "none"}"/>'
        )
        word = escape(speak.render(Text(ZONE_WORDS[zone])))
        yield (
            f'<text x="{_MIDDLE + 5}" y="{_MIDDLE - radius + 15}" font-size="13"'
            f' fill="currentColor" stroke="none">{word}</text>'
        )


def _sectors(speak: Speak) -> Iterator[str]:
    """The borders between the kinds, and their names at the rim."""
    for at, kind in enumerate(PartyKind):
        edge = 2 * math.pi / 3 * at - math.pi / 2
        x = _MIDDLE + _RINGS[Zone.WATCH] * math.cos(edge)
        y = _MIDDLE + _RINGS[Zone.WATCH] * math.sin(edge)
        yield (
            f'<line x1="{_MIDDLE}" y1="{_MIDDLE}" x2="{x:.1f}" y2="{y:.1f}" stroke-width="1"'
            ' stroke-opacity="0.5"/>'
        )
        place_x, place_y, anchor = _CORNERS[at]
        word = escape(speak.render(Text(PARTIES[kind])))
        yield (
            f'<text x="{place_x}" y="{place_y}" font-size="14" font-weight="bold"'
            f' fill="currentColor" stroke="none" text-anchor="{anchor}">{word}</text>'
        )


def _dot(dot: Dot) -> str:
    fill = ' fill="currentColor" fill-opacity="0.15"'
    return (
        f'<circle cx="{dot.x}" cy="{dot.y}" r="12" stroke-width="1.5"{fill}/>'
        f'<text x="{dot.x}" y="{dot.y + 4.5}" font-size="13" fill="currentColor" stroke="none"'
        f' text-anchor="middle">{dot.number}</text>'
    )
