"""One rule at work: which readings concern it, and how it stands with each of its subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from jalon.run.control import Subject, SubjectKind
from jalon.run.rules.compiled import Bound
from jalon.run.rules.expression.columns import Array, Column, spread
from jalon.run.rules.expression.meaning import Around
from jalon.run.rules.scene import Scene
from jalon.run.rules.spec import On
from jalon.run.rules.standing import CLEAR, CLOSED, RAISE, Memory, Standing
from jalon.run.rules.view import Moments

NEVER_DUE = 2**62
LATE_MS = 300_000
Names = Mapping[str, Callable[[Moments], Column]]


class Runner:
    """Arrays are by the rule's own number of a subject."""

    def __init__(self, bound: Bound, scene: Scene, names: Names) -> None:
        self.bound = bound
        self.rule = bound.rule
        self.scene = scene
        self.names = names
        self.levels = [one.level for one in bound.levels]
        self.of_devices = self.rule.kind is SubjectKind.DEVICE
        self.indices = np.array(scene.subjects(self.rule), dtype=np.int64)
        axis = len(scene.devices) if self.of_devices else len(scene.groups)
        self.local = np.full(axis, -1, dtype=np.int64)
        self.local[self.indices] = np.arange(len(self.indices))
        count = len(self.indices)
        self.held = np.zeros(count, dtype=bool)
        self.active = np.zeros((count, len(self.levels)), dtype=bool)
        self.running = np.zeros((count, len(self.levels)), dtype=bool)
        self.due = np.full(count, NEVER_DUE, dtype=np.int64)
        self.unacted = np.zeros(count, dtype=bool)
        self.at = np.full(count, -NEVER_DUE, dtype=np.int64)
        self.late = np.array([self._late(index) for index in self.indices], dtype=np.int64)
        self.standings: dict[int, Standing] = {}
        self.triggers, self.foreign = self._split()
        self.step_ms = bound.reads.step_ms
        self.next_step_ms = 0
        self.dirty = bool(self.foreign)
        self.begins = True
        self.repeats = [one for one in bound.actions if On.REPEAT in one.spec.taken()]

    def _late(self, index: int) -> int:
        if self.rule.late_ms is not None:
            return self.rule.late_ms
        period = self.scene.period_ms(int(index)) if self.of_devices else 0
        return max(LATE_MS, 3 * period)

    def _split(self) -> tuple[frozenset[str], frozenset[str]]:
        """Properties of its own subjects, at whose readings it looks at once; others, at which it
        looks with the next tick."""
        reads = self.bound.reads
        named = {name for _, name in reads.devices}
        around = {name for _, name in reads.around}
        if self.of_devices:
            # What it reports itself changes what is seen of its place.
            return frozenset(reads.own | set(reads.windows) | around), frozenset(around | named)
        if self.rule.kind is SubjectKind.SOLUTION:
            return frozenset(around | named), frozenset()
        near = {Around.PLACE} | ({Around.SITE} if self.rule.kind is SubjectKind.SITE else set())
        mine = {name for where, name in reads.around if where in near}
        return frozenset(mine), frozenset(
            named | {name for where, name in reads.around if where not in near}
        )

    def standing(self, local: int) -> Standing:
        """How it stands; made when first asked for."""
        found = self.standings.get(local)
        if found is None:
            found = self.standings[local] = Standing.fresh(len(self.levels))
        return found

    def number_of(self, subject: str) -> int:
        """Its own number of `str(Subject)`; -1 when it is not about it."""
        try:
            found = Subject.parse(subject)
        except ValueError:
            return -1
        if found.kind is not self.rule.kind:
            return -1
        scene = self.scene
        index = scene.index.get(found.id) if self.of_devices else scene.group_index.get(found)
        return -1 if index is None else int(self.local[index])

    def recall(self, local: int, memory: Memory) -> None:
        """Go on from what is remembered. A rule that was changed begins anew at the level whose
        severity was last told."""
        standing = memory.standing
        if memory.rule != self.bound.fingerprint:
            old = standing
            standing = Standing.fresh(len(self.levels))
            for row, level in enumerate(self.levels):
                if old.acted and level.severity == memory.severity:
                    standing.active[row] = True
                    standing.level = standing.acted = row + 1
            if old.acted and not standing.acted:
                # Its level is gone: what is true instead will be told, if only that it is over.
                standing.acted = max(1, len(self.levels))
            standing.changed_ms, standing.acted_ms = old.changed_ms, old.acted_ms
            standing.stale = True
        self.standings[local] = standing
        self.note(local)

    def note(self, local: int) -> None:
        """Mirror a standing in the arrays."""
        standing = self.standings[local]
        due = standing.due_ms(self.levels)
        self.due[local] = NEVER_DUE if due is None else due
        self.unacted[local] = standing.level != standing.acted
        self.held[local] = standing.held
        self.active[local] = standing.active
        self.running[local] = [one is not None for one in standing.since_ms]

    def now(self, ground_moments: Callable[..., Moments], at_ms: int) -> Moments:
        """All its subjects, at that moment or the newest they have seen."""
        at = np.maximum(self.at, at_ms)
        return ground_moments(self.of_devices, self.indices, None, at, self.names)

    def interesting(
        self, moments: Moments, code: Array, now_ms: int | None
    ) -> Iterator[tuple[int, int, int, int]]:
        """Subjects at which something changes: own number, first row, the row at which it may
        begin to change, last row + 1. `now_ms` is None when nothing has come in."""
        local = self.local[moments.subjects]
        if not len(local):
            return
        at = moments.at.astype(np.int64)
        stirs = (at >= self.due[local]) | self.unacted[local] | self._stirs(local, code)
        if now_ms is not None and not self.bound.reads.absence:
            stirs |= (at < now_ms - self.late[local]) != self.held[local]
        first = np.append(True, local[1:] != local[:-1])
        last = np.append(first[1:], True)
        self.at[local[last]] = at[last]
        rows = np.flatnonzero(stirs)
        if not len(rows):
            return
        starts = np.flatnonzero(first)
        ends = np.append(starts[1:], len(local))
        which, earliest = np.unique((np.cumsum(first) - 1)[rows], return_index=True)
        for one, row in zip(which.tolist(), rows[earliest].tolist(), strict=True):
            yield int(local[starts[one]]), int(starts[one]), row, int(ends[one])

    def _stirs(self, local: Array, code: Array) -> Array:
        """Where the conditions ask for a timer that does not run, or against one that does; see
        `Standing.take`."""
        closed = code == CLOSED
        found: Array = closed & (self.active[local] | self.running[local]).any(axis=1)
        for row in range(len(self.levels)):
            says = code >> 2 * row & 3
            runs = says == np.where(self.active[local, row], CLEAR, RAISE)
            found |= (runs != self.running[local, row]) & ~closed
        return found

    def every_subject(self, moments: Moments) -> Iterator[tuple[int, int, int, int]]:
        """As `interesting`, of all."""
        local = self.local[moments.subjects]
        if len(local):
            starts = np.flatnonzero(np.append(True, local[1:] != local[:-1])).tolist()
            for start, end in zip(starts, [*starts[1:], len(local)], strict=True):
                yield int(local[start]), start, start, end

    def next_due_ms(self, now_ms: int) -> int:
        """When it wants to be looked at by a tick."""
        if self.dirty or self.begins:
            return now_ms
        due = int(self.due.min(initial=NEVER_DUE))
        if self.step_ms is not None and len(self.indices):
            due = min(due, self.next_step_ms)
        for local in self.reminded():
            due = min(due, *(at for at, _ in self.reminders(local)))
        return due

    def reminded(self) -> list[int]:
        """Subjects that are reminded of again and again."""
        if not self.repeats:
            return []
        return [local for local, one in self.standings.items() if one.acted]

    def reminders(self, local: int) -> Iterator[tuple[int, int]]:
        """When the next reminder of a subject is due, and its number; the shortest interval of
        its actions counts."""
        standing = self.standings[local]
        every = max(1000, min(one.spec.every_ms for one in self.repeats))
        yield standing.acted_ms + every * (standing.repeats + 1), standing.repeats + 1

    def computed(self, moments: Moments) -> tuple[Array, Array]:
        """Rows of `moments` at which there is something to store, and the values."""
        formula = self.bound.compute
        assert formula is not None
        values, known = spread(formula.run(moments), moments.rows)
        rows = np.flatnonzero(known)
        return rows, values[rows]


def in_order(bounds: Sequence[Bound]) -> list[Bound]:
    """Those that compute go before those that read what they compute."""
    makers: dict[str, list[Bound]] = {}
    for one in bounds:
        if one.rule.compute is not None:
            makers.setdefault(one.rule.compute.property, []).append(one)
    done: list[Bound] = []
    begun: set[int] = set()

    def visit(bound: Bound) -> None:
        if id(bound) in begun:
            return
        begun.add(id(bound))
        reads = bound.reads
        names = reads.own | set(reads.windows) | {n for _, n in reads.around | reads.devices}
        for name in sorted(names):
            for maker in makers.get(name, ()):
                visit(maker)
        done.append(bound)

    for one in bounds:
        visit(one)
    return done
