"""The wire format of Protocol Buffers, as far as Sparkplug payloads need it.

Our own reader and not the library with made-up descriptors: four message types with a handful of
fields are read here in one pass over the bytes, nothing is built that the payload does not hold,
what is nested stays bytes until somebody wants it (so that depth costs nothing), and the types
are known to the type checker.
"""

from __future__ import annotations

from collections.abc import Iterator

Field = tuple[int, int | bytes]
"""Number and content: a number as it stands on the wire, unsigned, or bytes."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_NUMBER = 1 << 29


class Malformed(ValueError):  # noqa: N818 - an outcome
    """The bytes are no Protocol Buffers message; the sentence has the place."""


def fields(data: bytes) -> Iterator[Field]:
    """The fields of a message in the order they come. Raises Malformed."""
    at, end = 0, len(data)
    while at < end:
        start = at
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if not 0 < number < _MAX_NUMBER:
            raise Malformed(f"byte {start}: {number} is no field number")
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise Malformed(f"byte {start}: {kind} is no wire type")
        if at + size > end:
            raise Malformed(f"byte {at}: {size} bytes are announced, there are {end - at}")
        piece = data[at : at + size]
        at += size
        yield number, piece if kind == _BYTES else int.from_bytes(piece, "little")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next thing stands."""
    value = shift = 0
    for position in range(at, min(at + 10, len(data))):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position + 1
        shift += 7
    raise Malformed(f"byte {at}: a number without an end")


def number(field: int, value: int) -> bytes:
    """A whole number, not below zero."""
    return _key(field, _VARINT) + _digits(value)


def piece(field: int, value: bytes) -> bytes:
    """Bytes, a text in UTF-8, or a message."""
    return _key(field, _BYTES) + _digits(len(value)) + value


def _key(field: int, kind: int) -> bytes:
    return _digits(field << 3 | kind)


def _digits(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
