"""The rows of a batch by subject: what each rule looks at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jalon.run.control import SubjectKind
from jalon.run.rules.expression.columns import Array
from jalon.run.rules.expression.meaning import Around
from jalon.run.rules.runner import Runner
from jalon.run.rules.scene import Scene
from jalon.run.rules.table import NEVER, Current, Table
from jalon.run.rules.view import Moments

_AROUND = {
    SubjectKind.ROOM: Around.PLACE,
    SubjectKind.SITE: Around.SITE,
    SubjectKind.SOLUTION: Around.SOLUTION,
}


class _Axis:
    """All rows, sorted by subject and order, with the event time of each: the newest that the
    subject has seen until then."""

    def __init__(self, kind: SubjectKind, scene: Scene, current: Current, table: Table) -> None:
        rows = table.rows
        device = rows.slot // scene.width
        self.property = rows.slot % scene.width
        clocks = _clocks(kind, scene, current)
        subject = device
        if kind is not SubjectKind.DEVICE:
            subject = scene.around[True, _AROUND[kind]][device]
        sort = np.lexsort((rows.order, subject))
        self.subject = subject[sort]
        self.order = rows.order[sort]
        self.moment = rows.moment[sort]
        self.property = self.property[sort]
        self.at = _running(self.subject, rows.time[sort], clocks)


def _clocks(kind: SubjectKind, scene: Scene, current: Current) -> Array:
    """The newest time that each subject has seen."""
    if kind is SubjectKind.DEVICE:
        return current.clock
    clocks = np.full(len(scene.groups), NEVER, dtype=np.int64)
    np.maximum.at(clocks, scene.around[True, _AROUND[kind]], current.clock)
    return clocks


def _running(subject: Array, time: Array, clocks: Array) -> Array:
    """The newest time of each subject until each row."""
    if not len(time):
        return time
    first = np.append(True, subject[1:] != subject[:-1])
    group = np.cumsum(first) - 1
    low, span = int(time.min()), int(time.max() - time.min()) + 1
    newest = np.maximum.accumulate(time - low + group * span) - group * span + low
    at: Array = np.maximum(newest, clocks[subject])
    return at


class Batches:
    """Gives each rule its moments; rules that look at the same share them."""

    def __init__(self, scene: Scene, current: Current) -> None:
        self._scene = scene
        self._current = current
        self._axes: dict[SubjectKind, tuple[int, _Axis]] = {}
        self._shared: dict[object, tuple[int, Moments]] = {}
        self._keys: dict[int, object] = {}

    def forget(self) -> None:
        """The batch is over."""
        self._axes.clear()
        self._shared.clear()

    def moments(self, runner: Runner, table: Table, make: Callable[..., Moments]) -> Moments | None:
        """The moments at which a rule looks; None when there is none."""
        if not runner.triggers or not len(runner.indices) or not len(table.rows):
            return None
        key = self._key(runner)
        found = self._shared.get(key)
        if found is None or found[0] != table.version or runner.bound.rule.plugin is not None:
            found = (table.version, self._make(runner, table, make))
            self._shared[key] = found
        return found[1] if found[1].rows else None

    def clocks(self, kind: SubjectKind) -> Array:
        """The newest time that each device, or group, has seen before the batch."""
        return _clocks(kind, self._scene, self._current)

    def _key(self, runner: Runner) -> object:
        key = self._keys.get(id(runner))
        if key is None:
            names = tuple(sorted(runner.triggers))
            key = (runner.rule.kind, names, runner.indices.tobytes(), runner.rule.plugin)
            self._keys[id(runner)] = key
        return key

    def _make(self, runner: Runner, table: Table, make: Callable[..., Moments]) -> Moments:
        axis = self._axis(runner.rule.kind, table)
        wanted = np.zeros(self._scene.width, dtype=bool)
        wanted[[self._scene.properties[name] for name in runner.triggers]] = True
        mine = np.flatnonzero(wanted[axis.property] & (runner.local[axis.subject] >= 0))
        subject, moment = axis.subject[mine], axis.moment[mine]
        if len(mine):
            last = np.append((subject[1:] != subject[:-1]) | (moment[1:] != moment[:-1]), True)
            mine = mine[last]
        return make(
            runner.of_devices, axis.subject[mine], axis.order[mine], axis.at[mine], runner.names
        )

    def _axis(self, kind: SubjectKind, table: Table) -> _Axis:
        found = self._axes.get(kind)
        if found is None or found[0] != table.version:
            found = (table.version, _Axis(kind, self._scene, self._current, table))
            self._axes[kind] = found
        return found[1]
