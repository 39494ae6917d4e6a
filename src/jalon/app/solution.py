"""A solution folder, read and checked: the files of every domain joined into one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jalon.design.architecture import ArchitectureFile
from jalon.design.solution import SolutionFile
from jalon.run.fleet import Device, Fleet, Room, Site
from jalon.run.things import Property, ThingModel


@dataclass(frozen=True)
class Solution:
    """Everything the folder says. Obtained from `load`; never half valid."""

    folder: Path
    about: SolutionFile
    architecture: ArchitectureFile
    things: Mapping[str, ThingModel]
    fleet: Fleet

    def device(self, device_id: str) -> Device | None:
        """The device with that id."""
        return next((d for d in self.fleet.devices if d.id == device_id), None)

    def site(self, site_id: str) -> Site:
        """The site with that id; KeyError cannot happen for ids of this solution's devices."""
        return next(s for s in self.fleet.sites if s.id == site_id)

    def room(self, device: Device) -> Room | None:
        """The room the device is in."""
        return next((r for r in self.site(device.site).rooms if r.id == device.room), None)

    def properties(self, device: Device) -> Mapping[str, Property]:
        """What the device's type can report."""
        return self.things[device.thing].properties
