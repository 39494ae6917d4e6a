"""The rules at work: readings in, decisions out. See docs/adr/0008-rules-on-batches.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from jalon.run.batch import Columns
from jalon.run.control import AlarmDue, Decision, Outcome, Subject
from jalon.run.ports import Latest, Point
from jalon.run.rules.batches import Batches
from jalon.run.rules.compiled import Bound, is_dry
from jalon.run.rules.computing import Computing
from jalon.run.rules.deeds import key_of
from jalon.run.rules.explaining import evaluation
from jalon.run.rules.explanation import Evaluation
from jalon.run.rules.expression.tree import ExpressionError
from jalon.run.rules.places import Places
from jalon.run.rules.plugin import PluginFailed, PluginRunner
from jalon.run.rules.plugins import Answers
from jalon.run.rules.recalling import Recall
from jalon.run.rules.runner import NEVER_DUE, Runner, in_order
from jalon.run.rules.scene import Interned, Scene, World
from jalon.run.rules.spec import Mode, Rule
from jalon.run.rules.standing import Memory, read
from jalon.run.rules.table import NEVER, Current, Table
from jalon.run.rules.table import read as read_rows
from jalon.run.rules.view import Ground, Moments
from jalon.run.rules.walking import Walk
from jalon.run.rules.windows import Windows
from jalon.run.silences import Silence
from jalon.vocab.text import N_, Text

__all__ = ["Engine", "Past", "World"]


@dataclass(frozen=True)
class Past:
    """What an engine is to know of before: newest values, `points(series, start_ms, end_ms)`, and
    what engines before it wanted remembered (the second part of their outcomes, added up)."""

    latest: Iterable[Latest] = ()
    points: Callable[[int, int, int], Sequence[Point]] = lambda _series, _start, _end: ()
    remembered: Mapping[str, bytes] = field(default_factory=dict)


class Engine:
    """Evaluates rules on batches. To be used by one thread; it reads no clock.

    Readings of one message (same device, same time, side by side) are seen together. How messages
    are cut into batches changes nothing. `now_ms` is the clock at the time of a call, Unix ms.
    `step_ms` is how often at most conditions that change by themselves (age, absence, hours,
    windows that run empty) are looked at by `tick`.
    """

    silences: Sequence[Silence]
    """Put here by the owner at any time. In a maintenance period rules only remember."""
    troubles: Mapping[str, Text]
    """Rules that cannot be evaluated now, with the reason; they keep what they have decided."""
    observer: Callable[[Evaluation], None] | None
    """Is told each look of each rule at each subject; makes the engine slow."""

    def __init__(
        self,
        world: World,
        rules: Sequence[Rule],
        past: Past,
        now_ms: int,
        plugins: PluginRunner | None = None,
        step_ms: int = 1000,
    ) -> None:
        """Rules must have passed `check_rules`; those that are off do nothing but clear what they
        have left. Rules unchanged since `past.remembered` go on where they were."""
        self.silences = ()
        self.observer = None
        self._troubles: dict[str, Text] = {}
        self.troubles = self._troubles
        self._step_ms = step_ms
        self._now_ms = now_ms
        texts = Interned()
        bounds = in_order(list(_bind(world, rules, texts, self._troubles)))
        self._scene = Scene(world, _properties(bounds), now_ms)
        self._scene.texts = texts
        self._current = Current(self._scene.slots, len(self._scene.devices))
        self._windows = _windows(bounds, self._scene)
        self._places = Places(self._scene, self._current)
        self._ground = Ground(self._scene, self._current, self._windows, self._places)
        self._answers = Answers(plugins, self._scene, past.remembered)
        self._runners = [
            Runner(one, self._scene, self._answers.names_of(one)) for one in bounds
        ]  # fmt: skip
        self._by_id = {one.rule.id: one for one in self._runners}
        self._batches = Batches(self._scene, self._current)
        self._computing = Computing(self._scene, self._current, self._windows)
        self._since = {name for one in bounds for name in one.reads.since}
        self._recall = Recall(self._scene, self._current, self._windows, self._since)
        self._orphans: dict[str, Memory] = {}
        self._memories: dict[str, bytes | None] = {}
        self._memories.update(self._recall.of(past.latest, past.points, past.remembered, now_ms))
        self._remember(past.remembered)

    def _remember(self, remembered: Mapping[str, bytes]) -> None:
        for key, stored in remembered.items():
            kind, _, rest = key.partition("/")
            if kind != "rule":
                continue
            try:
                memory = read(stored)
            except (ValueError, KeyError, TypeError):
                self._memories[key] = None
                continue
            rule, _, subject = rest.partition("/")
            runner = self._by_id.get(rule)
            local = runner.number_of(subject) if runner else -1
            if runner is None or local < 0 or is_dry(runner.rule) != memory.dry:
                self._orphans[key] = memory
            else:
                runner.recall(local, memory)

    def feed(self, columns: Columns, now_ms: int) -> Outcome:
        """See readings in the order they came; computed ones are appended to the columns."""
        self._now_ms = now_ms
        walk = self._walk(now_ms)
        if len(columns):
            rows = read_rows(columns, self._scene, self._current)
            table = self._ground.table = Table(rows, self._scene, self._current)
            self._places.forget()
            self._computing.append(table.rows)
            for runner in self._runners:
                self._feed_one(runner, table, columns, walk)
            self._close(table)
        return self._outcome(walk)

    def _feed_one(self, runner: Runner, table: Table, columns: Columns, walk: Walk) -> None:
        moments = self._batches.moments(runner, table, self._moments)
        if moments is None:
            return
        with_trouble = self._troubles
        try:
            if runner.bound.compute is not None and runner.rule.mode is Mode.LIVE:
                self._computing.compute(runner, moments, table, columns)
            walk.look(runner, moments)
        except PluginFailed as failure:
            with_trouble[runner.rule.id] = Text("{problem}", {"problem": failure})
            return
        self._settle_trouble(runner, moments)

    def _settle_trouble(self, runner: Runner, moments: Moments) -> None:
        if moments.faulty:
            moments.faulty = False
            self._troubles[runner.rule.id] = Text(N_("A division by zero: the value is unknown."))
        elif self._troubles:
            self._troubles.pop(runner.rule.id, None)

    def _close(self, table: Table) -> None:
        changed = {
            name
            for name, column in self._scene.properties.items()
            if (table.rows.slot % self._scene.width == column).any()
        }
        for runner in self._runners:
            runner.dirty = runner.dirty or not runner.foreign.isdisjoint(changed)
        self._memories.update(self._recall.changes(table))
        table.commit()
        self._computing.insert(table.late)
        for one in self._windows.values():
            one.settle()
        self._ground.table = None
        self._batches.forget()
        self._places.forget()

    def tick(self, now_ms: int) -> Outcome:
        """See that time has passed: timers, absence, calendars, ends of silences."""
        self._now_ms = now_ms
        walk = self._walk(now_ms)
        for runner in self._runners:
            try:
                self._tick_one(runner, now_ms, walk)
            except PluginFailed as failure:
                self._troubles[runner.rule.id] = Text("{problem}", {"problem": failure})
        walk.decisions += _ended(self._orphans, now_ms)
        self._memories.update(dict.fromkeys(self._orphans))
        self._orphans = {}
        return self._outcome(walk)

    def _tick_one(self, runner: Runner, now_ms: int, walk: Walk) -> None:
        due = runner.step_ms is not None and now_ms >= runner.next_step_ms
        if (due or runner.dirty) and len(runner.indices):
            moments = runner.now(self._moments, now_ms)
            walk.look(runner, moments, ticks=True)
            self._settle_trouble(runner, moments)
            runner.dirty = runner.begins = False
            if runner.step_ms is not None:
                step = max(self._step_ms, runner.step_ms)
                runner.next_step_ms = (now_ms // step + 1) * step
        else:
            if runner.begins:
                self._begin(runner, walk)
            walk.pass_time(runner, lambda: runner.now(self._moments, now_ms))
        walk.remind(runner, lambda: runner.now(self._moments, now_ms))

    def _begin(self, runner: Runner, walk: Walk) -> None:
        """Look at what is current when the engine opens, as of the time it is from: a rule that is
        new starts its timers there, one that is not finds nothing new."""
        runner.begins = False
        at = self._batches.clocks(runner.rule.kind)[runner.indices]
        seen = at > NEVER
        if seen.any():
            indices = runner.indices[seen]
            moments = self._moments(runner.of_devices, indices, None, at[seen], runner.names)
            walk.look(runner, moments, ticks=True)
            self._settle_trouble(runner, moments)

    def _walk(self, now_ms: int) -> Walk:
        return Walk(self._scene, now_ms, self.silences, self.observer)

    def _moments(self, *given: object) -> Moments:
        return Moments(self._ground, *given)  # type: ignore[arg-type]

    def _outcome(self, walk: Walk) -> Outcome:
        memories = {**self._memories, **walk.memories(), **self._answers.changes()}
        self._memories = {}
        return walk.decisions, memories

    @property
    def next_due_ms(self) -> int | None:
        """When `tick` has something to do next if nothing comes before; None for never."""
        if self._orphans:
            return self._now_ms
        due = min((one.next_due_ms(self._now_ms) for one in self._runners), default=NEVER_DUE)
        return None if due >= NEVER_DUE else due

    def subjects(self, rule: str) -> Sequence[Subject]:
        """What the rule is about, in the order of the fleet's files; nothing when it is off."""
        runner = self._by_id.get(rule)
        if runner is None:
            return ()
        return [self._scene.subject(runner.rule, int(index)) for index in runner.indices]

    def explain(self, rule: str, subject: Subject, at_ms: int) -> Evaluation:
        """How the rule sees the subject with what is known now, at that moment. KeyError."""
        runner = self._by_id[rule]
        local = runner.number_of(str(subject))
        if local < 0:
            raise KeyError(str(subject))
        index = runner.indices[local : local + 1]
        moments = self._moments(runner.of_devices, index, None, np.array([at_ms]), runner.names)
        return evaluation(runner, local, moments)


