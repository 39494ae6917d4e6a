"""Whether an entry fits its property: kind, unit, range and time; and the row it becomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jalon.catalogues.units import UnitError, converter
from jalon.run.batch import Columns, Reason
from jalon.run.codecs.codec import Codec
from jalon.run.codecs.entry import Entry, Refused
from jalon.run.things import Property
from jalon.vocab.reading import Location, Quality, ValueKind

EARLIEST_MS = 946_684_800_000
"""2000-01-01: an older time is a clock that was never set, or seconds taken for milliseconds."""
FUTURE_MS = 300_000
"""How far ahead of the broker's clock a device's clock may run."""

Path = tuple[str, ...]
"""Keys down into what a codec gives; a number among them is an index of a list."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the values of one property go, and what they must be.

    A number without a unit of its own is `scale` times what was sent, plus `offset`.
    """

    series: int
    kind: ValueKind
    unit: str
    minimum: float
    maximum: float
    scale: float = 1.0
    offset: float = 0.0
    plain: bool = field(init=False)
    """Whether a number is stored as it was sent."""

    def __post_init__(self) -> None:
        untouched = self.scale == 1.0 and self.offset == 0.0
        object.__setattr__(self, "plain", self.kind is ValueKind.NUMBER and untouched)

    @classmethod
    def of(cls, series: int, declared: Property) -> Target:
        """The target of a declared property; without bounds every finite number is in range."""
        low = -math.inf if declared.minimum is None else declared.minimum
        high = math.inf if declared.maximum is None else declared.maximum
        unit = declared.unit or ""
        return cls(series, declared.kind, unit, low, high, declared.scale, declared.offset)


@dataclass(frozen=True, slots=True)
class Source:
    """A device as the intake knows it.

    `codec` reads its bytes; without one they are JSON. `paths` says where a property stands in
    what the codec gives when not under its own name; with a codec or paths, what no property asks
    for is left out. A `retired` device is refused.
    """

    device: str
    targets: Mapping[str, Target]
    codec: Codec | None = None
    paths: Mapping[str, Path] = field(default_factory=dict)
    retired: bool = False

    @property
    def selective(self) -> bool:
        """Whether it may say more than its properties."""
        return self.codec is not None or bool(self.paths)


def take_entry(source: Source, entry: Entry, time: object, received: int, columns: Columns) -> None:
    """Check one entry against its property and add the row. Raises Refused, adding nothing."""
    target = source.targets.get(entry.name)
    if target is None:
        raise Refused(Reason.UNKNOWN_PROPERTY, entry.name)
    time_ms = _time(entry.time if entry.time is not None else time, received)
    if target.kind is ValueKind.NUMBER:
        number = _number(entry, target)
        if not target.minimum <= number <= target.maximum:
            columns.flaws[len(columns)] = Quality.OUT_OF_RANGE
    elif target.kind is ValueKind.BOOLEAN:
        if type(entry.value) is not bool and entry.value not in (0, 1):
            raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected true or false")
        number = float(bool(entry.value))
    else:
        number = math.nan
        columns.texts[len(columns)] = _text(entry, target.kind)
    columns.series.append(target.series)
    columns.times_ms.append(time_ms)
    columns.numbers.append(number)


def _number(entry: Entry, target: Target) -> float:
    value = entry.value
    if value is None:
        raise Refused(Reason.NOT_A_NUMBER, f"{entry.name}: null")
    if type(value) is not float and type(value) is not int:
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected a number")
    try:
        value = float(value)
    except OverflowError:  # a plug-in may give whole numbers of any size
        value = math.inf
    if not math.isfinite(value):
        raise Refused(Reason.NOT_A_NUMBER, entry.name)
    if entry.unit is None or entry.unit == target.unit:
        if target.plain or entry.unit is not None:
            return value
        factor, offset = target.scale, target.offset
    else:
        try:
            factor, offset = converter(entry.unit, target.unit)
        except UnitError as error:
            raise Refused(Reason.WRONG_UNIT, f"{entry.name}: {error}") from None
    converted = value * factor + offset
    if not math.isfinite(converted):
        raise Refused(Reason.NOT_A_NUMBER, entry.name)
    return converted


def _text(entry: Entry, kind: ValueKind) -> str:
    value = entry.value
    if kind is ValueKind.TEXT:
        if not isinstance(value, str):
            raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected a text")
        return value
    if not isinstance(value, dict):
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected latitude and longitude")
    coordinates = [value.get("latitude"), value.get("longitude"), value.get("altitude", 0.0)]
    if any(type(one) not in (int, float) for one in coordinates):
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: expected latitude and longitude")
    latitude, longitude = value["latitude"], value["longitude"]
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused(Reason.WRONG_TYPE, f"{entry.name}: not a place on Earth")
    return str(Location(latitude, longitude, value.get("altitude")))


def _time(time: object, received: int) -> int:
    """Unix milliseconds of what the sender wrote; when it was received if it wrote nothing."""
    if time is None:
        return received
    if isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            raise Refused(Reason.INVALID_TIME, f"{time!r} is not an ISO 8601 time") from None
        if moment.tzinfo is None:
            raise Refused(Reason.INVALID_TIME, f"{time!r} has no offset from UTC")
        time = moment.timestamp() * 1000
    if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
        raise Refused(Reason.INVALID_TIME, "expected Unix milliseconds or an ISO 8601 time")
    if time < EARLIEST_MS:
        raise Refused(Reason.INVALID_TIME, f"{time} is before 2000; Jalon reads milliseconds")
    if time > received + FUTURE_MS:
        ahead = round((time - received) / 1000)
        raise Refused(Reason.FUTURE, f"{ahead} s ahead of the broker's clock")
    return round(time)
