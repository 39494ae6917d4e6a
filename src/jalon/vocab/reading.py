"""One observation of one property of one device."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ValueKind(StrEnum):
    """What a property's values are. Stored with the series, never guessed from a value."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    LOCATION = "location"


class Quality(IntEnum):
    """How far a stored value can be trusted. Ordered: larger is worse."""

    GOOD = 0
    OUT_OF_RANGE = 1
    """Outside the range the Thing Model declares; stored all the same."""


@dataclass(frozen=True, slots=True)
class Location:
    """WGS 84 position in degrees; altitude in metres."""

    latitude: float
    longitude: float
    altitude: float | None = None

    def __str__(self) -> str:
        place = f"geo:{self.latitude:.7g},{self.longitude:.7g}"
        return place if self.altitude is None else f"{place},{self.altitude:.7g}"

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read a `geo:` URI (RFC 5870) as `str()` writes it. Raises ValueError."""
        scheme, _, rest = text.partition(":")
        parts = [float(part) for part in rest.split(",")]
        if scheme != "geo" or len(parts) not in (2, 3):
            raise ValueError(text)
        return cls(*parts)


Value = float | bool | str | Location


@dataclass(frozen=True, slots=True)
class Reading:
    """`time_ms` is Unix time in milliseconds, UTC; `value` is in the unit of its series."""

    device: str
    property: str
    time_ms: int
    value: Value
    quality: Quality = Quality.GOOD
