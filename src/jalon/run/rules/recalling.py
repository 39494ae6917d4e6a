"""What an engine knows of before it began."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from jalon.run.ports import Latest, Point
from jalon.run.rules.expression.meaning import Kind
from jalon.run.rules.scene import Scene
from jalon.run.rules.table import NEVER, Current, Table
from jalon.run.rules.windows import Windows
from jalon.vocab.reading import Location, Quality, Value

_BACK_MS = 31 * 86_400_000
Points = Callable[[int, int, int], Sequence[Point]]


class Recall:
    """Fills what is current from what is stored. `since` are the properties whose duration of a
    value somebody asks for."""

    def __init__(
        self, scene: Scene, current: Current, windows: Mapping[str, Windows], since: set[str]
    ) -> None:
        self._scene = scene
        self._current = current
        self._windows = windows
        self._since = since

    def of(
        self, latest: Iterable[Latest], points: Points, remembered: Mapping[str, bytes], now_ms: int
    ) -> dict[str, bytes | None]:
        """Take it in; what is new to be remembered."""
        for one in latest:
            self._take(one, points)
        self._fill_windows(points)
        news = self._births(remembered, now_ms)
        for name in self._since:
            for row, device in enumerate(self._scene.devices):
                slot = row * self._scene.width + self._scene.properties[name]
                stored = remembered.get(f"since/{device.id}/{name}")
                if stored is not None:
                    self._current.since[slot] = float(stored)
        return news

    def _take(self, one: Latest, points: Points) -> None:
        scene, current = self._scene, self._current
        if one.series >= len(scene.slot_of):
            return
        device, slot = int(scene.device_of[one.series]), int(scene.slot_of[one.series])
        if device >= 0:
            current.heard[device] = max(int(current.heard[device]), one.time_ms)
        if slot < 0:
            return
        time_ms, value = one.time_ms, one.value
        if one.quality is not Quality.GOOD:
            good = [
                point
                for point in points(one.series, one.time_ms - _BACK_MS, one.time_ms)
                if point.quality is Quality.GOOD
            ]
            if not good:
                return
            time_ms, value = good[-1].time_ms, good[-1].value
        current.values[slot], current.others[slot] = self._number(value, slot)
        current.times[slot] = time_ms
        current.since[slot] = time_ms
        current.clock[device] = max(int(current.clock[device]), time_ms)

    def _number(self, value: Value, slot: int) -> tuple[float, float]:
        if isinstance(value, Location):
            return value.latitude, value.longitude
        if isinstance(value, str):
            name = list(self._scene.properties)[slot % self._scene.width]
            if self._scene.kinds[name] is Kind.LOCATION:
                place = Location.parse(value)
                return place.latitude, place.longitude
            return self._scene.texts.code(value), np.nan
        return float(value), np.nan

    def _fill_windows(self, points: Points) -> None:
        scene = self._scene
        for name, windows in self._windows.items():
            for row in range(len(scene.devices)):
                slot = row * scene.width + scene.properties[name]
                newest = int(self._current.times[slot])
                if slot not in scene.series_at or newest == NEVER:
                    continue
                start = newest - windows.width_ms
                found = [
                    point
                    for point in points(scene.series_at[slot], start + 1, newest + 1)
                    if point.quality is Quality.GOOD
                ]
                times = [point.time_ms for point in found]
                windows.recall(row, times, [self._number(p.value, slot)[0] for p in found])

    def _births(self, remembered: Mapping[str, bytes], now_ms: int) -> dict[str, bytes | None]:
        """Since when each device has been known: from then on it can be missed."""
        news: dict[str, bytes | None] = {}
        for row, device in enumerate(self._scene.devices):
            stored = remembered.get(f"born/{device.id}")
            if stored is None:
                news[f"born/{device.id}"] = str(now_ms).encode()
            self._current.born[row] = now_ms if stored is None else int(stored)
        for key in remembered:
            kind, _, device_id = key.partition("/")
            if kind in ("born", "since") and device_id.partition("/")[0] not in self._scene.index:
                news[key] = None
        return news

    def changes(self, table: Table) -> dict[str, bytes | None]:
        """Which values have changed in a batch that is about to be committed, and since when."""
        if not self._since or not len(table.rows):
            return {}
        scene, rows = self._scene, table.rows
        last = np.append(rows.slot[1:] != rows.slot[:-1], True)
        columns = [scene.properties[name] for name in self._since]
        last &= np.isin(rows.slot % scene.width, columns)
        since, names = table.since(), list(scene.properties)
        found: dict[str, bytes | None] = {}
        for row in np.flatnonzero(last).tolist():
            slot = int(rows.slot[row])
            if since[row] != self._current.since[slot]:
                device = scene.devices[slot // scene.width].id
                key = f"since/{device}/{names[slot % scene.width]}"
                found[key] = str(int(since[row])).encode()
        return found
