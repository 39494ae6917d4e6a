"""Reads the feed of the store for those who copy readings elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from jalon.app.solution import Solution
from jalon.run.integrations.ports import Kept
from jalon.run.integrations.select import Select
from jalon.run.ports import FollowedStore, StoredRow, Stretch

IDLE_S = 5.0
"""How often somebody who was not woken looks."""


class Selection:
    """The series of the store that an integration is about, by id; looked up again when the store
    has new ones or the files have changed."""

    def __init__(
        self, store: FollowedStore, solution: Callable[[], Solution], select: Select
    ) -> None:
        self._store = store
        self._solution = solution
        self._select = select
        self._seen: tuple[object, int] = (None, -1)  # by identity: comparing a solution takes long
        self._chosen: Mapping[int, Kept] = {}

    def series(self) -> Mapping[int, Kept]:
        """Those of devices that are in the fleet now."""
        solution, all_series = self._solution(), self._store.series()
        if self._seen[0] is not solution or self._seen[1] != len(all_series):
            self._chosen = {
                one.id: Kept(one.spec, device.site, device.thing)
                for one in all_series
                if (device := solution.device(one.spec.device)) is not None
                and self._select.takes(device, one.spec.property)
            }
            self._seen = solution, len(all_series)
        return self._chosen

    def rows(self, stretches: Iterable[Stretch]) -> list[StoredRow]:
        """Their rows in the stretches."""
        chosen = self.series()
        return self._store.stretch_rows([one for one in stretches if one.series in chosen])


class Marks:
    """How far each follower has come, so that the store may forget what all of them have."""

    def __init__(self, names: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._reached: dict[str, int | None] = dict.fromkeys(names)

    def expect(self, names: Iterable[str]) -> None:
        """Those are all there are now."""
        with self._lock:
            self._reached = {one: self._reached.get(one) for one in names}

    def reach(self, name: str, position: int) -> None:
        """It has come so far."""
        with self._lock:
            if name in self._reached:
                self._reached[name] = position

    def all_have(self) -> int:
        """What everybody has; 0 while somebody has not said it."""
        with self._lock:
            found = list(self._reached.values())
        known = [one for one in found if one is not None]
        return min(known) if known and len(known) == len(found) else 0
