"""Cayenne Low Power Payload: channel, type, value, again and again, read and written.

Values are named by type and channel, as `temperature_1`: the names that The Things Stack gives
with its own Cayenne decoder, so that a Thing Model fits frames decoded here and there alike. They
are in °C, %, lux, hPa, V, A, Hz, ppm, W, m, kWh, degrees; g for acceleration, °/s for rotation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jalon.run.batch import Reason
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused


@dataclass(frozen=True, slots=True)
class _Type:
    """A type of value: `axes` numbers of `size` bytes each, most significant first.

    The divisor brings each to its unit; a division keeps 27.2 where a product would not.
    """

    code: int
    name: str
    size: int
    divisors: tuple[int, ...] = (1,)
    signed: bool = False
    axes: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        return self.size * len(self.divisors)


_XYZ = ("x", "y", "z")
_TYPES = (
    _Type(0, "digital_in", 1),
    _Type(1, "digital_out", 1),
    _Type(2, "analog_in", 2, (100,), signed=True),
    _Type(3, "analog_out", 2, (100,), signed=True),
    _Type(100, "generic", 4),
    _Type(101, "luminosity", 2),
    _Type(102, "presence", 1),
    _Type(103, "temperature", 2, (10,), signed=True),
    _Type(104, "relative_humidity", 1, (2,)),
    _Type(113, "accelerometer", 2, (1000,) * 3, True, _XYZ),
    _Type(115, "barometric_pressure", 2, (10,)),
    _Type(116, "voltage", 2, (100,)),
    _Type(117, "current", 2, (1000,)),
    _Type(118, "frequency", 4),
    _Type(120, "percentage", 1),
    _Type(121, "altitude", 2, signed=True),
    _Type(125, "concentration", 2),
    _Type(128, "power", 2),
    _Type(130, "distance", 4, (1000,)),
    _Type(131, "energy", 4, (1000,)),
    _Type(132, "direction", 2),
    _Type(133, "unix_time", 4),
    _Type(134, "gyrometer", 2, (100,) * 3, True, _XYZ),
    _Type(135, "colour", 1, (1, 1, 1), False, ("red", "green", "blue")),
    _Type(136, "gps", 3, (10_000, 10_000, 100), True, ("latitude", "longitude", "altitude")),
    _Type(142, "switch", 1),
)
_BY_CODE = {one.code: one for one in _TYPES}
_BY_NAME = {one.name: one for one in _TYPES}
_NAMED = re.compile(r"([a-z_]+)_(\d{1,3})")
_MAX_FRAME = 255


def is_name(name: str) -> bool:
    """Whether a value can have this name: `temperature_1`, and `gps_1` for its three numbers."""
    return _named(name) is not None


class CayenneLpp:
    """The codec of every device that speaks Cayenne LPP; it keeps nothing between frames."""

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """One object of values a frame; the later one holds when a channel comes twice."""
        return [_outcome(frame.payload) for frame in frames]

    def encode(self, values: Mapping[str, object]) -> Frame:
        """Write `{"temperature_1": 21.5}` and the like. Raises Refused."""
        payload = b"".join(_written(name, value) for name, value in values.items())
        if not payload:
            raise Refused(Reason.EMPTY, "nothing to write")
        if len(payload) > _MAX_FRAME:
            raise Refused(Reason.CODEC, f"{len(payload)} bytes, a frame has {_MAX_FRAME} at most")
        return Frame(payload)


def _outcome(payload: bytes) -> Output | Refused:
    values: dict[str, object] = {}
    warnings: list[str] = []
    at = 0
    try:
        while at < len(payload):
            kind, channel = _head(payload, at)
            name = f"{kind.name}_{channel}"
            if name in values:
                warnings.append(f"byte {at}: {name} comes twice")
            values[name] = _value(kind, payload[at + 2 : at + 2 + kind.length])
            at += 2 + kind.length
    except Refused as refused:
        return refused
    if not values:
        return Refused(Reason.EMPTY, "no payload")
    return Output(values, tuple(warnings))


def _head(payload: bytes, at: int) -> tuple[_Type, int]:
    """Type and channel of the value at a byte, whole."""
    if at + 1 >= len(payload):
        raise Refused(Reason.CODEC, f"byte {at}: a channel without a type")
    kind = _BY_CODE.get(payload[at + 1])
    if kind is None:
        raise Refused(Reason.CODEC, f"byte {at + 1}: {payload[at + 1]} is no type of Cayenne LPP")
    there = len(payload) - at - 2
    if there < kind.length:
        detail = f"byte {at + 2}: {kind.name} has {kind.length} bytes, there are {there}"
        raise Refused(Reason.CODEC, detail)
    return kind, payload[at]


def _value(kind: _Type, data: bytes) -> object:
    numbers: list[float] = []
    for index, divisor in enumerate(kind.divisors):
        piece = data[index * kind.size : (index + 1) * kind.size]
        raw = int.from_bytes(piece, "big", signed=kind.signed)
        numbers.append(raw / divisor if divisor > 1 else raw)
    return dict(zip(kind.axes, numbers, strict=True)) if kind.axes else numbers[0]


def _named(name: str) -> tuple[_Type, int] | None:
    found = _NAMED.fullmatch(name)
    kind = _BY_NAME.get(found[1]) if found else None
    return (kind, int(found[2])) if found and kind and int(found[2]) < 256 else None


def _written(name: str, value: object) -> bytes:
    found = _named(name)
    if found is None:
        detail = f"{name} is not a type of Cayenne LPP with a channel, such as temperature_1"
        raise Refused(Reason.UNKNOWN_PROPERTY, detail)
    kind, channel = found
    parts: Sequence[object] = (value,)
    if kind.axes:
        if not isinstance(value, Mapping):
            raise Refused(Reason.WRONG_TYPE, f"{name}: expected {', '.join(kind.axes)}")
        # A place without a height is at 0 m: the format has no way to leave it out.
        parts = [value.get(axis, 0 if axis == "altitude" else None) for axis in kind.axes]
    data = bytes((channel, kind.code))
    for part, divisor in zip(parts, kind.divisors, strict=True):
        data += _number(name, part, divisor, kind)
    return data


def _number(name: str, value: object, divisor: int, kind: _Type) -> bytes:
    if not isinstance(value, int | float):
        raise Refused(Reason.WRONG_TYPE, f"{name}: expected a number")
    try:
        return round(value * divisor).to_bytes(kind.size, "big", signed=kind.signed)
    except (OverflowError, ValueError):  # out of range, infinite, not a number
        raise Refused(Reason.CODEC, f"{name}: {value} does not fit") from None
