"""Goes through what a rule sees, row by row where something may change, and decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jalon.run.control import Decision, FiredDue, Subject
from jalon.run.rules.compiled import is_dry
from jalon.run.rules.deeds import Occasion, deeds, key_of, severity_of
from jalon.run.rules.explaining import evaluation
from jalon.run.rules.explanation import Evaluation
from jalon.run.rules.expression.columns import Array
from jalon.run.rules.runner import Runner
from jalon.run.rules.scene import Scene
from jalon.run.rules.standing import Change, Standing
from jalon.run.rules.view import Moments
from jalon.run.silences import Silence, SilenceKind


class Walk:
    """One call of the engine: collects decisions, and what to remember."""

    def __init__(
        self,
        scene: Scene,
        now_ms: int,
        silences: Sequence[Silence],
        observer: Callable[[Evaluation], None] | None,
    ) -> None:
        self.scene = scene
        self.now_ms = now_ms
        self._silences = [one for one in silences if one.kind is SilenceKind.MAINTENANCE]
        self._observer = observer
        self.observed = observer is not None
        self._touched: dict[str, tuple[Runner, int]] = {}
        self.decisions: list[Decision] = []

    def look(self, runner: Runner, moments: Moments, ticks: bool = False) -> None:
        """See those moments, sorted by subject. Raises PluginFailed, nothing being changed."""
        if not runner.levels:
            return
        code = runner.bound.codes(moments)
        visits = runner.interesting(moments, code, None if ticks else self.now_ms)
        if self._observer is not None:
            list(visits)
            visits = runner.every_subject(moments)
        for local, start, stirs, end in visits:
            Subjects(self, runner, moments, local).walk(start, stirs, end, code, ticks)

    def pass_time(self, runner: Runner, now: Callable[[], Moments]) -> None:
        """Let timers end that have nothing else to wait for, and act on what was held back."""
        wake = (runner.due <= self.now_ms) | runner.unacted
        if not wake.any():
            return
        moments = now()
        for local in np.flatnonzero(wake).tolist():
            Subjects(self, runner, moments, local).wake(local)

    def remind(self, runner: Runner, now: Callable[[], Moments]) -> None:
        """Tell again what still is so."""
        for local in runner.reminded():
            at_ms, count = next(runner.reminders(local))
            if at_ms <= self.now_ms:
                subjects = Subjects(self, runner, now(), local)
                subjects.remind(local, self.now_ms, count)

    def settle(self, runner: Runner, local: int) -> None:
        """Its standing may have changed."""
        standing = runner.standings[local]
        runner.note(local)
        if standing.stale:
            subject = self.scene.subject(runner.rule, int(runner.indices[local]))
            self._touched[f"rule/{runner.rule.id}/{subject}"] = (runner, local)

    def memories(self) -> dict[str, bytes | None]:
        """What is to be remembered of standings that have changed."""
        found: dict[str, bytes | None] = {}
        for key, (runner, local) in self._touched.items():
            standing = runner.standings[local]
            standing.stale = False
            if standing.idle:
                found[key] = None
                del runner.standings[local]
                continue
            severity = severity_of(runner.bound, standing.acted)
            name = severity.value if severity else None
            found[key] = standing.write(runner.bound.fingerprint, name, is_dry(runner.rule))
        return found

    def fresh(self, runner: Runner, local: int, at_ms: int) -> bool:
        """Whether what happened then can still be acted on."""
        return self.now_ms - at_ms <= int(runner.late[local])

    def silenced(self, runner: Runner, index: int, subject: Subject, at_ms: int) -> bool:
        """Whether a maintenance period holds for it then."""
        if not self._silences:
            return False
        scopes = {f"rule:{runner.rule.id}", str(subject), "solution:"}
        group = self.scene.place_of(index) if runner.of_devices else index
        scopes.add(str(self.scene.groups[group].subject))
        site = self.scene.groups[group].site
        if site is not None:
            scopes.add(f"site:{site.id}")
        return any(one.covers(scopes, at_ms) for one in self._silences)

    def observe(self, runner: Runner, local: int, view: Callable[[], Moments]) -> None:
        """Tell who wants to know every look."""
        if self._observer is not None:
            self._observer(evaluation(runner, local, view()))


class Subjects:
    """One subject of a rule in one call."""

    def __init__(self, walk: Walk, runner: Runner, moments: Moments, local: int) -> None:
        self._walk = walk
        self._runner = runner
        self._moments = moments
        self._local = local
        self._index = int(runner.indices[local])
        self._subject = walk.scene.subject(runner.rule, self._index)
        self._standing: Standing = runner.standing(local)

    def walk(self, start: int, stirs: int, end: int, code: Array, ticks: bool) -> None:
        """Rows from `start` to `end` are its own; from `stirs` on its conditions may change."""
        at = self._moments.at[start:end].astype(np.int64)
        changes = np.flatnonzero(code[stirs + 1 : end] != code[stirs : end - 1]) + 1 + stirs - start
        visits = {stirs - start, len(at) - 1, *changes.tolist()}
        late = self._walk.now_ms - int(self._runner.late[self._local])
        first_fresh = int(np.searchsorted(at, late))
        if stirs - start < first_fresh < len(at):
            visits.add(first_fresh)
        if self._walk.observed:
            visits = set(range(len(at)))
        for row in sorted(visits):
            self._visit(start, row, at, int(code[start + row]), ticks)
        self._walk.settle(self._runner, self._local)

    def _visit(self, start: int, row: int, at: Array, code: int, ticks: bool) -> None:
        levels, now = self._runner.levels, int(at[row])
        for change in self._standing.advance(levels, now):
            seen = int(np.searchsorted(at, change.at_ms, side="left")) - 1
            self._changed(change, self._view(start, seen, change.at_ms))
        if not ticks and not self._runner.bound.reads.absence:
            held = not self._walk.fresh(self._runner, self._local, now)
            self._standing.stale |= held != self._standing.held
            self._standing.held = held
        for change in self._standing.take(levels, code, now):
            self._changed(change, self._view(start, row, now))
        if self._standing.acted != self._standing.level:
            self._act(now, lambda: self._view(start, row, now)())
        self._walk.observe(self._runner, self._local, self._view(start, row, now))

    def _view(self, start: int, row: int, at_ms: int) -> Callable[[], Moments]:
        if row < 0:
            return lambda: self._moments.before(self._index, at_ms)
        return lambda: self._moments.one(start + row, at_ms)

    def wake(self, row: int) -> None:
        """Time has passed; `row` of the moments is this subject, now."""
        now = self._walk.now_ms
        for change in self._standing.advance(self._runner.levels, now):
            self._changed(change, self._view(row, 0, change.at_ms))
        last = int(self._runner.at[self._local])
        if self._standing.acted != self._standing.level and self._walk.fresh(
            self._runner, self._local, max(last, self._standing.changed_ms)
        ):
            self._act(now, self._view(row, 0, now))
        self._walk.settle(self._runner, self._local)

    def remind(self, row: int, at_ms: int, count: int) -> None:
        """Take the actions that are repeated."""
        standing = self._standing
        skipped = self._walk.silenced(self._runner, self._index, self._subject, at_ms)
        standing.repeats, standing.stale = count, True
        if standing.level and not skipped and not is_dry(self._runner.rule):
            view = self._view(row, 0, at_ms)()
            self._decide(at_ms, standing.acted, standing.acted, view, count)
        self._walk.settle(self._runner, self._local)

    def _changed(self, change: Change, view: Callable[[], Moments]) -> None:
        runner, seen = self._runner, view()
        fresh = self._may_act(change.at_ms)
        silenced = self._walk.silenced(runner, self._index, self._subject, change.at_ms)
        self._walk.decisions.append(
            FiredDue(
                at_ms=change.at_ms,
                key=key_of(runner.rule.id, self._subject, "fired", *change),
                by=f"rule:{runner.rule.id}",
                subject=str(self._subject),
                active=change.after > 0,
                severity=severity_of(runner.bound, change.after),
                values=runner.bound.values(seen),
                dry=is_dry(runner.rule),
                late=not fresh,
                silenced=silenced,
            )
        )
        self._act(change.at_ms, lambda: seen)

    def _may_act(self, at_ms: int) -> bool:
        return not self._standing.held and self._walk.fresh(self._runner, self._local, at_ms)

    def _act(self, at_ms: int, view: Callable[[], Moments]) -> None:
        """Do what the level asks for, unless what is seen is too old, or there is maintenance."""
        standing, runner = self._standing, self._runner
        if standing.acted == standing.level or not self._may_act(at_ms):
            return
        if self._walk.silenced(runner, self._index, self._subject, at_ms):
            return
        before, standing.acted = standing.acted, standing.level
        standing.acted_ms, standing.repeats, standing.stale = at_ms, 0, True
        if not is_dry(runner.rule):
            self._decide(at_ms, before, standing.level, view())

    def _decide(self, at_ms: int, before: int, after: int, view: Moments, repeat: int = 0) -> None:
        changed = self._standing.acted_ms if repeat else self._standing.changed_ms
        now = Occasion(self._index, self._subject, at_ms, before, after, changed, view, repeat)
        scene = self._walk.scene
        self._walk.decisions += deeds(self._runner.bound, scene, now)
