"""Which devices report, which have fallen silent, and which were refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jalon.app.running import Running
from jalon.run.admission import FUTURE_MS
from jalon.run.fleet import Device
from jalon.run.journal import REFUSALS, Note
from jalon.run.refusal_causes import INSIDE
from jalon.vocab.times import DAY_MS

SILENT_AFTER_PERIODS = 3
_FRESH_MS = 2_000
_REFUSALS_READ = 500


class State(StrEnum):
    """How a device is heard. Without a declared period it cannot be called silent."""

    REPORTING = "reporting"
    SILENT = "silent"
    NEVER = "never"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts over the whole fleet; `devices` are those in service."""

    devices: int
    reporting: int
    silent: int
    never: int
    retired: int = 0


class Presence:
    """Looks at the running solution. Overview and refusals are at most two seconds old."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._overview: tuple[int, Overview] | None = None
        self._refused: tuple[int, Mapping[str, Note]] | None = None

    def heard(self, device: Device) -> int | None:
        """When the device last spoke (Unix ms), by the broker's clock; by its newest value where
        the broker has not seen it since the start, or the value came another way."""
        seen = self._running.devices_seen.get(device.id, 0)
        newest = self.newest_value(device) or 0
        if seen and newest <= seen + FUTURE_MS:  # a clock may run so far ahead
            return seen
        return max(seen, newest) or None

    def newest_value(self, device: Device) -> int | None:
        """The newest time among its values, by the device's own clock (Unix ms)."""
        running = self._running
        newest = 0
        for name in running.solution.properties(device):
            series = running.series.get((device.id, name))
            latest = running.live.latest(series.id) if series else None
            if latest and latest.time_ms > newest:
                newest = latest.time_ms
        return newest or None

    def state(self, device: Device, heard_ms: int | None) -> State:
        """What `heard_ms` means for this type of device now."""
        if device.retired is not None:
            return State.RETIRED
        if heard_ms is None:
            return State.NEVER
        period_s = self._running.solution.things[device.thing].period_s
        past_ms = self._running.now_ms() - heard_ms
        is_silent = period_s is not None and past_ms > SILENT_AFTER_PERIODS * period_s * 1000
        return State.SILENT if is_silent else State.REPORTING

    def overview(self) -> Overview:
        """Counts now."""
        now = self._running.now_ms()
        if self._overview is None or now - self._overview[0] > _FRESH_MS:
            devices = self._running.solution.fleet.devices
            states = Counter(self.state(one, self.heard(one)) for one in devices)
            self._overview = (
                now,
                Overview(
                    devices=len(devices) - states[State.RETIRED],
                    reporting=states[State.REPORTING],
                    silent=states[State.SILENT],
                    never=states[State.NEVER],
                    retired=states[State.RETIRED],
                ),
            )
        return self._overview[1]

    def is_refused(self, device: Device, heard_ms: int | None) -> bool:
        """Whether it was refused in the last day, and not simply heard again after that."""
        note = self.refused().get(device.id)
        if note is None:
            return False
        return note.kind in INSIDE or max(note.at_ms, note.last_ms) >= (heard_ms or 0)

    def refused(self) -> Mapping[str, Note]:
        """The newest refusal of each device that was refused in the last day."""
        now = self._running.now_ms()
        if self._refused is None or now - self._refused[0] > _FRESH_MS:
            newest: dict[str, Note] = {}
            for note in self._running.journal.read(kinds=REFUSALS, limit=_REFUSALS_READ):
                if note.device and now - max(note.at_ms, note.last_ms) < DAY_MS:
                    newest.setdefault(note.device, note)
            self._refused = now, newest
        return self._refused[1]
