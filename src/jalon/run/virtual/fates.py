"""What befalls one virtual device: what was commanded of it, and what a scenario does to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jalon.run.virtual.chance import Ints
from jalon.vocab.reading import Value

MINUTE_MS = 60_000


@dataclass
class Fate:
    """Times are Unix ms. `held_open` is in seconds since 1970, `visits` in minutes with people, as
    cabinets and rooms are computed."""

    held: dict[str, list[tuple[int, int | None, Value]]] = field(default_factory=dict)
    silences: list[tuple[int, int]] = field(default_factory=list)
    held_open: tuple[tuple[int, int], ...] = ()
    visits: tuple[tuple[int, int, int], ...] = ()

    def hold(self, name: str, value: Value, start_ms: int, end_ms: int | None = None) -> None:
        """The property has this value from then on, until `end_ms` if given."""
        self.held.setdefault(name, []).append((start_ms, end_ms, value))

    def fall_silent(self, start_ms: int, end_ms: int) -> None:
        """Nothing it says arrives in `[start_ms, end_ms)`."""
        self.silences.append((start_ms, end_ms))

    def is_silent(self, time_ms: int) -> bool:
        """Whether nothing it says arrives then."""
        return any(start <= time_ms < end for start, end in self.silences)

    def open_door(self, start_ms: int, end_ms: int) -> None:
        """Its door stands open in that time."""
        self.held_open = (*self.held_open, (start_ms // 1000, end_ms // 1000))

    def bring_people(self, start_ms: int, end_ms: int, people: int) -> None:
        """So many people are in its room in that time, at least."""
        self.visits = (*self.visits, (start_ms // MINUTE_MS, end_ms // MINUTE_MS, people))

    def over(self, name: str, values: list[Value], times: Ints) -> list[Value]:
        """Values with those that are held; the last one said counts."""
        for start, end, value in self.held.get(name, ()):
            for row, time_ms in enumerate(times.tolist()):
                if start <= time_ms and (end is None or time_ms < end):
                    values[row] = value
        return values

    def heard(self, times: Ints) -> NDArray[np.bool_]:
        """At which of the times it is not silent."""
        arrives = np.ones(len(times), dtype=np.bool_)
        for start, end in self.silences:
            arrives &= (times < start) | (times >= end)
        return arrives
