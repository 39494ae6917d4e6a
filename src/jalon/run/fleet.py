"""Sites, places and devices: `fleet/sites.yaml` and `fleet/devices.csv` or `.yaml`."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from jalon.vocab.entries import Identifier, Strict, refusal
from jalon.vocab.text import N_, Text


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        close = get_close_matches(zone, available_timezones(), n=1)
        example = close[0] if close else "Europe/Paris"
        raise refusal(
            Text(
                N_("This is no time zone of the IANA list; write it as “{zone}”."),
                {"zone": example},
            )
        )
    return zone


def _plain_eui(value: object) -> object:
    """Labels and consoles write `70-B3-D5-…` or `70:B3:D5:…`, in either case."""
    return re.sub("[-: ]", "", value).lower() if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(_known_zone)]
DevEui = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$"), BeforeValidator(_plain_eui)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Room(Strict):
    """A place inside a site: a classroom, a cold room, a corridor."""

    id: Identifier = Field(description="Id, unique in its site.")
    name: str = Field(description="What people call it.")
    floor: str | None = Field(default=None, description="Storey, in quotes when it is a number.")
    capacity: int | None = Field(default=None, ge=0, description="How many people it is made for.")


class Site(Strict):
    """A place with an address and a time zone."""

    id: Identifier = Field(description="Id by which devices name the site.")
    name: str = Field(description="What people call it.")
    zone: Zone = Field(description="IANA time zone in which its days begin, as Europe/Paris.")
    address: str | None = Field(default=None, description="Postal address.")
    latitude: Latitude | None = Field(default=None, description="Degrees, WGS 84, north is +.")
    longitude: Longitude | None = Field(default=None, description="Degrees, WGS 84, east is +.")
    rooms: list[Room] = Field(default_factory=list, description="Places inside the site.")

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which this site's days begin."""
        return ZoneInfo(self.zone)


class Device(Strict):
    """One device. Over LoRaWAN it is known by `dev_eui`; over MQTT by its id."""

    id: Identifier = Field(description="Id, unique in the solution; part of the MQTT topic.")
    name: str = Field(description="What people call it.")
    thing: str = Field(description="Its type: the name of a file of things/ without .tm.yaml.")
    site: str = Field(description="Id of the site it is at.")
    room: str | None = Field(default=None, description="Id of the room it is in.")
    dev_eui: DevEui | None = Field(
        default=None,
        description="LoRaWAN DevEUI, 16 hexadecimal digits; makes it a LoRaWAN device.",
    )
    link: str | None = Field(
        default=None,
        description="Id of the link of links.yaml that hears it; without one it connects to us.",
    )
    address: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="How it is known there: the topic it cannot change, a Modbus unit, a node.",
    )
    serial: str | None = Field(
        default=None, max_length=128, description="What is written on the case."
    )
    retired: date | None = Field(
        default=None, description="Day since which it is out of service; its history stays."
    )
    latitude: Latitude | None = Field(default=None, description="Degrees, WGS 84, north is +.")
    longitude: Longitude | None = Field(default=None, description="Degrees, WGS 84, east is +.")
    tags: list[str] = Field(
        default_factory=list, description="Free words to find it by; in CSV separated by spaces."
    )


class SitesFile(Strict):
    """The whole of `fleet/sites.yaml`."""

    sites: list[Site] = Field(default_factory=list, description="Places with an address.")


class DevicesFile(Strict):
    """The whole of `fleet/devices.yaml`; `fleet/devices.csv` has one line a device."""

    devices: list[Device] = Field(default_factory=list, description="Every device.")


class Fleet(Strict):
    """Every site and device of the solution."""

    sites: list[Site] = Field(default_factory=list)
    devices: list[Device] = Field(default_factory=list)
