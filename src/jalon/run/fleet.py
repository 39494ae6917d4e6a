"""Sites, places and devices: `fleet/sites.yaml` and `fleet/devices.csv` or `.yaml`."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from jalon.vocab.entries import Identifier, Strict


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("not an IANA time zone")
    return zone


Zone = Annotated[str, AfterValidator(_known_zone)]


class Room(Strict):
    """A place inside a site: a classroom, a cold room, a corridor."""

    id: Identifier
    name: str
    floor: str | None = None
    capacity: int | None = Field(default=None, ge=0, description="people")


class Site(Strict):
    """A place with an address and a time zone."""

    id: Identifier
    name: str
    zone: Zone
    address: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    rooms: list[Room] = Field(default_factory=list)

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which this site's days begin."""
        return ZoneInfo(self.zone)


class Device(Strict):
    """One device. Over LoRaWAN it is known by `dev_eui`; over MQTT by its id."""

    id: Identifier
    name: str
    thing: str
    site: str
    room: str | None = None
    dev_eui: str | None = Field(default=None, pattern=r"^[0-9a-f]{16}$")
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    tags: list[str] = Field(default_factory=list)


class Fleet(Strict):
    """Every site and device of the solution."""

    sites: list[Site] = Field(default_factory=list)
    devices: list[Device] = Field(default_factory=list)
