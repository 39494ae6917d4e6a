"""CSV tables of readings: which column says what, and what a line says.

Three forms are known: Jalon's own export (a column each for device, property, time and value), one
series with a column of times and one of values, and a wide table with a column for each property
of one device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jalon.catalogues.units import UnitError, converter
from jalon.run.batch import Reason
from jalon.run.codecs.entry import Entry, Refused
from jalon.vocab.errors import UsageError
from jalon.vocab.reading import Location, ValueKind
from jalon.vocab.text import N_, Text

TIME_NAMES = ("time", "timestamp", "ts", "datetime", "date")
_KEPT_TEXT = re.compile(r"'['=+@\t\r-]")
"""How our own export begins a text that a spreadsheet would take for a formula."""
_TRUE = frozenset({"true", "1", "yes", "on", "vrai", "oui"})
_FALSE = frozenset({"false", "0", "no", "off", "faux", "non"})

Kinds = Mapping[str, Mapping[str, tuple[ValueKind, str]]]
"""Device → property → kind and unit of what may be stored."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person says of the table; None where the header is to tell."""

    device: str | None = None
    property: str | None = None
    time_column: str | None = None
    value_column: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a line: whose, and its text. `unit` is None for the declared one."""

    device: str
    property: str
    time: str
    value: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column says what, by number. A name in `device` or `property` stands for every line;
    a number there is the column that tells."""

    time: int
    values: tuple[tuple[int, str | int], ...]
    device: str | int
    unit: str | int | None
    width: int

    def cells(self, row: Sequence[str]) -> Iterator[Cell]:
        """The values of a line; empty cells of a wide table are no values. Raises Refused."""
        if len(row) != self.width:
            detail = f"{len(row)} columns, the header has {self.width}"
            raise Refused(Reason.MALFORMED, detail)
        device = _told(row, self.device)
        unit = None if self.unit is None else _told(row, self.unit)
        filled = 0
        for column, named in self.values:
            text = row[column].strip()
            if text:
                filled += 1
                yield Cell(device, _told(row, named), row[self.time], text, unit)
        if not filled:
            raise Refused(Reason.EMPTY, "no value on this line")


def layout(header: Sequence[str], wishes: Wishes, kinds: Kinds) -> Layout:
    """Find the form of a table from its header and what the person says of it.

    Raises UsageError with the sentence that says what is missing.
    """
    names = [name.strip() for name in header]
    time = _column(names, wishes.time_column, TIME_NAMES, "--time-column")
    if wishes.device is None:
        device: str | int = _column(names, None, ("device",), "--device")
    else:
        device = _device(wishes.device, kinds)
    unit = wishes.unit if wishes.unit is not None else _found(names, "unit")
    if wishes.property is None and _found(names, "property") is None:
        values = _wide(names, device, kinds)
        return Layout(time, values, device, wishes.unit, len(names))
    value = _column(names, wishes.value_column, ("value",), "--value-column")
    named = wishes.property if wishes.property is not None else names.index("property")
    if isinstance(device, str) and isinstance(named, str):
        _check(named, device, kinds, wishes.unit)
    return Layout(time, ((value, named),), device, unit, len(names))


def entry(cell: Cell, kind: ValueKind, time_ms: int, *, comma: bool = False) -> Entry:
    """What a cell says, typed as its property is. `comma`: decimals are written with a comma.

    Raises Refused.
    """
    text = cell.value
    match kind:
        case ValueKind.NUMBER:
            value: object = _number(text.replace(",", ".") if comma else text)
        case ValueKind.BOOLEAN:
            value = _boolean(text)
        case ValueKind.TEXT:
            value = text[1:] if _KEPT_TEXT.match(text) else text
        case ValueKind.LOCATION:
            value = _location(text)
    return Entry(cell.property, value, time_ms, cell.unit or None)


def _told(row: Sequence[str], by: str | int) -> str:
    return by if isinstance(by, str) else row[by].strip()


def _found(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def _column(names: list[str], wish: str | None, usual: Sequence[str], option: str) -> int:
    for name in usual if wish is None else (wish,):
        if name in names:
            return names.index(name)
    close = get_close_matches(wish or usual[0], names, n=1)
    raise UsageError(
        Text(
            N_("The table has no column “{name}”; its columns are: {columns}. See {option}."),
            {
                "name": wish or usual[0],
                "columns": ", ".join(close or names) if wish else ", ".join(names),
                "option": option,
            },
        )
    )


def _device(device: str, kinds: Kinds) -> str:
    if device not in kinds:
        close = get_close_matches(device, kinds, n=1)
        raise UsageError(
            Text(
                N_("No device has the id {device}. The nearest: {nearest}."),
                {"device": device, "nearest": close[0] if close else "-"},
            )
        )
    return device


def _wide(names: list[str], device: str | int, kinds: Kinds) -> tuple[tuple[int, str], ...]:
    if isinstance(device, int):
        known = {name for properties in kinds.values() for name in properties}
    else:
        known = set(kinds[device])
    values = tuple((at, name) for at, name in enumerate(names) if name in known)
    if not values:
        raise UsageError(
            Text(
                N_(
                    "No column is named as a property ({properties}). Say which property the "
                    "values are with --property."
                ),
                {"properties": ", ".join(sorted(known))},
            )
        )
    return values


def _check(name: str, device: str, kinds: Kinds, unit: str | None) -> None:
    """Say at once what would refuse every line."""
    known = kinds[device]
    if name not in known:
        raise UsageError(
            Text(
                N_("{device} has no property {property}; it has: {properties}."),
                {"device": device, "property": name, "properties": ", ".join(known)},
            )
        )
    if unit is not None:
        try:
            converter(unit, known[name][1])
        except UnitError as error:
            raise UsageError(error.text) from error


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused(Reason.NOT_A_NUMBER, f"{text[:40]!r} is not a number") from None


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE and word not in _FALSE:
        raise Refused(Reason.WRONG_TYPE, f"{text[:40]!r} is not true or false")
    return word in _TRUE


def _location(text: str) -> dict[str, float]:
    try:
        place = Location.parse(text)
    except ValueError:
        raise Refused(
            Reason.WRONG_TYPE, f"{text[:40]!r} is not a place such as geo:47.4,-0.55"
        ) from None
    found = {"latitude": place.latitude, "longitude": place.longitude}
    return found if place.altitude is None else found | {"altitude": place.altitude}
