"""Sparkplug B payloads (specification 3.0, chapter 6), read and written.

Field and type numbers are those the specification publishes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from jalon.adapters.links.sparkplug import wire
from jalon.adapters.links.sparkplug.wire import Malformed

MAX_METRICS = 20_000
"""Metrics of one message; a birth certificate of a big node has some thousands."""
MAX_BYTES = 2 << 20
_LONGEST_TEXT = 10_000
GOOD = 192
"""Value of the property `Quality` when it is well: 0 is bad and 500 stale."""


class DataType(IntEnum):
    """What a metric's value is."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19


_SIGNED = {DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64}
_UNSIGNED = {
    DataType.UINT8: 8,
    DataType.UINT16: 16,
    DataType.UINT32: 32,
    DataType.UINT64: 64,
    DataType.DATETIME: 64,
}
_TEXTS = frozenset({DataType.STRING, DataType.TEXT, DataType.UUID})
_BLOBS = frozenset({DataType.BYTES, DataType.FILE})
_COMPOSED = {
    16: "DataSet",
    19: "Template",
    20: "PropertySet",
    21: "PropertySetList",
    **dict.fromkeys(range(22, 35), "array"),
}


class NotStored(Exception):  # noqa: N818 - an outcome
    """A value that cannot become a reading; the words say why."""


# Fields of Payload, Metric, PropertySet and PropertyValue.
_TIMESTAMP, _METRICS, _SEQ = 1, 2, 3
_NAME, _ALIAS, _TIME, _TYPE, _HISTORICAL, _NULL, _PROPERTIES = 1, 2, 3, 4, 5, 7, 9
_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING, _BYTES = 10, 11, 12, 13, 14, 15, 16
_KEYS, _VALUES, _VALUE_INT, _VALUE_LONG = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as it stands in a message. `value` is its field's number and content; None when
    there is none, or `null`. `time_ms` is 0 without a time; `quality` None when not told."""

    name: str = ""
    alias: int | None = None
    time_ms: int = 0
    datatype: int = 0
    historical: bool = False
    null: bool = False
    value: wire.Field | None = None
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: `seq` is 0 when left out, as some writers leave out zeros."""

    time_ms: int = 0
    seq: int = 0
    metrics: tuple[Metric, ...] = ()

    def metric(self, name: str) -> Metric | None:
        """The metric with that name."""
        return next((one for one in self.metrics if one.name == name), None)


def read(data: bytes) -> Payload:
    """Raises Malformed."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"{len(data)} bytes, at most {MAX_BYTES}")
    time_ms = seq = 0
    metrics: list[Metric] = []
    for field, content in wire.fields(data):
        if field == _TIMESTAMP:
            time_ms = _number(content)
        elif field == _SEQ:
            seq = _number(content)
        elif field == _METRICS:
            metrics.append(_metric(_bytes(content)))
            if len(metrics) > MAX_METRICS:
                raise Malformed(f"more than {MAX_METRICS} metrics")
    return Payload(time_ms, seq, tuple(metrics))


def _metric(data: bytes) -> Metric:
    numbers = {_TIME: 0, _TYPE: 0, _HISTORICAL: 0, _NULL: 0}
    name, alias, value, quality = "", None, None, None
    for field, content in wire.fields(data):
        if field == _NAME:
            name = _text(content)
        elif field == _ALIAS:
            alias = _number(content)
        elif field in numbers:
            numbers[field] = _number(content)
        elif field == _PROPERTIES:
            quality = _quality(_bytes(content))
        elif _INT <= field <= 19:
            value = (field, content)
    null = bool(numbers[_NULL])
    historical = bool(numbers[_HISTORICAL])
    return Metric(name, alias, numbers[_TIME], numbers[_TYPE], historical, null, value, quality)


def _quality(data: bytes) -> int | None:
    """The property `Quality`; keys and values of a property set stand apart, in one order."""
    keys: list[str] = []
    values: list[bytes] = []
    for field, content in wire.fields(data):
        if field == _KEYS:
            keys.append(_text(content))
        elif field == _VALUES:
            values.append(_bytes(content))
    for key, value in zip(keys, values, strict=False):
        if key == "Quality":
            for field, content in wire.fields(value):
                if field in (_VALUE_INT, _VALUE_LONG):
                    return _number(content)
    return None


def _short(text: str) -> str:
    """What would make a message longer than the intake reads takes no other value with it."""
    if len(text) > _LONGEST_TEXT:
        raise NotStored(f"{len(text)} letters, at most {_LONGEST_TEXT}")
    return text


def value_of(metric: Metric, datatype: int) -> int | float | bool | str | None:
    """The value of a metric of that type; None when it is null. DateTime is in Unix ms, bytes are
    hexadecimal digits. Raises NotStored."""
    if datatype in _COMPOSED:
        raise NotStored(_COMPOSED[datatype])
    if metric.null or metric.value is None:
        return None
    field, content = metric.value
    try:
        kind = DataType(datatype)
    except ValueError:
        raise NotStored(f"type {datatype}") from None
    if kind in _TEXTS and field == _STRING:
        try:
            return _short(_text(content))
        except Malformed as error:
            raise NotStored(str(error)) from None
    if kind in _BLOBS and field == _BYTES:
        return _short(_bytes(content).hex())
    if isinstance(content, bytes):
        raise NotStored(f"{kind.name} in field {field}")
    if kind is DataType.BOOLEAN and field == _BOOLEAN:
        return bool(content)
    if kind in (DataType.FLOAT, DataType.DOUBLE):
        return _float(field, content)
    if field in (_INT, _LONG):
        # Writers differ in how far they extend a sign: only the bits of the type count.
        if width := _SIGNED.get(kind):
            content &= (1 << width) - 1
            return content - (1 << width) if content >> (width - 1) else content
        if width := _UNSIGNED.get(kind):
            return content & (1 << width) - 1
    raise NotStored(f"{kind.name} in field {field}")


def _float(field: int, content: int) -> float | None:
    if field == _FLOAT:
        short = np.frombuffer(struct.pack("<I", content & 0xFFFF_FFFF), "<f4")[0]
        # The shortest decimal that is the same number of 4 bytes: 21.3, not 21.29999923706.
        number = float(str(short))
    elif field == _DOUBLE:
        number = float(struct.unpack("<d", struct.pack("<Q", content))[0])
    else:
        raise NotStored(f"a float in field {field}")
    return number if math.isfinite(number) else None


def write(time_ms: int, metrics: Sequence[bytes], seq: int | None = None) -> bytes:
    """A message of metrics that `metric` wrote."""
    data = wire.number(_TIMESTAMP, time_ms)
    data += b"".join(wire.piece(_METRICS, one) for one in metrics)
    return data if seq is None else data + wire.number(_SEQ, seq)


def flag(name: str, time_ms: int, value: bool) -> bytes:
    """A metric of the type Boolean, as commands have."""
    return (
        wire.piece(_NAME, name.encode())
        + wire.number(_TIME, time_ms)
        + wire.number(_TYPE, DataType.BOOLEAN)
        + wire.number(_BOOLEAN, int(value))
    )


def _number(content: int | bytes) -> int:
    if isinstance(content, bytes):
        raise Malformed("a number was expected")
    return content


def _bytes(content: int | bytes) -> bytes:
    if isinstance(content, int):
        raise Malformed("bytes were expected")
    return content


def _text(content: int | bytes) -> str:
    try:
        return _bytes(content).decode()
    except UnicodeDecodeError:
        raise Malformed("a text is not UTF-8") from None
