"""What devices said last of their properties: as their state, or as values they measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from jalon.app.solution import Solution
from jalon.app.twins.views import Said
from jalon.run.fleet import Device
from jalon.run.live import LiveBoard
from jalon.run.ports import Latest, Series
from jalon.run.twins.document import Twin
from jalon.vocab.reading import Location, Value


class Plant(Protocol):
    """The part of a running solution that tells what devices measured last; see
    `app.running.Running`."""

    live: LiveBoard
    series: Mapping[tuple[str, str], Series]


class Reported:
    """The newest of both, by property. `plant` is what measures, if there is one; `renewed` says
    since when (Unix ms) the hardware of a device is the one there is, where it was replaced: what
    is older is of another one."""

    def __init__(self, solution: Callable[[], Solution]) -> None:
        self._solution = solution
        self.plant: Plant | None = None
        self.renewed: Mapping[str, int] = {}

    def reported(
        self, device: Device, twin: Twin, names: Collection[str] | None = None
    ) -> dict[str, Said]:
        """The newer of what it said as its state and what it measured, by property; of `names`
        only, if given."""
        entries = twin.reported.entries
        if names is None:
            names = dict.fromkeys([*self._solution().properties(device), *entries])
        said = {}
        for name in names:
            known = entries.get(name)
            latest = self.measured(device.id, name)
            if latest is not None and (known is None or latest.time_ms > known.at_ms):
                said[name] = Said(as_json(latest.value), latest.time_ms, True)
            elif known is not None and known.value is not None:
                said[name] = Said(known.value, known.at_ms)
        return said

    def measured(self, device_id: str, name: str) -> Latest | None:
        """The newest value of a property, unless it is of hardware that is gone."""
        if self.plant is None:
            return None
        series = self.plant.series.get((device_id, name))
        latest = self.plant.live.latest(series.id) if series else None
        if latest is None or latest.time_ms < self.renewed.get(device_id, 0):
            return None
        return latest

    def series(self, device_id: str, name: str) -> int | None:
        """The id of the property's series."""
        found = self.plant.series.get((device_id, name)) if self.plant else None
        return found.id if found else None


def as_json(value: Value) -> object:
    """A measured value as it stands in JSON."""
    if isinstance(value, Location):
        place = {"latitude": value.latitude, "longitude": value.longitude}
        return place if value.altitude is None else place | {"altitude": value.altitude}
    return value
