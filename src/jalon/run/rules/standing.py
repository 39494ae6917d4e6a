"""How a rule stands with one subject: a small state machine in event time for each level.

    level not reached ── when true for `for` ──▶ reached ── contrary true for `clear_for` ──▶ not
                                                             reached

What is neither (the condition is not known, or the value lies between) stops a timer and changes
nothing else. The severest level reached is the level of the rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from jalon.run.rules.spec import Level

REST, RAISE, CLEAR = 0, 1, 2
"""What the conditions of a level say."""
CLOSED = -2
"""Code of all levels together while the calendar of a rule is closed."""


class Change(NamedTuple):
    """The level of a rule went from `before` to `after` (0 is none) at that event time."""

    at_ms: int
    before: int
    after: int


@dataclass(slots=True)
class Standing:
    """`active` and `since_ms` (of a running timer) are by level. `level` is since `changed_ms`;
    `acted` is the level last acted on, at `acted_ms`, with `repeats` reminders since."""

    active: list[bool]
    since_ms: list[int | None]
    level: int = 0
    acted: int = 0
    changed_ms: int = 0
    acted_ms: int = 0
    repeats: int = 0
    held: bool = False
    """What came last came too late to act on."""
    stale: bool = field(default=False, compare=False)
    """What it says must be written down."""

    @classmethod
    def fresh(cls, count: int) -> Standing:
        """Nothing has been seen."""
        return cls([False] * count, [None] * count)

    def due_ms(self, levels: Sequence[Level]) -> int | None:
        """When the next timer ends."""
        dues = [due for due, _ in self._timers(levels)]
        return min(dues) if dues else None

    def due_of(self, level: Level, row: int) -> int | None:
        """When the timer of a level ends."""
        since = self.since_ms[row]
        if since is None:
            return None
        return since + (level.clear_for_ms if self.active[row] else level.for_ms)

    def _timers(self, levels: Sequence[Level]) -> Iterator[tuple[int, int]]:
        for row, level in enumerate(levels):
            due = self.due_of(level, row)
            if due is not None:
                yield due, row

    def advance(self, levels: Sequence[Level], at_ms: int) -> Iterator[Change]:
        """Let time pass up to and including that moment."""
        while True:
            ended = [(due, row) for due, row in self._timers(levels) if due <= at_ms]
            if not ended:
                return
            due = min(ended)[0]
            for _, row in (one for one in ended if one[0] == due):
                self.active[row] = not self.active[row]
                self.since_ms[row] = None
            self.stale = True
            yield from self._settle(due)

    def take(self, levels: Sequence[Level], code: int, at_ms: int) -> Iterator[Change]:
        """The conditions say this now; `code` holds what they say, two bits a level."""
        if code == CLOSED:
            if any(self.active) or any(one is not None for one in self.since_ms):
                self.active = [False] * len(levels)
                self.since_ms = [None] * len(levels)
                self.stale = True
                yield from self._settle(at_ms)
            return
        for row in range(len(levels)):
            says = code >> 2 * row & 3
            runs = says == (CLEAR if self.active[row] else RAISE)
            if runs != (self.since_ms[row] is not None):
                self.since_ms[row] = at_ms if runs else None
                self.stale = True
        yield from self.advance(levels, at_ms)

    def _settle(self, at_ms: int) -> Iterator[Change]:
        level = max((row + 1 for row, active in enumerate(self.active) if active), default=0)
        if level != self.level:
            before, self.level, self.changed_ms = self.level, level, at_ms
            yield Change(at_ms, before, level)

    @property
    def idle(self) -> bool:
        """Whether it is as if nothing had been seen."""
        return not (
            self.level or self.acted or self.held or any(one is not None for one in self.since_ms)
        )  # fmt: skip

    def write(self, rule: str, severity: str | None, dry: bool) -> bytes:
        """As it is remembered. `rule` is the fingerprint of the rule, `severity` of the level
        acted on."""
        parts = [self.active, self.since_ms, self.level, self.acted, self.changed_ms]
        parts += [self.acted_ms, self.repeats, self.held]
        told = {"rule": rule, "severity": severity, "dry": dry, "state": parts}
        return json.dumps(told, separators=(",", ":")).encode()


class Memory(NamedTuple):
    """What was remembered of a standing."""

    rule: str
    severity: str | None
    dry: bool
    standing: Standing


def read(stored: bytes) -> Memory:
    """The inverse of `Standing.write`. Raises ValueError, KeyError or TypeError."""
    told = json.loads(stored)
    return Memory(told["rule"], told["severity"], told["dry"], Standing(*told["state"]))
