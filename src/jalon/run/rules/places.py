"""Values of the devices of a place, put together, at any row of a batch."""

from __future__ import annotations

import numpy as np

from jalon.run.rules.expression.columns import Array, Column
from jalon.run.rules.scene import Scene
from jalon.run.rules.table import Current, Table

_CELLS = 1_000_000
"""Of one matrix (rows × devices of a place), so that memory stays bounded."""


class Places:
    """Looks at places; `forget` what was found whenever the current values or the batch change."""

    def __init__(self, scene: Scene, current: Current) -> None:
        self._scene = scene
        self._current = current
        self._now: dict[object, Column] = {}
        self._lines: dict[object, tuple[Array, Array, Column]] = {}
        self._version = -1

    def forget(self) -> None:
        """Everything may have changed."""
        self._now.clear()
        self._lines.clear()

    def look(
        self,
        how: str,
        name: str,
        value: float | None,
        groups: Array,
        orders: Array | None,
        table: Table | None,
    ) -> Column:
        """The aggregate of each of the groups, at each of the orders."""
        key = (how, name, value)
        if orders is None or table is None or not len(table.rows):
            return _pick(self._before(key), groups)
        if table.version != self._version:
            self._lines.clear()
            self._version = table.version
        values, known = (np.array(one) for one in _pick(self._before(key), groups))
        known = np.broadcast_to(known, values.shape).copy()
        for group in np.unique(groups).tolist():
            at, line = self._line(key, group, table)
            if len(at):
                mine = np.flatnonzero(groups == group)
                found = np.searchsorted(at, orders[mine], side="right") - 1
                mine, found = mine[found >= 0], found[found >= 0]
                values[mine] = np.asarray(line.values)[found]
                known[mine] = np.asarray(line.known)[found]
        return Column(values, True if known.all() else known)

    def _before(self, key: tuple[str, str, float | None]) -> Column:
        """Of every group, before the batch."""
        found = self._now.get(key)
        if found is None:
            how, name, value = key
            scene = self._scene
            column = scene.properties[name]
            values = self._current.values.reshape(-1, scene.width)[:, column]
            parts = [_fold(how, values[one.members][None, :], value) for one in scene.groups]
            found = self._now[key] = Column(
                np.concatenate([part.values for part in parts]),
                np.concatenate([np.asarray(part.known) for part in parts]),
            )
        return found

    def _line(
        self, key: tuple[str, str, float | None], group: int, table: Table
    ) -> tuple[Array, Column]:
        """Orders at which a device of the group reports, and the aggregate from then on."""
        found = self._lines.get((key, group))
        if found is None:
            found = self._lines[key, group] = self._make(key, group, table)
        return found[0], found[2]

    def _make(
        self, key: tuple[str, str, float | None], group: int, table: Table
    ) -> tuple[Array, Array, Column]:
        how, name, value = key
        scene, rows = self._scene, table.rows
        members = scene.groups[group].members
        place = np.full(len(scene.devices), -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        columns = np.where(
            rows.slot % scene.width == scene.properties[name], place[rows.slot // scene.width], -1
        )
        mine = np.flatnonzero(columns >= 0)
        mine = mine[np.argsort(rows.order[mine], kind="stable")]
        state = self._current.values.reshape(-1, scene.width)[members, scene.properties[name]]
        parts = []
        step = max(1, _CELLS // max(1, len(members)))
        for start in range(0, len(mine), step):
            some = mine[start : start + step]
            matrix = _filled(state, columns[some], rows.value[some])
            state = matrix[-1]
            parts.append(_fold(how, matrix, value))
        if not parts:
            nothing = np.zeros(0)
            return nothing, mine, Column(nothing, nothing.astype(bool))
        line = Column(
            np.concatenate([part.values for part in parts]),
            np.concatenate([np.asarray(part.known) for part in parts]),
        )
        return rows.order[mine], mine, line


def _pick(column: Column, groups: Array) -> Column:
    known = np.asarray(column.known)[groups]
    return Column(np.asarray(column.values)[groups], True if known.all() else known)


def _filled(start: Array, columns: Array, values: Array) -> Array:
    """What every column holds after each of the rows, each of which sets one."""
    last = np.zeros((len(columns), len(start)), dtype=np.int64)
    rows = np.arange(len(columns))
    last[rows, columns] = rows + 1
    last = np.maximum.accumulate(last, axis=0)
    filled: Array = np.where(last > 0, values[np.maximum(last - 1, 0)], start[None, :])
    return filled


def _fold(how: str, matrix: Array, value: float | None) -> Column:
    """Each row put together; what is NaN has no value."""
    there = ~np.isnan(matrix)
    some = there.any(axis=1)
    match how:
        case "count" if value is None:
            return Column(there.sum(axis=1).astype(np.float64), np.ones(len(matrix), dtype=bool))
        case "count":
            found = (matrix == value).sum(axis=1).astype(np.float64)
            return Column(found, np.ones(len(matrix), dtype=bool))
        case "any":
            return Column((there & (matrix != 0)).any(axis=1), some)
        case "all":
            return Column(((matrix != 0) | ~there).all(axis=1) & some, some)
        case "min":
            return Column(np.where(there, matrix, np.inf).min(axis=1, initial=np.inf), some)
        case "max":
            return Column(np.where(there, matrix, -np.inf).max(axis=1, initial=-np.inf), some)
        case _:
            total = np.where(there, matrix, 0.0).sum(axis=1)
            count = np.maximum(there.sum(axis=1), 1)
            return Column(total if how == "sum" else total / count, some)
