"""How a virtual device's property behaves: the term `jalon:signal` of a Thing Model.

A property without a signal is never reported by its virtual device. Figures are in the property's
own unit unless a name says otherwise (`_min` minutes, `_s` seconds, `_w` watts).
"""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Hours = Annotated[float, Field(ge=0, lt=24)]


class Hourly(StrEnum):
    """When people are there: weekdays, hours and holidays, in the site's zone."""

    SCHOOL = "school"
    """Monday to Friday 8:30 to 16:30, no Wednesday afternoon, French school holidays empty."""
    OFFICE = "office"
    SHOP = "shop"
    """Monday to Saturday 9:00 to 19:30."""
    ALWAYS = "always"


class Signal(BaseModel):
    """What every signal has: the sensor's own flaws.

    `resolution` is the step the sensor reports in, `noise` the standard deviation, `drift` what is
    added in a year, `spikes` the share of reports that are far off, `stuck` the chance that the
    sensor repeats one value for some hours on a given day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    resolution: Positive | None = None
    noise: NotNegative = 0.0
    drift: float = 0.0
    spikes: Share = 0.0
    stuck: Share = 0.0


class Co2(Signal):
    """CO₂ of an occupied room, ppm. `per_person` is the exhaled CO₂ in litres an hour, `volume`
    the room in m³ (from its capacity when absent), air changes are per hour."""

    kind: Literal["co2"]
    calendar: Hourly = Hourly.SCHOOL
    outdoor: Positive = 420
    per_person: Positive = 17
    volume: Positive | None = None
    air_changes: Positive = 1.2
    air_changes_windows: Positive = 6
    resolution: Positive | None = 1
    noise: NotNegative = 8


class RoomTemperature(Signal):
    """Air temperature of a heated room, °C: heated to `comfort` in working hours and to `setback`
    else; people and the sun warm it, the season cools it."""

    kind: Literal["room-temperature"]
    calendar: Hourly = Hourly.SCHOOL
    comfort: float = 20.5
    setback: float = 16.5
    resolution: Positive | None = 0.1
    noise: NotNegative = 0.05


class RoomHumidity(Signal):
    """Relative humidity of a room, %: the water of the outdoor air and of the people, at the room's
    temperature (the device's `room-temperature` signal when it has one)."""

    kind: Literal["room-humidity"]
    calendar: Hourly = Hourly.SCHOOL
    resolution: Positive | None = 1
    noise: NotNegative = 0.4


class People(Signal):
    """How many people are in the room."""

    kind: Literal["people"]
    calendar: Hourly = Hourly.SCHOOL
    resolution: Positive | None = 1


class Presence(Signal):
    """Boolean: somebody is in the room."""

    kind: Literal["presence"]
    calendar: Hourly = Hourly.SCHOOL


class Outdoor(Signal):
    """Outdoor temperature, °C, of a temperate climate: season, day and weather."""

    kind: Literal["outdoor-temperature"]
    mean: float = 12
    season: NotNegative = 8
    day: NotNegative = 4
    resolution: Positive | None = 0.1
    noise: NotNegative = 0.1


class Cold(Signal):
    """Air temperature of a refrigerated cabinet or room, °C: a compressor switching `band` around
    the set-point, a defrost every `defrost_h` hours, door openings.

    `cooling` and `warming` are °C an hour at the set-point; `lag_min` makes it a product probe.
    """

    kind: Literal["cold"]
    setpoint: float = 3
    band: Positive = 1.5
    cooling: Positive = 9
    warming: Positive = 4
    door_warming: Positive = 40
    defrost_h: Positive = 8
    defrost_min: Positive = 15
    lag_min: NotNegative = 0
    resolution: Positive | None = 0.1
    noise: NotNegative = 0.05


class Setpoint(Signal):
    """The set-point of the device's `cold` signal, changed by a command."""

    kind: Literal["setpoint"]
    resolution: Positive | None = 0.1


class Door(Signal):
    """Boolean: the door is open. `per_hour` openings in working hours, `open_s` seconds each on
    average; `forgotten` is the chance in a day that it stays open much longer."""

    kind: Literal["door"]
    calendar: Hourly = Hourly.SHOP
    per_hour: NotNegative = 4
    open_s: Positive = 40
    forgotten: Share = 0.02


class Power(Signal):
    """Electric power, W, of the device's compressor: running, idle, defrosting."""

    kind: Literal["power"]
    running_w: NotNegative = 320
    idle_w: NotNegative = 12
    defrost_w: NotNegative = 450
    resolution: Positive | None = 1
    noise: NotNegative = 4


class Compressor(Signal):
    """Text: what the device's compressor does, in the author's words."""

    kind: Literal["compressor"]
    running: str = "running"
    idle: str = "idle"
    defrost: str = "defrost"


class Co2Level(Signal):
    """Text: a word for the CO₂ that the device measures. Each of `limits` (ppm, ascending) begins
    the next word, so there is one word more than limits."""

    kind: Literal["co2-level"]
    calendar: Hourly = Hourly.SCHOOL
    limits: list[float] = Field(min_length=1)
    words: list[str] = Field(min_length=2)


class Battery(Signal):
    """A primary cell that empties in `life_days`, then is replaced: volts from `full` to `empty`
    along a lithium discharge curve (`curve: lithium`), or an even share (`curve: linear`).

    Without `started` (share already used on 2025-01-01) each device has its own age.
    """

    kind: Literal["battery"]
    full: float = 3.6
    empty: float = 2.8
    life_days: Positive = 900
    started: Share | None = None
    curve: Literal["lithium", "linear"] = "lithium"
    resolution: Positive | None = 0.01


class Daily(Signal):
    """Anything with a daily rhythm: `mean` plus `amplitude` at `peak_hour` local time, less at
    weekends by the factor `weekend`, never below `floor`."""

    kind: Literal["daily"]
    mean: float
    amplitude: float = 0
    peak_hour: Hours = 14
    weekend: float = 1
    floor: float | None = None


class Constant(Signal):
    """Always the same, such as a firmware version."""

    kind: Literal["constant"]
    value: float | bool | str


class Choice(Signal):
    """One word out of several, each lasting about `lasts_min` minutes."""

    kind: Literal["choice"]
    values: list[str] = Field(min_length=1)
    lasts_min: Positive = 120


class Waypoint(BaseModel):
    """A stop of a route, WGS 84 degrees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Route(Signal):
    """Location of a vehicle: on each working day it leaves the first stop at `departs`, drives
    from stop to stop at `speed` km/h, waits `stop_min` minutes at each, and comes back."""

    kind: Literal["route"]
    calendar: Hourly = Hourly.OFFICE
    stops: list[Waypoint] = Field(min_length=2)
    departs: time = time(7, 30)
    speed: Positive = 45
    stop_min: NotNegative = 15


SignalSpec = Annotated[
    Co2
    | RoomTemperature
    | RoomHumidity
    | People
    | Presence
    | Outdoor
    | Cold
    | Setpoint
    | Door
    | Power
    | Compressor
    | Co2Level
    | Battery
    | Daily
    | Constant
    | Choice
    | Route,
    Field(discriminator="kind"),
]
"""One of the signals above, told apart by `kind`."""
