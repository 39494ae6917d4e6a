"""Which devices report and which have fallen silent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from jalon.app.running import Running
from jalon.run.fleet import Device

SILENT_AFTER_PERIODS = 3
_FRESH_MS = 2_000


class State(StrEnum):
    """How a device is heard. Without a declared period it cannot be called silent."""

    REPORTING = "reporting"
    SILENT = "silent"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts over the whole fleet."""

    devices: int
    reporting: int
    silent: int
    never: int


class Presence:
    """Looks at the running solution. The overview is at most two seconds old."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._overview: tuple[int, Overview] | None = None

    def heard(self, device: Device) -> int | None:
        """When the device last spoke (Unix ms): as the broker saw it, else by its newest value."""
        running = self._running
        times = [running.devices_seen.get(device.id, 0)]
        for name in running.solution.properties(device):
            series = running.series.get((device.id, name))
            latest = running.live.latest(series.id) if series else None
            if latest:
                times.append(latest.time_ms)
        return max(times) or None

    def state(self, device: Device, heard_ms: int | None) -> State:
        """What `heard_ms` means for this type of device now."""
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
                    devices=len(devices),
                    reporting=states[State.REPORTING],
                    silent=states[State.SILENT],
                    never=states[State.NEVER],
                ),
            )
        return self._overview[1]
