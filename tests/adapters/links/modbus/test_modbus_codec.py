"""Registers to values, and few reads for many properties."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.links.modbus.codec import (
    MOST_BITS,
    MOST_REGISTERS,
    Entity,
    Point,
    Span,
    Unfit,
    plan,
    points_of,
    unit_of,
    value,
    values,
)
from jalon.run.things import Property

LETTERS = {
    "byte": "b",
    "unsignedByte": "B",
    "short": "h",
    "unsignedShort": "H",
    "int": "i",
    "unsignedInt": "I",
    "long": "q",
    "unsignedLong": "Q",
    "float": "f",
    "double": "d",
}


def registers(octets: bytes, high_byte_first: bool, high_word_first: bool) -> list[int]:
    """The registers of a device that keeps a number in this order; written for the test only."""
    words = [octets[i : i + 2] for i in range(0, len(octets), 2)]
    if not high_word_first:
        words.reverse()
    order = "big" if high_byte_first else "little"
    return [int.from_bytes(word, order) for word in words]  # type: ignore[arg-type]


def point(type: str, quantity: int = 1, **more: Any) -> Point:
    """A point at the beginning of the holding registers."""
    return Point("x", Entity.HOLDING_REGISTER, 0, quantity, type, **more)


@given(st.data(), st.sampled_from(sorted(LETTERS)), st.booleans(), st.booleans())
def test_every_number_comes_back_in_every_order(
    data: st.DataObject, type: str, byte_first: bool, word_first: bool
) -> None:
    letter = LETTERS[type]
    size = struct.calcsize(letter)
    if letter in "fd":
        number: float = data.draw(
            st.floats(width=size * 8, allow_nan=False, allow_infinity=False)  # type: ignore[arg-type]
        )
    else:
        signed = letter.islower()
        low = -(1 << size * 8 - 1) if signed else 0
        number = data.draw(st.integers(low, low + (1 << size * 8) - 1))
    octets = struct.pack(f">{letter}", number).rjust(2, b"\0")
    stored = registers(octets, byte_first, word_first)

    assert (
        value(
            point(type, len(stored), high_byte_first=byte_first, high_word_first=word_first), stored
        )
        == number
    )


@given(st.integers(1, 8), st.booleans(), st.booleans(), st.data())
def test_whole_numbers_of_any_size_come_back(
    quantity: int, byte_first: bool, word_first: bool, data: st.DataObject
) -> None:
    half = 1 << 16 * quantity - 1
    number = data.draw(st.integers(-half, half - 1))
    stored = registers(number.to_bytes(2 * quantity, "big", signed=True), byte_first, word_first)

    found = value(
        point("integer", quantity, high_byte_first=byte_first, high_word_first=word_first), stored
    )
    assert found == number


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=500), max_size=20).map(str.strip)
)
def test_texts_come_back_without_their_filling(text: str) -> None:
    octets = text.encode().ljust(42, b"\0")
    assert value(point("string", 21), registers(octets, True, True)) == text
    assert value(point("string", 21, high_byte_first=False), registers(octets, False, True)) == text


def test_the_orders_are_those_of_the_standard_words() -> None:
    number = bytes([0xAA, 0xBB, 0xCC, 0xDD])
    unsigned = int.from_bytes(number, "big")
    assert value(point("unsignedInt", 2), [0xAABB, 0xCCDD]) == unsigned
    assert value(point("unsignedInt", 2, high_word_first=False), [0xCCDD, 0xAABB]) == unsigned
    assert value(point("unsignedInt", 2, high_byte_first=False), [0xBBAA, 0xDDCC]) == unsigned
    assert value(point("hexBinary", 2), [0xAABB, 0xCCDD]) == "aabbccdd"


def test_a_bit_of_a_register_is_a_boolean() -> None:
    assert value(point("boolean", bit=0), [0b0100]) is False
    assert value(point("boolean", bit=2), [0b0100]) is True
    assert value(point("boolean"), [0b0100]) is True
    assert value(Point("x", Entity.COIL, 0), [True]) is True


def test_a_sensor_torn_off_says_nothing_and_its_neighbours_speak() -> None:
    span = Span((point("float", 2), Point("y", Entity.HOLDING_REGISTER, 2)))
    assert values(span, [0x7FC0, 0, 21]) == ({"y": 21}, ("x",))


POINTS = st.lists(
    st.builds(
        lambda entity, address, quantity, n: Point(
            f"p{n}", entity, address, 1 if entity.is_bits else quantity, "integer"
        ),
        st.sampled_from(list(Entity)),
        st.integers(0, 3000),
        st.integers(1, 30),
        st.integers(0, 10**9),
    ),
    unique_by=lambda one: one.name,
    max_size=60,
)


@given(POINTS, st.integers(0, 60), st.integers(30, 125))
def test_a_plan_reads_every_point_once_and_keeps_within_the_protocol(
    points: list[Point], gap: int, most: int
) -> None:
    spans = plan(points, gap, most)

    assert sorted(one.name for span in spans for one in span.points) == sorted(
        one.name for one in points
    )
    for span in spans:
        bits = span.entity.is_bits
        assert {one.entity for one in span.points} == {span.entity}
        assert span.count <= (MOST_BITS if bits else most)
        covered = {at for one in span.points for at in range(one.address, one.end)}
        holes = [at for at in range(span.start, span.start + span.count) if at not in covered]
        longest = run = 0
        last = -2
        for at in holes:
            run = run + 1 if at == last + 1 else 1
            longest, last = max(longest, run), at
        assert longest <= (gap * 16 if bits else gap)


def test_neighbours_share_a_read_and_strangers_do_not() -> None:
    near = [Point(f"n{i}", Entity.HOLDING_REGISTER, i) for i in range(MOST_REGISTERS)]
    assert [span.count for span in plan(near)] == [MOST_REGISTERS]
    far = [*near, Point("far", Entity.HOLDING_REGISTER, 500)]
    other = [*far, Point("input", Entity.INPUT_REGISTER, 0)]
    assert sorted(span.count for span in plan(other)) == [1, 1, MOST_REGISTERS]


@given(POINTS)
def test_halves_keep_every_point(points: list[Point]) -> None:
    for span in plan(points):
        assert [one for half in span.halves() for one in half.points] == list(span.points)


def declared(form: dict[str, Any], type: str = "number") -> dict[str, Property]:
    """A property with one form."""
    return {"x": Property.model_validate({"type": type, "forms": [form]})}


def test_a_form_says_where_a_property_stands() -> None:
    form = {
        "href": "100?quantity=2",
        "modv:entity": "InputRegister",
        "modv:type": "xsd:float",
        "modv:zeroBasedAddressing": True,
        "modv:mostSignificantWord": False,
        "modv:pollingTime": 500,
    }
    assert points_of(declared(form)) == [
        Point("x", Entity.INPUT_REGISTER, 100, 2, "float", True, False, None, 500)
    ]


def test_addresses_count_from_one_unless_told_otherwise() -> None:
    (found,) = points_of(declared({"href": "1", "modv:function": "readHoldingRegisters"}))
    assert (found.entity, found.address, found.type) == (
        Entity.HOLDING_REGISTER,
        0,
        "unsignedShort",
    )


def test_the_size_of_a_type_need_not_be_said() -> None:
    form = {"href": "1", "modv:entity": "HoldingRegister", "modv:type": "xsd:double"}
    assert points_of(declared(form))[0].quantity == 4


def test_forms_of_other_protocols_and_forms_that_write_are_left_alone() -> None:
    assert points_of(declared({"href": "ns=2;s=x"})) == []
    writing = {"href": "1", "modv:function": "writeSingleCoil"}
    assert points_of(declared(writing)) == []
    assert points_of(declared({"href": "1", "modv:entity": "Coil", "op": "writeproperty"})) == []


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"href": "0"}, "counted from 1"),
        ({"href": "line"}, "“line” is no address"),
        ({"href": "70000"}, "is no address"),
        ({"href": "1?quantity=3", "modv:type": "xsd:float"}, "xsd:float fills 2"),
        ({"href": "1?quantity=2"}, "modv:type"),
        ({"href": "1?quantity=126", "modv:type": "xsd:string"}, "126 registers"),
        ({"href": "1", "modv:type": "float32"}, "“float32” is no value of `modv:type`"),
        ({"href": "1", "modv:entity": "Register"}, "“Register” is no value of `modv:entity`"),
        ({"href": "1", "jalon:bit": 16}, "“16” is no value of `jalon:bit`"),
        ({"href": "1", "modv:mostSignificantWord": "no"}, "true, false"),
        ({"href": "1", "modv:pollingTime": "1 s"}, "milliseconds"),
    ],
)
def test_a_form_that_cannot_be_is_refused_by_name(form: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unfit, match="x: ") as refused:
        points_of(declared({"modv:entity": "HoldingRegister", **form}))
    assert reason in str(refused.value)


@pytest.mark.parametrize("address", [None, "", "300", "248", "0x1", "plc"])
def test_an_address_that_is_no_unit_is_refused(address: str | None) -> None:
    with pytest.raises(Unfit):
        unit_of(address)
    assert [unit_of(" 17 "), unit_of("0"), unit_of("255")] == [17, 0, 255]
