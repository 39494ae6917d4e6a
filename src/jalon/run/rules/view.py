"""What the expressions of a rule see: moments of subjects, in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from jalon.run.rules.expression.columns import Array, Column, number
from jalon.run.rules.expression.meaning import Around, Kind
from jalon.run.rules.places import Places
from jalon.run.rules.scene import Scene
from jalon.run.rules.table import NEVER, Current, Rows, Table
from jalon.run.rules.windows import Windows

_QUARTER_MS = 900_000


class Ground:
    """What all views of a call share. `table` is None between batches."""

    def __init__(
        self, scene: Scene, current: Current, windows: Mapping[str, Windows], places: Places
    ) -> None:
        self.scene = scene
        self.current = current
        self.windows = windows
        self.places = places
        self.table: Table | None = None


class _Columns:
    """Finds and keeps the columns of `Moments`."""

    def __init__(
        self,
        ground: Ground,
        of_devices: bool,
        subjects: Array,
        orders: Array | None,
        at: Array,
        names: Mapping[str, Callable[[Moments], Column]] | None = None,
    ) -> None:
        self._ground = ground
        self.of_devices = of_devices
        self.subjects = subjects
        self.orders = orders if ground.table is not None else None
        self.at = at.astype(np.float64)
        self.rows = len(subjects)
        self.faulty = False
        self._names = names or {}
        self._kept: dict[object, Column] = {}
        self._found: dict[object, Array] = {}
        self._versions = ground.table.version if ground.table is not None else -1

    def _keep(self, key: object, make: Callable[[], Column]) -> Column:
        table = self._ground.table
        if table is not None and table.version != self._versions:
            self._kept.clear()
            self._found.clear()
            self._versions = table.version
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
        return found

    def _slots(self, name: str) -> Array:
        scene = self._ground.scene
        return self.subjects * scene.width + scene.properties[name]

    def _rows(self, slots: Array, key: object) -> tuple[Rows, Array] | None:
        """The rows of the batch, and which of them holds at each moment (-1: none)."""
        table = self._ground.table
        if table is None or self.orders is None or not len(table.rows):
            return None
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = table.as_of(slots, self.orders)
        return table.rows, found

    def _value(self, slots: Array, name: str, key: object) -> Column:
        current, kind = self._ground.current, self._ground.scene.kinds[name]
        values = current.values[slots]
        others = current.others[slots] if kind is Kind.LOCATION else None
        batch = self._rows(slots, key)
        if batch is not None:
            rows, found = batch
            values = np.where(found >= 0, rows.value[found], values)
            if others is not None:
                others = np.where(found >= 0, rows.other[found], others)
        if others is not None:
            return number(values + 1j * others)
        column = number(values)
        if kind is Kind.BOOLEAN:
            return Column((values != 0) & column.known, column.known)
        return column

    def _time(self, slots: Array, key: object) -> Column:
        times = self._ground.current.times[slots]
        batch = self._rows(slots, key)
        if batch is not None:
            rows, found = batch
            times = np.where(found >= 0, rows.time[found], times)
        known = times != NEVER
        return Column(times.astype(np.float64), True if known.all() else known)

    def _since(self, name: str) -> Column:
        slots = self._slots(name)
        since = self._ground.current.since[slots]
        batch = self._rows(slots, name)
        if batch is not None and self._ground.table is not None:
            since = np.where(batch[1] >= 0, self._ground.table.since()[batch[1]], since)
        return number(since)

    def _ends(self, name: str, windows: Windows) -> Array:
        ends: Array = windows.base[self.subjects]
        batch = self._rows(self._slots(name), name)
        if batch is None:
            return ends
        rows, found = batch
        first = np.searchsorted(rows.slot, self._slots(name))
        return np.where(found >= 0, ends + found - first + 1, ends)

    def _local(self, width_ms: int) -> tuple[list[int], list[int], Array]:
        """The zone and the number of `width_ms` at each moment, each pair once."""
        zones = self._ground.scene.zone_of[self.of_devices][self.subjects]
        steps = self.at.astype(np.int64) // width_ms
        count = len(self._ground.scene.zones)
        pairs, back = np.unique(steps * count + zones, return_inverse=True)
        return (pairs % count).tolist(), (pairs // count).tolist(), back


class Moments(_Columns):
    """A number of moments: subjects (devices, or groups), each at an order and an event time. With
    `orders` None it is now. It is the `View` of expressions."""

    def one(self, row: int, at_ms: int) -> Moments:
        """One of them, at another time."""
        which = slice(row, row + 1)
        orders = self.orders[which] if self.orders is not None else None
        at = np.array([float(at_ms)])
        names = self._names
        return Moments(self._ground, self.of_devices, self.subjects[which], orders, at, names)

    def before(self, subject: int, at_ms: int) -> Moments:
        """A subject before the first reading of the batch."""
        orders = np.array([-1]) if self.orders is not None else None
        at = np.array([float(at_ms)])
        one = np.array([subject])
        return Moments(self._ground, self.of_devices, one, orders, at, self._names)

    def own(self, name: str) -> Column:
        """See `meaning.View`; so for all of them."""
        return self._keep(("own", name), lambda: self._value(self._slots(name), name, name))

    def own_time(self, name: str) -> Column:
        return self._keep(("time", name), lambda: self._time(self._slots(name), name))

    def own_since(self, name: str) -> Column:
        return self._keep(("since", name), lambda: self._since(name))

    def heard(self, name: str | None) -> Column:
        born = self._ground.current.born[self.subjects]
        if name is None:
            return Column(np.maximum(born, self._ground.current.heard[self.subjects]))
        times, known = self.own_time(name)
        return Column(np.maximum(born, np.where(known, times, float(NEVER))))

    def of_device(self, device: str, name: str) -> Column:
        scene = self._ground.scene
        row = scene.index.get(device)
        if row is None:
            return Column(np.zeros(self.rows), np.zeros(self.rows, dtype=bool))
        slots = np.full(self.rows, row * scene.width + scene.properties[name])
        key = (device, name)
        return self._keep(("device", key), lambda: self._value(slots, name, key))

    def around(self, where: Around, how: str, name: str, value: float | None = None) -> Column:
        def make() -> Column:
            groups = self._ground.scene.around[self.of_devices, where][self.subjects]
            return self._ground.places.look(
                how, name, value, groups, self.orders, self._ground.table
            )

        return self._keep(("around", where, how, name, value), make)

    def window(self, how: str, name: str, width_ms: int) -> Column:
        def make() -> Column:
            windows = self._ground.windows[name]
            ends = windows.counts[self.subjects]
            if self.orders is not None:
                ends = self._ends(name, windows)
            return windows.look(how, self.subjects, ends, self.at, width_ms)

        return self._keep(("window", how, name, width_ms), make)

    def calendar(self, name: str) -> Column:
        def make() -> Column:
            scene = self._ground.scene
            zones, minutes, back = self._local(60_000)
            open_ = [
                scene.hours(name, zone).is_open(minute * 60_000)
                for zone, minute in zip(zones, minutes, strict=True)
            ]
            return Column(np.array(open_, dtype=bool)[back])

        return self._keep(("calendar", name), make)

    def clock(self, part: str) -> Column:
        def make() -> Column:
            scene = self._ground.scene
            zones, quarters, back = self._local(_QUARTER_MS)
            offsets = np.array(
                [
                    scene.offset_ms(zone, quarter * _QUARTER_MS)
                    for zone, quarter in zip(zones, quarters, strict=True)
                ],
                dtype=np.int64,
            )[back]
            minutes = (self.at.astype(np.int64) + offsets) // 60_000
            if part == "weekday":
                return Column((minutes // 1440 + 3) % 7 + 1.0)
            of_day = minutes % 1440
            return Column((of_day // 60 if part == "hour" else of_day).astype(np.float64))

        return self._keep(("clock", part), make)

    def site(self) -> Column:
        return number(self._ground.scene.site_at[self.of_devices][self.subjects])

    def named(self, name: str) -> Column:
        return self._keep(("named", name), lambda: self._names[name](self))

    def fault(self) -> None:
        self.faulty = True

    def text(self, code: float) -> str:
        return self._ground.scene.texts.text(code)