def _bind(
    world: World, rules: Sequence[Rule], texts: Interned, troubles: dict[str, Text]
) -> Iterator[Bound]:
    """The rules that are not off; those that make no sense are noted."""
    for rule in rules:
        if rule.mode is Mode.OFF:
            continue
        try:
            yield Bound(rule, world, texts.code)
        except ExpressionError as error:
            troubles[rule.id] = error.text


def _ended(orphans: Mapping[str, Memory], now_ms: int) -> Iterator[Decision]:
    """The ends of alarms whose rule or subject is no more. Keys are `rule/<id>/<subject>`."""
    for key, memory in orphans.items():
        if memory.severity is None or memory.dry:
            continue
        _, rule, subject = key.split("/", 2)
        yield AlarmDue(
            at_ms=now_ms,
            key=key_of(rule, subject, "gone", memory.standing.acted_ms),
            by=f"rule:{rule}",
            subject=subject,
            severity=None,
        )


def _properties(bounds: Sequence[Bound]) -> set[str]:
    names: set[str] = set()
    for one in bounds:
        for reads in (one.reads, one.aside()):
            names |= reads.own | set(reads.windows)
            names |= {name for _, name in reads.around} | {name for _, name in reads.devices}
        if one.rule.compute is not None:
            names.add(one.rule.compute.property)
    return names


def _windows(bounds: Sequence[Bound], scene: Scene) -> dict[str, Windows]:
    widths: dict[str, int] = {}
    for one in bounds:
        for reads in (one.reads, one.aside()):
            for name, width in reads.windows.items():
                widths[name] = max(width, widths.get(name, 0))
    return {name: Windows(len(scene.devices), width) for name, width in widths.items()}
