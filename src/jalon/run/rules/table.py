"""The readings of one call beside what was known before it: the value of anything at any row."""

from __future__ import annotations

import numpy as np

from jalon.run.batch import Columns
from jalon.run.rules.expression.columns import Array
from jalon.run.rules.expression.meaning import Kind
from jalon.run.rules.scene import Scene
from jalon.vocab.reading import Location

NEVER = -(2**62)
STRIDE = 64
"""Orders between two readings, for those that are computed from the first: at most so many."""


class Current:
    """Newest values by slot. `values` is NaN where there is none; the longitude of a location
    stands in `others`. `since` is when the value became what it is."""

    def __init__(self, slots: int, devices: int) -> None:
        self.values = np.full(slots, np.nan)
        self.others = np.full(slots, np.nan)
        self.times = np.full(slots, NEVER, dtype=np.int64)
        self.since = np.full(slots, np.nan)
        self.clock = np.full(devices, NEVER, dtype=np.int64)
        """Newest time among the values of each device."""
        self.heard = np.full(devices, NEVER, dtype=np.int64)
        """The same, of everything it says."""
        self.born = np.full(devices, NEVER, dtype=np.int64)


class Rows:
    """Readings in parallel arrays."""

    __slots__ = ("moment", "order", "other", "slot", "time", "value")

    def __init__(
        self, slot: Array, order: Array, time: Array, value: Array, other: Array, moment: Array
    ) -> None:
        self.slot = slot
        self.order = order
        self.time = time
        self.value = value
        self.other = other
        self.moment = moment

    def __len__(self) -> int:
        return len(self.slot)

    def take(self, which: Array) -> Rows:
        """Some of them."""
        return Rows(*(getattr(self, name)[which] for name in _PARTS))

    def join(self, other: Rows) -> Rows:
        """These, then those."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in _PARTS)
        return Rows(*(np.concatenate(pair) for pair in pairs))


_PARTS = ("slot", "order", "time", "value", "other", "moment")


def read(columns: Columns, scene: Scene, current: Current) -> Rows:
    """The readings that rules look at. What is marked as unbelievable is left out."""
    series = np.array(columns.series, dtype=np.int64)
    known = series < len(scene.slot_of)
    series = np.where(known, series, 0) if not known.all() else series
    device = np.where(known, scene.device_of[series], -1)
    time = np.array(columns.times_ms, dtype=np.int64)
    spoke = device >= 0
    np.maximum.at(current.heard, device[spoke], time[spoke])
    changes = np.ones(len(series), dtype=bool)
    changes[1:] = (device[1:] != device[:-1]) | (time[1:] != time[:-1])
    slot = np.where(known, scene.slot_of[series], -1)
    if columns.flaws:
        slot[list(columns.flaws)] = -1
    value = np.array(columns.numbers, dtype=np.float64)
    other = np.full(len(series), np.nan)
    names = list(scene.properties)
    for row, text in columns.texts.items():
        if slot[row] < 0:
            continue
        if scene.kinds[names[slot[row] % scene.width]] is Kind.LOCATION:
            place = Location.parse(text)
            value[row], other[row] = place.latitude, place.longitude
        else:
            value[row] = scene.texts.code(text)
    order = np.arange(len(series), dtype=np.int64) * STRIDE
    rows = Rows(slot, order, time, value, other, np.cumsum(changes))
    used = (slot >= 0) & ~np.isnan(value)
    return rows if used.all() else rows.take(used)


class Table:
    """Rows in force during a call, sorted by slot and order; each is newer than the one before it
    in its slot. Rows that came too late are kept apart."""

    def __init__(self, rows: Rows, scene: Scene, current: Current) -> None:
        self._scene = scene
        self._current = current
        self._span = (int(rows.order.max(initial=0)) // STRIDE + 2) * STRIDE
        self.version = 0
        self.late = rows
        self.rows = rows
        self._set(rows)

    def _set(self, rows: Rows) -> None:
        rows = rows.take(np.argsort(rows.slot * self._span + rows.order, kind="stable"))
        fresh = _fresh(rows, self._current.times)
        self.late = rows.take(~fresh)
        self.rows = rows if fresh.all() else rows.take(fresh)
        self.keys = self.rows.slot * self._span + self.rows.order
        self._since: Array | None = None
        self.version += 1

    def add(self, rows: Rows) -> Rows:
        """More rows, computed from those here; those of them that are in force."""
        late = self.late
        self._set(self.rows.join(rows))
        added = self.late
        self.late = late.join(added)
        kept = np.isin(rows.slot * self._span + rows.order, self.keys)
        return rows.take(kept)

    def as_of(self, slots: Array, orders: Array) -> Array:
        """For each slot and order, the row whose value is then in force; -1 for none of these."""
        if not len(self.keys):
            return np.full(len(slots), -1, dtype=np.int64)
        found = np.searchsorted(self.keys, slots * self._span + orders, side="right") - 1
        return np.where((found >= 0) & (self.rows.slot[found] == slots), found, -1)

    def moments_at(self, orders: Array) -> Array:
        """The message that the row with each of the orders came in."""
        sort = np.argsort(self.rows.order, kind="stable")
        at: Array = self.rows.moment[sort[np.searchsorted(self.rows.order[sort], orders)]]
        return at

    def since(self) -> Array:
        """Since when the value of each row has been what it is."""
        if self._since is None:
            rows = self.rows
            first = np.append(True, rows.slot[1:] != rows.slot[:-1])
            before = np.append(np.nan, rows.value[:-1])
            before[first] = self._current.values[rows.slot[first]]
            index = np.arange(len(rows))
            changed = np.maximum.accumulate(np.where(rows.value != before, index, -1))
            start = np.maximum.accumulate(np.where(first, index, 0))
            self._since = np.where(
                changed >= start, rows.time[changed], self._current.since[rows.slot]
            )
        return self._since

    def commit(self) -> Array:
        """Make the newest rows what is current; the slots they are in."""
        rows, current = self.rows, self._current
        if not len(rows):
            return rows.slot
        last = np.flatnonzero(np.append(rows.slot[1:] != rows.slot[:-1], True))
        slots = rows.slot[last]
        current.since[slots] = self.since()[last]
        current.values[slots] = rows.value[last]
        current.others[slots] = rows.other[last]
        current.times[slots] = rows.time[last]
        np.maximum.at(current.clock, slots // self._scene.width, rows.time[last])
        return slots


def _fresh(rows: Rows, times: Array) -> Array:
    """Which rows, sorted by slot and order, are newer than all before them in their slot."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    first = np.append(True, rows.slot[1:] != rows.slot[:-1])
    before = times[rows.slot]
    rising = first.copy()
    rising[1:] |= rows.time[1:] > rows.time[:-1]
    if rising.all() and (rows.time > before).all():
        return rising
    group = np.cumsum(first) - 1
    low = int(rows.time.min())
    span = int(rows.time.max()) - low + 2
    lifted = rows.time - low + 1 + group * span
    running = np.maximum.accumulate(lifted)
    earlier = np.append(0, running[:-1])
    fresh: Array = (lifted > np.maximum(earlier, group * span)) & (rows.time > before)
    return fresh
