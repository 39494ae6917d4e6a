"""Numbers, units, dates and durations as the reader writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit

from jalon.app.language import Language
from jalon.run.things import Property
from jalon.vocab.reading import Location, Value
from jalon.vocab.text import N_
from jalon.vocab.times import from_ms

NARROW_SPACE = "\u202f"
MISSING = "–"

_SIGNS = {
    "Cel": "°C",
    "[degF]": "°F",
    "[ppm]": "ppm",
    "[ppb]": "ppb",
    "lx": "lx",
    "deg": "°",
    "Ohm": "Ω",
    "kW.h": "kWh",
    "W.h": "Wh",
    "m3": "m³",
    "m2": "m²",
    "m/s2": "m/s²",
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "dB[SPL]": "dB",
    "dB[mW]": "dBm",
    "{#}": "",
    "1": "",
    "1/min": "/min",
    "1/h": "/h",
}
_DECIMALS = {
    "%": 0,
    "Cel": 1,
    "K": 1,
    "[degF]": 1,
    "[ppm]": 0,
    "[ppb]": 0,
    "lx": 0,
    "W": 0,
    "V": 2,
    "Pa": 0,
    "hPa": 1,
    "dB[SPL]": 1,
    "dB[mW]": 0,
}
"""Places that say what is measured and no more; by the value's size for other units."""
_LOCALES = {"en": "en_GB", "fr": "fr_FR"}


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes for one reader. Times are Unix ms and are shown in the zone that is given."""

    language: Language

    @property
    def locale(self) -> Locale:
        """Babel's locale of the reader."""
        return _locale(self.language.code)

    def unit(self, ucum: str) -> str:
        """The sign people know for a UCUM code."""
        return _SIGNS.get(ucum, ucum)

    def number(self, value: float | None, decimals: int | None = None) -> str:
        """A number with at most `decimals` places; by its size when None."""
        if value is None or math.isnan(value):
            return MISSING
        places = decimals if decimals is not None else _places(value)
        return _decimal(value, places, self.language.code)

    def count(self, value: int) -> str:
        """A whole number with its thousands set apart."""
        return format_decimal(value, "#,##0", locale=self.locale)

    def amount(self, value: float | None, ucum: str, decimals: int | None = None) -> str:
        """A number with its unit, kept on one line."""
        sign = self.unit(ucum) if value is not None else ""
        gap = "" if sign == "°" else NARROW_SPACE
        if sign == "%" and self.language.code == "en":
            gap = ""
        return (
            f"{self.number(value, decimals)}{gap}{sign}" if sign else self.number(value, decimals)
        )

    def value(self, value: Value | None, prop: Property) -> str:
        """Any value of a property."""
        match value:
            case None:
                return MISSING
            case bool():
                return self.language.gettext(N_("yes") if value else N_("no"))
            case int() | float():
                return self.amount(value, prop.unit or "", decimals(prop))
            case Location():
                return f"{self.number(value.latitude, 5)}°, {self.number(value.longitude, 5)}°"
            case str():
                return value

    def mean(self, value: float | None, prop: Property) -> str:
        """A mean of a property's values: of whole numbers it is none itself."""
        return self.amount(value, prop.unit or "", _DECIMALS.get(prop.unit or ""))

    def time(self, time_ms: int, zone: ZoneInfo, *, seconds: bool = True) -> str:
        """Date and time of day with the zone's short name."""
        name = from_ms(time_ms).astimezone(zone).tzname()
        return f"{self.moment(time_ms, zone, seconds=seconds)} {name}"

    def moment(self, time_ms: int, zone: ZoneInfo, *, seconds: bool = False) -> str:
        """Date and time of day, without the zone (said once beside the table)."""
        return _moment(time_ms, zone, seconds, self.language.code)

    def duration(self, seconds: float) -> str:
        """A length of time in the largest unit that leaves no rest."""
        for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
            if seconds >= size and seconds % size == 0:
                return format_unit(seconds / size, f"duration-{unit}", locale=self.locale)
        return format_unit(seconds, "duration-second", locale=self.locale)

    def iso(self, time_ms: int, zone: ZoneInfo) -> str:
        """For `<time datetime>`."""
        return _iso(time_ms, zone)

    def ago(self, time_ms: int, now_ms: int) -> str:
        """How long ago, honestly: seconds while it is seconds."""
        past = from_ms(time_ms) - from_ms(max(now_ms, time_ms))
        return format_timedelta(past, add_direction=True, threshold=1.5, locale=self.locale)

    def ahead(self, time_ms: int, now_ms: int) -> str:
        """In how long."""
        left = from_ms(max(now_ms, time_ms)) - from_ms(now_ms)
        return format_timedelta(left, add_direction=True, threshold=1.5, locale=self.locale)


# A page writes hundreds of moments and numbers, each several times, and asking Babel is slow:
# together they took half of the page's time.
@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_LOCALES[code])


@cache
def _months(code: str) -> Mapping[int, str]:
    """Short names, by number, as they stand in a date."""
    names: Mapping[int, str] = _locale(code).months["format"]["abbreviated"]
    return names


@lru_cache(maxsize=20_000)
def _moment(time_ms: int, zone: ZoneInfo, seconds: bool, code: str) -> str:
    local = from_ms(time_ms).astimezone(zone)
    clock = f"{local.hour:02}:{local.minute:02}" + (f":{local.second:02}" if seconds else "")
    return f"{local.day} {_months(code)[local.month]} {local.year}, {clock}"


@lru_cache(maxsize=20_000)
def _iso(time_ms: int, zone: ZoneInfo) -> str:
    return from_ms(time_ms).astimezone(zone).isoformat(timespec="milliseconds")


@lru_cache(maxsize=20_000)
def _decimal(value: float, places: int, code: str) -> str:
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, pattern, locale=_locale(code))


def decimals(prop: Property) -> int | None:
    """How many places a property's values deserve, where its unit or its type says so."""
    return _DECIMALS.get(prop.unit or "", 0 if prop.type == "integer" else None)


def _places(value: float) -> int:
    size = abs(value)
    if size >= 1000 or (size == int(size) and size >= 100):
        return 0
    return 1 if size >= 10 else 2
