"""Texts that a new file of rules begins with, made for the devices of the solution."""

from __future__ import annotations

from jalon.app.solution import Solution
from jalon.run.things import Property
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_

TEMPLATES = {
    "limit": N_("A value is above a limit"),
    "silence": N_("A device is no longer heard"),
}
"""Message ids by the name of the template."""
_USUAL = {"[ppm]": 800.0, "Cel": 28.0, "%": 80.0, "V": 3.6, "lx": 500.0}

_LIMIT = """\
# What a rule can say stands in the guide: docs/rules.md
rules:
  - id: {id}
    title: {{en: {property} is high, fr: {property} est trop haut}}
    mode: dry-run # watch only; take this line away once it fires when it should
    select: {{thing: {thing}}}
    severity: minor
    when: {property} > {limit:g}
    clear: {property} < {clear:g}
    for: 5 min
    tests:
      - name: it is high for a while
        given:
          - {{at: 0 min, values: {{{property}: {above:g}}}, every: 1 min}}
        expect:
          - {{at: 4 min, severity: none}}
          - {{at: 6 min, severity: minor}}
"""
_SILENCE = """\
# What a rule can say stands in the guide: docs/rules.md
rules:
  - id: {id}
    title: {{en: No longer heard, fr: Plus de nouvelles}}
    mode: dry-run # watch only; take this line away once it fires when it should
    select: {{thing: {thing}}}
    severity: major
    when: silent("2h")
    tests:
      - name: it falls silent
        given:
          - {{at: 0 min, values: {{{property}: {limit:g}}}}}
        expect:
          - {{at: 1 h, severity: none}}
          - {{at: 3 h, severity: major}}
"""


def started(solution: Solution, rule_id: str, template: str) -> str:
    """The text of a new file with one rule."""
    thing, name, prop = _first(solution)
    limit = _USUAL.get(prop.unit or "", 100.0) if prop else 100.0
    given = {"id": rule_id, "thing": thing, "property": name, "limit": limit}
    text = _SILENCE if template == "silence" else _LIMIT
    return text.format(**given, clear=round(limit * 0.9, 3), above=round(limit * 1.2, 3))


def _first(solution: Solution) -> tuple[str, str, Property | None]:
    """A number that devices report, of the type most of them are of."""
    used = [device.thing for device in solution.fleet.devices]
    for thing in sorted(solution.things, key=used.count, reverse=True):
        for name, prop in solution.things[thing].properties.items():
            if prop.kind is ValueKind.NUMBER and not prop.write_only and name.isidentifier():
                return thing, name, prop
    return "my-thing", "value", None
