"""Which values an integration is about."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pydantic import Field

from jalon.run.fleet import Device
from jalon.vocab.entries import Identifier, Strict


class Select(Strict):
    """What is empty leaves all in; a device has to fit every list, each by one of its words."""

    sites: list[Identifier] = Field(default_factory=list, description="Ids of sites.")
    things: list[str] = Field(default_factory=list, description="Types of devices.")
    devices: list[str] = Field(
        default_factory=list, description="Ids of devices; * stands for any letters."
    )
    tags: list[str] = Field(default_factory=list, description="Tags of devices.")
    properties: list[str] = Field(
        default_factory=list, description="Names of properties; * stands for any letters."
    )

    def takes_device(self, device: Device) -> bool:
        """Whether the device is meant."""
        return (
            (not self.sites or device.site in self.sites)
            and (not self.things or device.thing in self.things)
            and (not self.tags or bool(set(self.tags) & set(device.tags)))
            and _fits(device.id, self.devices)
        )

    def takes(self, device: Device, name: str) -> bool:
        """Whether this property of the device is meant."""
        return _fits(name, self.properties) and self.takes_device(device)


def _fits(word: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatchcase(word, pattern) for pattern in patterns)
