"""One field of a binary layout: from its bytes to its value and back."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

import numpy as np

from jalon.run.batch import Reason
from jalon.run.codecs.entry import Refused
from jalon.run.codecs.layout import BinaryField, BitPart, FieldType, Order, Valued

_FLOATS = {2: "e", 4: "f", 8: "d"}
_SHORT = {2: np.float16, 4: np.float32}


@dataclass(frozen=True, slots=True)
class NoValue:
    """The bytes say that there is no value, or (`code`) one for which there is no word."""

    code: int | None = None


NOTHING = NoValue()


def read(item: BinaryField, data: bytes, order: Order) -> object:
    """The value in `data`, or a NoValue. Raises Refused with what is wrong (without the place)."""
    match item.type:
        case FieldType.BOOL:
            return data != b"\0"
        case FieldType.HEX:
            return data.hex()
        case FieldType.STRING:
            try:
                return data.rstrip(b"\0").decode()
            except UnicodeDecodeError:
                raise Refused(Reason.CODEC, "this is not UTF-8") from None
    if item.type.real:
        return _float(item, data, order)
    bits = int.from_bytes(data, order.value)
    if _is_missing(item, bits, len(data) * 8):
        return NOTHING
    if item.type is FieldType.BCD:
        digits = f"{bits:0{len(data) * 2}x}"
        if not digits.isdecimal():
            raise Refused(Reason.CODEC, f"0x{digits} is not decimal digits")
        return _value(item, int(digits))
    return _value(item, _signed(bits, len(data) * 8) if item.type.signed else bits)


def read_part(part: BitPart, container: int) -> object:
    """The value of some bits, or a NoValue. Raises Refused."""
    bits = container >> part.span[0] & _mask(part.width)
    if _is_missing(part, bits, part.width):
        return NOTHING
    if part.flag:
        return bool(bits)
    return _value(part, _signed(bits, part.width) if part.signed else bits)


def write(item: BinaryField, value: object, order: Order) -> bytes:
    """The bytes that say `value`; None is no value. Raises Refused."""
    size = item.size
    if item.type is FieldType.HEX or item.type is FieldType.STRING:
        return _text(item, value)
    assert size is not None
    if item.type is FieldType.BOOL:
        if value not in (0, 1):
            raise _misfit(item, value)
        return b"\1" if value else b"\0"
    if item.type.real:
        return _float_bytes(item, value, size, order)
    if value is None:
        bits = _nothing(item) & _mask(size * 8)
    elif item.type is FieldType.BCD:
        digits = str(_raw(item, value))
        if not digits.isdecimal() or len(digits) > size * 2:
            raise _misfit(item, value)
        bits = int(digits, 16)
    else:
        bits = _bits(item, value, size * 8, signed=item.type.signed)
    return bits.to_bytes(size, order.value)


def write_part(part: BitPart, value: object) -> int:
    """The container with only these bits set. Raises Refused."""
    if value is None:
        bits = _nothing(part) & _mask(part.width)
    elif part.flag and value not in (0, 1):
        raise _misfit(part, value)
    else:
        bits = _bits(part, value, part.width, signed=part.signed)
    return bits << part.span[0]


def may_be_missing(item: Valued) -> bool:
    """Whether there are bytes that say that there is no value."""
    return (
        bool(item.missing)
        or item.const is not None
        or item.name is None
        or (isinstance(item, BinaryField) and item.type.real)
    )


def _mask(width: int) -> int:
    return (1 << width) - 1


def _signed(bits: int, width: int) -> int:
    return bits - (1 << width) if bits >> (width - 1) else bits


def _is_missing(item: Valued, bits: int, width: int) -> bool:
    """`missing` and `const` may be written as signed numbers or as bits: 0xFFFF or -1."""
    if item.const is not None and bits != item.const & _mask(width):
        raise Refused(Reason.CODEC, f"{bits:#x} where the layout has {item.const:#x}")
    return any(bits == one & _mask(width) for one in item.missing)


def _value(item: Valued, raw: int) -> object:
    if item.words is not None:
        return item.by_number.get(raw, NoValue(raw))
    if item.plain:
        return raw
    scaled = raw * _exact(item.scale) + _exact(item.offset)
    return int(scaled) if scaled == scaled.to_integral_value() else float(scaled)


def _raw(item: Valued, value: object) -> int:
    """The whole number that stands for a value. Raises Refused."""
    if item.words is not None:
        for raw, word in item.by_number.items():
            if word == value:
                return raw
        raise _misfit(item, value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise _misfit(item, value)
    scaled = (Decimal(repr(value + 0)) - _exact(item.offset)) / _exact(item.scale)
    return int(scaled.to_integral_value(ROUND_HALF_EVEN))


def _bits(item: Valued, value: object, width: int, *, signed: bool) -> int:
    raw = _raw(item, value)
    low, high = (-(1 << width - 1), (1 << width - 1) - 1) if signed else (0, _mask(width))
    if not low <= raw <= high:
        raise _misfit(item, value)
    bits = raw & _mask(width)
    if any(bits == one & _mask(width) for one in item.missing):
        raise Refused(Reason.CODEC, f"{item.name}: {value} would be read as no value")
    if item.const is not None and bits != item.const & _mask(width):
        raise Refused(Reason.CODEC, f"{item.name}: only {item.const:#x} can stand here")
    return bits


def _nothing(item: Valued) -> int:
    if item.const is not None:
        return item.const
    return item.missing[0] if item.missing else 0


@lru_cache(maxsize=256)
def _exact(number: float) -> Decimal:
    """The decimal that the author wrote: 0.1 is a tenth, so that 235 tenths are 23.5."""
    return Decimal(repr(number))


def _float(item: BinaryField, data: bytes, order: Order) -> object:
    sign = ">" if order is Order.BIG else "<"
    number: float = struct.unpack(sign + _FLOATS[len(data)], data)[0]
    if not math.isfinite(number):
        return NOTHING
    if short := _SHORT.get(len(data)):
        # The shortest decimal that is the same float: 21.3, not 21.299999237060547.
        number = float(str(short(number)))
    if item.plain:
        return number
    scaled = number * item.scale + item.offset
    return scaled if math.isfinite(scaled) else NOTHING


def _float_bytes(item: BinaryField, value: object, size: int, order: Order) -> bytes:
    number = math.nan if value is None else value
    if not isinstance(number, int | float):
        raise _misfit(item, value)
    if not item.plain:
        number = (number - item.offset) / item.scale
    try:
        return struct.pack((">" if order is Order.BIG else "<") + _FLOATS[size], number)
    except (OverflowError, struct.error):
        raise _misfit(item, value) from None


def _text(item: BinaryField, value: object) -> bytes:
    if value is None and item.name is None:
        return bytes(item.length or 0)
    if not isinstance(value, str):
        raise _misfit(item, value)
    try:
        data = value.encode() if item.type is FieldType.STRING else bytes.fromhex(value)
    except ValueError:
        raise _misfit(item, value) from None
    if item.length is None:
        return data
    if len(data) > item.length or (item.type is FieldType.HEX and len(data) < item.length):
        raise _misfit(item, value)
    return data.ljust(item.length, b"\0")


def _misfit(item: Valued, value: object) -> Refused:
    if value is None:
        return Refused(Reason.EMPTY, f"{item.name} is missing")
    kind = item.type.value if isinstance(item, BinaryField) else "these bits"
    return Refused(Reason.WRONG_TYPE, f"{item.name}: {value!r:.60} does not fit in {kind}")
