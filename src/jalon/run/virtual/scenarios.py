"""Scenarios: what happens to virtual devices at what time, as it is written in a YAML file.

Times are counted from when the scenario begins: `at: 5m` is five minutes later, `at: -30m` has
begun half an hour before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jalon.run.fleet import Device
from jalon.run.virtual.devices import VirtualDevice
from jalon.vocab.entries import Identifier, Strict, refusal
from jalon.vocab.text import N_, Text

_SPAN = re.compile(r"(-?)(\d+(?:\.\d+)?)([smhd])")
_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def _span(value: object) -> object:
    """`90s`, `-30m`, `2h`: milliseconds."""
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refusal(Text(N_("Write a duration as 90s, 10m, 2h or 1d.")))
    sign = -1 if found[1] else 1
    return sign * round(float(found[2]) * _MS[found[3]])


Span = Annotated[int, BeforeValidator(_span)]


class Happening(Strict):
    """Something that happens to the devices for which all that is given holds; to every device
    when nothing is given."""

    at: Span = Field(description="When it begins, from the start of the scenario.")
    lasts: Annotated[Span, Field(gt=0)] = Field(alias="for", description="How long.")
    devices: list[Identifier] = Field(default_factory=list, description="Only these devices.")
    site: Identifier | None = Field(default=None, description="Only at this site.")
    room: Identifier | None = Field(default=None, description="Only in this room.")
    thing: Identifier | None = Field(default=None, description="Only of this type.")
    over: Literal["lorawan", "mqtt"] | None = Field(
        default=None, description="Only those that speak so."
    )

    def concerns(self, device: Device) -> bool:
        """Whether it happens to this device."""
        over = "lorawan" if device.dev_eui is not None else "mqtt"
        return (
            (not self.devices or device.id in self.devices)
            and self.site in (None, device.site)
            and self.room in (None, device.room)
            and self.thing in (None, device.thing)
            and self.over in (None, over)
        )


class Silent(Happening):
    """Nothing they say arrives: a gateway or the network is down."""

    kind: Literal["silent"]


class DoorOpen(Happening):
    """The door of a cabinet stands open; the cold leaves it."""

    kind: Literal["door-open"]


class Crowd(Happening):
    """So many people are in the room, whatever its calendar says; their breath stays in it."""

    kind: Literal["crowd"]
    people: int = Field(ge=0, description="How many, at least.")


class Held(Happening):
    """A property has one value."""

    kind: Literal["value"]
    property: str = Field(description="Which property.")
    value: bool | int | float | str = Field(description="What it is then.")


class Scenario(Strict):
    """A whole scenario."""

    description: str = Field(default="", description="What it shows.")
    events: list[Annotated[Silent | DoorOpen | Crowd | Held, Field(discriminator="kind")]] = Field(
        description="What happens, in any order."
    )


def play(scenario: Scenario, start_ms: int, cast: Iterable[tuple[Device, VirtualDevice]]) -> None:
    """Let it happen to virtual devices, the scenario beginning at `start_ms` (Unix ms)."""
    for device, virtual in cast:
        for event in scenario.events:
            if event.concerns(device):
                begin = start_ms + event.at
                _happen(event, virtual, begin, begin + event.lasts)


def _happen(event: Happening, virtual: VirtualDevice, start_ms: int, end_ms: int) -> None:
    match event:
        case Silent():
            virtual.fate.fall_silent(start_ms, end_ms)
        case DoorOpen():
            virtual.fate.open_door(start_ms, end_ms)
        case Crowd(people=people):
            virtual.fate.bring_people(start_ms, end_ms, people)
        case Held(property=name, value=value):
            virtual.fate.hold(name, value, start_ms, end_ms)
