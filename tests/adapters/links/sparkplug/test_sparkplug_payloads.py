"""Sparkplug payloads: read as the protobuf library wrote them, and refused when broken."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sparkplug_nodes import metric, number, parsed, payload

from jalon.adapters.links.sparkplug.payload import (
    MAX_BYTES,
    DataType,
    NotStored,
    flag,
    read,
    value_of,
    write,
)
from jalon.adapters.links.sparkplug.wire import Malformed


@pytest.mark.parametrize(
    ("kind", "fields", "value"),
    [
        (DataType.INT8, {"int_value": 0xFF}, -1),
        (DataType.INT8, {"int_value": 0xFFFF_FFFF}, -1),  # some extend the sign to 32 bits
        (DataType.INT16, {"int_value": 0x8000}, -32_768),
        (DataType.INT32, {"int_value": 0xFFFF_FFFE}, -2),
        (DataType.INT64, {"long_value": 2**64 - 1}, -1),
        (DataType.UINT8, {"int_value": 255}, 255),
        (DataType.UINT16, {"int_value": 65_535}, 65_535),
        (DataType.UINT32, {"int_value": 2**32 - 1}, 2**32 - 1),
        (DataType.UINT32, {"long_value": 2**32 - 1}, 2**32 - 1),  # as the Java library writes it
        (DataType.UINT64, {"long_value": 2**64 - 1}, 2**64 - 1),
        (DataType.FLOAT, {"float_value": 21.3}, 21.3),
        (DataType.DOUBLE, {"double_value": -0.1}, -0.1),
        (DataType.DOUBLE, {"float_value": 0.5}, 0.5),
        (DataType.FLOAT, {"float_value": math.nan}, None),
        (DataType.DOUBLE, {"double_value": math.inf}, None),
        (DataType.BOOLEAN, {"boolean_value": True}, True),
        (DataType.BOOLEAN, {"boolean_value": False}, False),
        (DataType.STRING, {"string_value": "été"}, "été"),
        (DataType.TEXT, {"string_value": ""}, ""),
        (DataType.UUID, {"string_value": "c0ffee"}, "c0ffee"),
        (DataType.DATETIME, {"long_value": 1_700_000_000_000}, 1_700_000_000_000),
        (DataType.BYTES, {"bytes_value": b"\x01\xff"}, "01ff"),
        (DataType.INT32, {"is_null": True}, None),
        (DataType.INT32, {"is_null": True, "int_value": 3}, None),
        (DataType.INT32, {}, None),
    ],
)
def test_every_type_is_read(kind: DataType, fields: dict[str, object], value: object) -> None:
    said = read(payload([metric("m", datatype=int(kind), **fields)]))
    assert value_of(said.metrics[0], said.metrics[0].datatype) == value
    assert type(value_of(said.metrics[0], kind)) is type(value)


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        (16, {"dataset_value": {"columns": ["a"]}}, "DataSet"),
        (19, {}, "Template"),
        (20, {}, "PropertySet"),
        (25, {"bytes_value": b"\0"}, "array"),
        (99, {"int_value": 1}, "type 99"),
        (0, {"int_value": 1}, "type 0"),
        (3, {"string_value": "1"}, "INT32 in field 15"),
        (3, {"boolean_value": True}, "INT32 in field 14"),
        (12, {"int_value": 1}, "STRING in field 10"),
    ],
)
def test_what_is_no_reading_says_why(kind: int, fields: dict[str, object], why: str) -> None:
    said = read(payload([metric("m", datatype=kind, **fields)]))
    with pytest.raises(NotStored, match=why):
        value_of(said.metrics[0], kind)


def test_everything_about_a_metric_is_read() -> None:
    data = payload(
        [metric("a/b c", alias=7, timestamp=5, datatype=3, is_historical=True, quality=500)], 255, 9
    )
    said = read(data)
    assert (said.time_ms, said.seq) == (9, 255)
    one = said.metrics[0]
    assert (one.name, one.alias, one.time_ms, one.datatype) == ("a/b c", 7, 5, 3)
    assert (one.historical, one.null, one.quality) == (True, False, 500)


def test_our_commands_are_read_by_the_library() -> None:
    said = parsed(write(1_700_000_000_000, [flag("Node Control/Rebirth", 1_700_000_000_001, True)]))
    assert said.timestamp == 1_700_000_000_000
    assert not said.HasField("seq")
    assert said.metrics[0].name == "Node Control/Rebirth"
    assert said.metrics[0].datatype == DataType.BOOLEAN
    assert said.metrics[0].boolean_value is True
    assert said.metrics[0].timestamp == 1_700_000_000_001


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ("08", "byte 1: a number without an end"),
        ("08" + "ff" * 11, "byte 1: a number without an end"),
        ("12ff01", "byte 3: 255 bytes are announced, there are 0"),
        ("12ffffffffffffffffff01", "are announced, there are 0"),
        ("0b", "byte 0: 3 is no wire type"),
        ("00", "byte 0: 0 is no field number"),
        ("0a00", "a number was expected"),
        ("1001", "bytes were expected"),
        ("12030a01ff", "a text is not UTF-8"),
        ("09000000", "byte 1: 8 bytes are announced, there are 3"),
    ],
)
def test_broken_bytes_are_refused_with_their_place(data: str, where: str) -> None:
    with pytest.raises(Malformed, match=where):
        read(bytes.fromhex(data))


def test_a_payload_has_a_size_that_is_too_much() -> None:
    with pytest.raises(Malformed, match="at most"):
        read(bytes(MAX_BYTES + 1))
    with pytest.raises(Malformed, match="metrics"):
        read(b"\x12\x00" * 20_001)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_payload_or_malformed(data: bytes) -> None:
    try:
        said = read(data)
    except Malformed:
        return
    for one in said.metrics:
        try:
            value_of(one, one.datatype)
        except NotStored:
            continue


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 2**63), st.text())
def test_what_the_library_writes_is_what_we_read(value: float, time_ms: int, name: str) -> None:
    said = read(payload([number(name, value, timestamp=time_ms)], 3, time_ms))
    one = said.metrics[0]
    assert (one.name, one.time_ms, said.time_ms, said.seq) == (name, time_ms, time_ms, 3)
    assert value_of(one, one.datatype) == value
