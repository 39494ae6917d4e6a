"""Virtual properties: rows that rules add to a batch; and what windows keep of all rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jalon.run.batch import Columns
from jalon.run.control import Subject
from jalon.run.rules.expression.columns import Array
from jalon.run.rules.expression.meaning import Kind
from jalon.run.rules.runner import Runner
from jalon.run.rules.scene import Scene
from jalon.run.rules.spec import Compute
from jalon.run.rules.table import Current, Rows, Table
from jalon.run.rules.view import Moments
from jalon.run.rules.windows import Windows
from jalon.vocab.reading import Location


def target(compute: Compute, subject: Subject) -> str:
    """Id of the device that a computed value is of."""
    site, _, room = subject.id.partition("/")
    if compute.into is None:
        return subject.id
    return compute.into.replace("{room}", room).replace("{site}", site)


class Computing:
    """Adds rows to the table and to the columns."""

    def __init__(self, scene: Scene, current: Current, windows: Mapping[str, Windows]) -> None:
        self._scene = scene
        self._current = current
        self._windows = windows
        self._slots: dict[str, Array] = {}
        self._last: dict[str, dict[int, int]] = {}

    def append(self, rows: Rows) -> None:
        """Let windows see rows in force; sorted by slot and order."""
        for name, windows in self._windows.items():
            mine = rows.slot % self._scene.width == self._scene.properties[name]
            if mine.any():
                device = rows.slot[mine] // self._scene.width
                windows.append(device, rows.time[mine], rows.value[mine])

    def insert(self, late: Rows) -> None:
        """Let windows see rows that came too late for anything else."""
        names = list(self._scene.properties)
        for slot, time, value in zip(
            late.slot.tolist(), late.time.tolist(), late.value.tolist(), strict=True
        ):
            windows = self._windows.get(names[slot % self._scene.width])
            if windows is not None:
                windows.insert(slot // self._scene.width, time, value)

    def compute(self, runner: Runner, moments: Moments, table: Table, columns: Columns) -> None:
        """Add what the rule makes of those moments. Raises PluginFailed."""
        compute = runner.rule.compute
        orders = moments.orders
        assert compute is not None
        assert orders is not None
        rows, values = runner.computed(moments)
        slots = self._targets(runner, compute)[runner.local[moments.subjects[rows]]]
        times = moments.at[rows].astype(np.int64)
        keep = slots >= 0
        if compute.every_ms:
            keep &= self._spaced(runner.rule.id, slots, times, compute.every_ms)
        rows, values, slots, times = rows[keep], values[keep], slots[keep], times[keep]
        if not len(rows):
            return
        complex_ = np.iscomplexobj(values)
        moment = table.moments_at(orders[rows])
        other = values.imag if complex_ else np.full(len(rows), np.nan)
        plain = values.real if complex_ else values.astype(np.float64)
        made = Rows(slots, orders[rows] + 1, times, plain, other, moment)
        added = table.add(made)
        self.append(added.take(np.argsort(added.slot, kind="stable")))
        self._write(added, columns)

    def _targets(self, runner: Runner, compute: Compute) -> Array:
        """The slot into which each subject's value goes; -1 for none."""
        found = self._slots.get(runner.rule.id)
        if found is None:
            scene, slots = self._scene, []
            for index in runner.indices.tolist():
                device = target(compute, scene.subject(runner.rule, index))
                row = scene.index.get(device, -1)
                slot = row * scene.width + scene.properties[compute.property]
                slots.append(slot if row >= 0 and slot in scene.series_at else -1)
            found = self._slots[runner.rule.id] = np.array(slots, dtype=np.int64)
        return found

    def _spaced(self, rule: str, slots: Array, times: Array, every_ms: int) -> Array:
        """Which of the times are far enough from the one before of the same slot."""
        last = self._last.setdefault(rule, {})
        keep = np.zeros(len(slots), dtype=bool)
        for row, (slot, time) in enumerate(zip(slots.tolist(), times.tolist(), strict=True)):
            before = last.get(slot, int(self._current.times[slot]))
            if time >= before + every_ms:
                last[slot] = time
                keep[row] = True
        return keep

    def _write(self, rows: Rows, columns: Columns) -> None:
        scene, names = self._scene, list(self._scene.properties)
        for row in np.argsort(rows.order, kind="stable").tolist():
            slot = int(rows.slot[row])
            kind = scene.kinds[names[slot % scene.width]]
            value = float(rows.value[row])
            if kind is Kind.TEXT:
                columns.texts[len(columns)] = scene.texts.text(value)
            elif kind is Kind.LOCATION:
                columns.texts[len(columns)] = str(Location(value, float(rows.other[row])))
            texts = kind in (Kind.TEXT, Kind.LOCATION)
            columns.numbers.append(float("nan") if texts else value)
            columns.times_ms.append(int(rows.time[row]))
            columns.series.append(scene.series_at[slot])
